"""What the services say of their data is whole: no table is forgotten, and nothing points at what will be gone."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from shared.privacy.holdings import Holdings
from shared.privacy.reach import beside, deletions, loosening, on_hold
from shared.schemas.framework.tree import read_tree
from shared.settings import SERVICES, ServiceName
from shared.tables import platform
from tests.conftest import ROOT, Running


def holdings_of(service: ServiceName) -> Holdings:
    from importlib import import_module

    found: Holdings = import_module(f"services.{service}_api.holdings").HOLDINGS
    return found


ALL = {service: holdings_of(service) for service in SERVICES}


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_is_declared_once_as_somebodys_or_nobodys(service: ServiceName) -> None:
    held = ALL[service]
    declared = {table for kind in held.kinds for table in kind.tables}
    own = {table.name for table in held.metadata.sorted_tables if table.name not in platform.tables}
    assert declared - {"read_log"} | set(held.impersonal) == own
    # A history that hangs from its record by no key of the database is deleted along.
    assert declared & set(held.impersonal) == set()
    names = [kind.name for kind in held.kinds]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("service", SERVICES)
def test_no_reference_is_left_hanging(service: ServiceName) -> None:
    held = ALL[service]
    for kind in held.kinds:
        loose = {(one.table, one.column) for one in kind.loosened}
        for table in held.metadata.sorted_tables:
            for key in table.foreign_key_constraints:
                own = {(table.name, column.name) for column in key.columns}
                inside = table.name in kind.tables
                if key.referred_table.name not in kind.tables or own & loose:
                    continue
                if table.name == key.referred_table.name:
                    # To its own kind: it follows, or the declaration waits until nothing points at it.
                    (column,) = key.columns
                    waits = f".{column.name} = r.id" in kind.day
                    assert kind.follows.get(table.name) == column.name or waits or kind.parts, (kind.name, table.name)
                    continue
                waits = table.name in kind.day
                assert inside or waits, f"{kind.name}: {table.name} still points at {key.referred_table.name}"


def test_every_period_of_dorset_is_somebodys_and_every_kind_has_one() -> None:
    tree = read_tree(ROOT / "framework" / "dorset")
    applied = {one["code"] for one in tree.entries_for("audit") if one["kind"] == "retention"}
    used = {kind.retention for held in ALL.values() for kind in held.kinds}
    # The platform's own housekeeping keeps these two.
    assert used | {"activity", "idempotency_keys"} == applied


@pytest.mark.parametrize("service", SERVICES)
def test_where_an_account_may_stand_is_declared(service: ServiceName) -> None:
    held = ALL[service]
    accounts = {
        column.name
        for table in held.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.Text) and column.name.endswith("_by")
    }
    assert accounts - held.staff - {"stratify_by"} == set()


async def test_every_statement_that_a_declaration_makes_can_be_run(any_service: Running) -> None:
    held: Holdings = any_service.app.state.holdings
    async with any_service.database.transaction() as session:
        for kind in held.kinds:
            statements = [
                f"SELECT ({kind.day}), {on_hold(held.metadata, kind)} FROM {kind.table} r",
                *(f"SELECT FROM {kind.table} r WHERE {where.format(ref=':ref')}" for where in kind.concerns.values()),
                *loosening(held.metadata, kind),
                *(statement for _, statement in deletions(held.metadata, kind)),
                *(f"SELECT FROM {name} WHERE {where}" for name, where in beside(held.metadata, kind)),
            ]
            for statement in statements:
                names = set(re.findall(r"(?<!:):(keys|ref)\b", statement))
                given = {"keys": "[]", "ref": "nobody"}
                await session.execute(sa.text(statement), {name: given[name] for name in names})
        for one in held.mentions:
            where, strike = (part.format(ref="CAST(:ref AS text)") for part in (one.where, one.strike))
            await session.execute(sa.text(f"UPDATE {one.table} r SET {strike} WHERE {where}"), {"ref": "nobody"})
