"""`qapf verify` seals what waits, only reads where nothing may be changed, and never ends in a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from services.doctor import _database
from services.operations import _verify
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.database import open_database
from shared.settings import SERVICES
from tests.conftest import Running

AWAY = "postgresql+asyncpg://nobody@127.0.0.1:9/away"
ROOT = Path(__file__).resolve().parents[2]


async def test_it_changes_nothing_where_nothing_may_be_changed(
    audit: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = audit.app.state.settings
    name = make_url(settings.database_url("audit")).database
    async with audit.database.transaction() as session:
        await record_activity(session, Caller(subject="somebody"), "thing.done", "thing", "1")

    async def told(changed: object) -> str:
        capsys.readouterr()
        assert await _verify(changed, ["audit"], None)  # type: ignore[arg-type]
        return capsys.readouterr().out

    held = settings.model_copy(update={"read_only": True})
    assert "audit: whole, 0 sealed, head , 2 not sealed yet" in await told(held)
    async with audit.database.transaction() as session:
        await session.execute(sa.text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    assert ", 2 not sealed yet" in await told(settings)
    database = open_database("audit", settings)
    found = [one async for one in _database("audit", database, settings)]
    assert "audit: changes are taken" in [one.what for one in found if not one.good]
    await database.close()
    async with audit.database.transaction() as session:
        await session.execute(sa.text("SET TRANSACTION READ WRITE"))
        await session.execute(sa.text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))
    assert "audit: whole, 2 sealed" in await told(settings)


async def test_a_database_that_is_away_is_told_and_the_others_are_looked_at(
    audit: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = audit.app.state.settings.model_copy(update={"feedback_database_url": SecretStr(AWAY)})
    assert not await _verify(settings, ["feedback", "audit"], None)
    out = capsys.readouterr().out
    assert "feedback: NOT READ, its database refused (no connection)\n" in out
    assert "audit: whole" in out


def test_a_command_says_in_a_sentence_that_a_database_is_away() -> None:
    urls = {f"QAPF_{service.upper()}_DATABASE_URL": AWAY for service in SERVICES}
    command = [sys.executable, "-m", "services.cli", "migrate", "audit"]
    done = subprocess.run(command, cwd=ROOT, env=urls, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "qapf: a database cannot be used now (no connection)" in done.stderr
    assert "Traceback" not in done.stderr
