"""The doctor lists references from one service into another that lead nowhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from services.dangling import REFERENCES
from services.doctor import _collect
from shared.activity.sealer import seal_all
from shared.database import open_database
from shared.settings import SERVICES, Settings

LOST = "00000000-0000-7000-8000-000000000001"


def reporting(kind: str) -> str:
    return json.dumps({"sections": [{"items": [{"type": kind, "id": LOST}]}]})


# For each kind of reference: one that leads nowhere, put where the service would have put it.
PUT = {
    "audits in which views were given": ("view_link", {"kind": "audit", "ref": LOST}),
    "actions on weaknesses": ("weakness_link", {"action_ref": LOST}),
    "audits that boards challenge": ("challenge", {"about_kind": "audit", "about_ref": LOST}),
    "indicators that boards challenge": ("challenge", {"about_kind": "indicator", "about_ref": "no_such_indicator"}),
    "complaints that learning came from": ("learning_source", {"kind": "complaint", "reference": LOST}),
    "feedback as evidence of actions and audits": ("action_evidence", {"kind": "feedback", "ref": LOST}),
    "indicators as evidence of actions": ("action_evidence", {"kind": "indicator", "ref": "no_such_indicator"}),
    "actions in reports": ("report_revision", {"content": reporting("action")}),
    "challenges in reports": ("report_revision", {"content": reporting("challenge")}),
}  # fmt: skip


async def put(session: Any, table: str, given: dict[str, str]) -> None:
    """A row of which only the reference matters: every other column that must be is filled with something."""
    await session.execute(sa.text("SET LOCAL session_replication_role = replica"))
    columns = await session.execute(
        sa.text(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = :table"
            " AND is_nullable = 'NO' AND column_default IS NULL"
        ),
        {"table": table},
    )
    plain = {
        "uuid": f"'{uuid4()}'",
        "text": "'x'",
        "date": "now()",
        "timestamp with time zone": "now()",
        "ARRAY": "'{}'",
    }
    values = {name: plain.get(kind, "'{}'" if kind == "jsonb" else "1") for name, kind in columns}
    values |= {name: f"$put${value}$put$" for name, value in given.items()}
    checks = await session.execute(
        sa.text("SELECT conname FROM pg_constraint WHERE conrelid = CAST(:table AS regclass) AND contype = 'c'"),
        {"table": table},
    )
    for (name,) in checks.all():
        await session.execute(sa.text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    statement = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())})"
    await session.execute(sa.text(statement.replace(":", "\\:")))


async def test_every_kind_of_reference_that_leads_nowhere_is_listed(embedded_settings: Callable[..., Settings]) -> None:
    settings = await asyncio.to_thread(embedded_settings)
    # What was prepared for all tests may lie some minutes back, and nobody was there to seal it.
    for service in SERVICES:
        prepared = open_database(service, settings)
        await seal_all(prepared)
        await prepared.close()
    assert [one.what for one in await _collect(settings) if not one.good] == []
    assert {one.what for one in REFERENCES} == set(PUT)
    for reference in REFERENCES:
        database = open_database(reference.service, settings)
        async with database.transaction() as session:
            await put(session, *PUT[reference.what])
        await database.close()
    found = [one for one in await _collect(settings) if not one.good]
    assert [one.what for one in found] == [f"{one.service}: {one.what} are found in {one.target}" for one in REFERENCES]
    for one in found:
        assert one.advice.startswith("1 lead nowhere ("), one
        assert LOST in one.advice or "no_such_indicator" in one.advice
