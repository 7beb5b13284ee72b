"""Applying and reading the framework: the names, tools, indicators, boards and rules a council writes as data."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.problems import Fault, Malformed, fault_from_pydantic
from shared.schemas.framework.catalogue import parse_item
from shared.tables import framework_item, framework_item_version

Change = Literal["create", "change", "retire", "reinstate"]
_LOCK = 0x51415046  # one application at a time


@dataclass(frozen=True)
class Item:
    kind: str
    code: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Planned:
    kind: str
    code: str
    change: Change
    fields: tuple[str, ...]
    version: int
    content: dict[str, Any]
    hash: bytes


@dataclass
class Plan:
    changes: list[Planned] = field(default_factory=list)
    unchanged: int = 0


# What a service does with the changed items of a kind, in the same transaction (projections, checks of its own).
Projector = Callable[[AsyncSession, Sequence[Planned]], Awaitable[None]]


# What a service does before the first change, while all still stands as it did.
Before = Callable[[AsyncSession], Awaitable[object]]

# The kinds a service holds, and what it does with each beyond storing it.
Kinds = Mapping[str, Projector | None]


def _validated(kinds: Kinds, items: Sequence[Item]) -> list[tuple[Item, dict[str, Any], bytes]]:
    faults: list[Fault] = []
    good: list[tuple[Item, dict[str, Any], bytes]] = []
    seen: set[tuple[str, str]] = set()
    for index, item in enumerate(items):
        if item.kind not in kinds:
            faults.append(Fault(f"/items/{index}/kind", "unknown_kind", f"this service holds {', '.join(kinds)}"))
            continue
        if (item.kind, item.code) in seen:
            faults.append(Fault(f"/items/{index}/code", "duplicate", "this kind and code stand twice"))
        seen.add((item.kind, item.code))
        try:
            model = parse_item(item.kind, item.content)
        except ValidationError as error:
            prefix = ("items", str(index), "content")
            faults += [fault_from_pydantic(one, prefix) for one in error.errors(include_url=False)[:10]]
            continue
        if getattr(model, "code", item.code) != item.code:
            faults.append(Fault(f"/items/{index}/code", "code", "the item's content has another code"))
        # Hashed without defaults, so that a new optional field of ours is not a change of the council's data.
        digest = hashlib.sha256(canonical(model.model_dump(mode="json", exclude_defaults=True))).digest()
        good.append((item, model.model_dump(mode="json"), digest))
    if faults:
        raise Malformed("Nothing was applied: the framework has faults; see errors.", errors=faults[:100])
    return good


async def make_plan(session: AsyncSession, kinds: Kinds, items: Sequence[Item], retire_missing: bool) -> Plan:
    """Compare with what is applied; raises Malformed naming every fault, having changed nothing."""
    good = _validated(kinds, items)
    rows = (await session.execute(sa.select(framework_item))).all()
    held = {(row.kind, row.code): row for row in rows}
    plan = Plan()
    for item, content, digest in good:
        row = held.pop((item.kind, item.code), None)
        if row is None:
            plan.changes.append(Planned(item.kind, item.code, "create", tuple(content), 1, content, digest))
        elif row.hash == digest and not row.retired:
            plan.unchanged += 1
        else:
            names = tuple(name for name in content if content[name] != row.content.get(name))
            change: Change = "reinstate" if row.retired else "change"
            plan.changes.append(Planned(item.kind, item.code, change, names, row.version + 1, content, digest))
    if retire_missing:
        sent = {item.kind for item in items}
        plan.changes += [
            Planned(row.kind, row.code, "retire", (), row.version + 1, row.content, row.hash)
            for row in held.values()
            if row.kind in sent and not row.retired
        ]
    return plan


async def apply_framework(
    session: AsyncSession,
    caller: Caller,
    kinds: Kinds,
    items: Sequence[Item],
    *,
    retire_missing: bool = False,
    dry_run: bool = False,
    before: Before | None = None,
) -> Plan:
    """Plan, then store every change with its version and let the service project it: all or nothing."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    plan = await make_plan(session, kinds, items, retire_missing)
    if not plan.changes:
        return plan
    # A dry run does the work too and takes it back, so that what only the service itself can refuse is refused now.
    async with session.begin_nested() as attempt:
        if before is not None:
            await before(session)
        await _store(session, caller, plan, kinds)
        if dry_run:
            await attempt.rollback()
    return plan


async def _store(session: AsyncSession, caller: Caller, plan: Plan, kinds: Kinds) -> None:
    rows = [
        {
            "kind": one.kind,
            "code": one.code,
            "version": one.version,
            "content": one.content,
            "hash": one.hash,
            "retired": one.change == "retire",
            "applied_by": caller.subject,
        }
        for one in plan.changes
    ]
    upsert = insert(framework_item)
    new = upsert.excluded
    await session.execute(
        upsert.on_conflict_do_update(
            index_elements=["kind", "code"],
            set_={
                "version": new.version, "content": new.content, "hash": new.hash, "retired": new.retired,
                "applied_by": new.applied_by, "applied_at": sa.func.clock_timestamp(),
            },
        ),
        rows,
    )  # fmt: skip
    await session.execute(
        sa.insert(framework_item_version), [{k: v for k, v in row.items() if k != "hash"} for row in rows]
    )
    for name, project in kinds.items():
        changed = [one for one in plan.changes if one.kind == name]
        if project is not None and changed:
            await project(session, changed)
    counts: dict[str, int] = {}
    for one in plan.changes:
        counts[f"{one.kind}.{one.change}"] = counts.get(f"{one.kind}.{one.change}", 0) + 1
    await record_activity(
        session, caller, "framework.applied", "framework", "framework",
        content=[[one.kind, one.code, one.version] for one in plan.changes], data=counts,
    )  # fmt: skip


async def read_items(session: AsyncSession, kind: str, *, retired: bool = False) -> list[dict[str, Any]]:
    """The content of every item of a kind, in order of code; retired ones only when asked for."""
    statement = sa.select(framework_item.c.content).where(framework_item.c.kind == kind)
    if not retired:
        statement = statement.where(~framework_item.c.retired)
    return list((await session.execute(statement.order_by(framework_item.c.code))).scalars())


def items_in_force(kind: str, moment: datetime | None) -> sa.FromClause:
    """The items of a kind as they stand or stood at a moment, one first applied later as it first was: code, content,
    version, retired."""
    if moment is None:
        now = framework_item.c
        return sa.select(now.code, now.content, now.version, now.retired).where(now.kind == kind).subquery()
    table = framework_item_version.c
    later = table.applied_at > moment
    return (
        sa.select(table.code, table.content, table.version, table.retired)
        .ext(distinct_on(table.code))
        .where(table.kind == kind)
        .order_by(table.code, later, sa.case((later, table.version), else_=-table.version))
        .subquery()
    )


async def read_item(session: AsyncSession, kind: str, code: str) -> dict[str, Any] | None:
    """One item's content; None where it was never applied or is retired."""
    statement = sa.select(framework_item.c.content).where(
        framework_item.c.kind == kind, framework_item.c.code == code, ~framework_item.c.retired
    )
    content: dict[str, Any] | None = (await session.execute(statement)).scalar_one_or_none()
    return content


async def check_codes(session: AsyncSession, kind: str, wanted: Mapping[str, str]) -> None:
    """Raises Malformed for each pointer in `wanted` (pointer -> code) whose code is not an applied item of the kind."""
    if not wanted:
        return
    statement = sa.select(framework_item.c.code).where(
        framework_item.c.kind == kind,
        framework_item.c.code.in_(set(wanted.values())),
        ~framework_item.c.retired,
    )
    known = set((await session.execute(statement)).scalars())
    if faults := unknown_codes(kind, wanted, known):
        raise Malformed("A code is not in the applied framework; see errors.", errors=faults)


def unknown_codes(kind: str, wanted: Mapping[str, str], known: Collection[str]) -> list[Fault]:
    """A fault for each pointer in `wanted` whose code is not known."""
    words = f"this is not the code of one of the {kind.replace('_', ' ')} of the framework"
    return [Fault(pointer, "unknown_code", words) for pointer, code in wanted.items() if code not in known]
