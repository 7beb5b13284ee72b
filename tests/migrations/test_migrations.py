"""Each service's history is one line, gives what the models say, and goes down as well as up."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest
import yaml
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from shared.migrations import alembic_config, head_revision, migrate
from shared.schemas.framework.catalogue import parse_item
from shared.settings import SERVICES, ServiceName
from tests.conftest import Server

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty(server: Server) -> str:
    return server.url(asyncio.run(server.clone(None)))


def read(url: str, statement: str) -> list[object]:
    async def ask() -> list[object]:
        connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(ask())


SHAPE = """
SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY 1, 2
"""
CHECKS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2
"""


@pytest.mark.parametrize("service", SERVICES)
def test_the_history_is_linear_and_numbered(service: ServiceName) -> None:
    script = ScriptDirectory.from_config(alembic_config(service))
    revisions = [one.revision for one in script.walk_revisions()][::-1]
    assert len(script.get_heads()) == 1
    assert revisions == [f"{number:04}" for number in range(1, len(revisions) + 1)]
    for path in (ROOT / "migrations" / service).glob("*.py"):
        assert path.name[:4] in revisions


@pytest.mark.parametrize("service", SERVICES)
def test_the_migrations_give_what_the_models_say(service: ServiceName, empty: str) -> None:
    migrate(service, empty)
    command.check(alembic_config(service, empty))


@pytest.mark.parametrize("service", SERVICES)
def test_up_down_and_up_again_come_to_the_same(service: ServiceName, empty: str) -> None:
    migrate(service, empty)
    shape, checks = read(empty, SHAPE), read(empty, CHECKS)
    for _ in range(int(head_revision(service))):
        migrate(service, empty, "-1")
    assert [row for row in read(empty, SHAPE) if row[0] != "alembic_version"] == []  # type: ignore[index]
    migrate(service, empty)
    assert (read(empty, SHAPE), read(empty, CHECKS)) == (shape, checks)


def test_three_replicas_that_migrate_at_once_wait_for_one_another(empty: str) -> None:
    from subprocess import run
    from sys import executable

    program = f"from shared.migrations import migrate; migrate('audit', {empty!r})"

    def start(_: int) -> int:
        return run([executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60).returncode

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(start, range(3))) == [0, 0, 0]
    assert read(empty, "SELECT version_num FROM alembic_version") == [(head_revision("audit"),)]


def test_a_procedure_applied_before_its_roles_had_codes_is_still_read(empty: str) -> None:
    procedures = yaml.safe_load((ROOT / "framework" / "dorset" / "feedback.yaml").read_text(encoding="utf-8"))
    content = next(one for one in procedures["complaint_procedures"] if one["code"] == "statutory")
    for role in (role for stage in content["stages"] for role in stage.get("people", [])):
        del role["code"]
    script = ScriptDirectory.from_config(alembic_config("feedback"))
    step = next(one for one in script.walk_revisions() if (one.doc or "").startswith("How complaints are handled"))
    migrate("feedback", empty, str(step.down_revision))
    put = f"""
        INSERT INTO framework_item (kind, code, version, content, hash, applied_by)
        VALUES ('complaint_procedures', 'statutory', 1, $json${json.dumps(content)}$json$, '', 'test') RETURNING 1
    """
    assert read(empty, put) == [(1,)]
    migrate("feedback", empty, step.revision)
    ((found,),) = read(empty, "SELECT content FROM framework_item")  # type: ignore[misc]
    procedure = parse_item("complaint_procedures", json.loads(found))
    assert [[role.code for role in stage.people] for stage in procedure.stages][1:3] == [  # type: ignore[attr-defined]
        ["investigating_officer", "independent_person"],
        ["independent_panel_member"],
    ]
