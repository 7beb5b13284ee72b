"""Storing registrations: what is new, what changed with its past kept, and what is said of a person for all checks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.registrations.queries import HELD, KEY, PERSON, history, registration
from services.indicator_api.registrations.schemas import RegistrationIn
from shared.auth.caller import Caller

# The first letters of "registrations", as any lock of this service's database that nothing else takes.
LOCK = 0x726567697374
Key = tuple[str, str, str]
_SAID = (*PERSON, *HELD)


@dataclass
class Outcome:
    """What a batch does: new rows, rows that stand differently (with what stood before), and counts of its own rows."""

    created: list[dict[str, Any]] = field(default_factory=list)
    replaced: list[tuple[dict[str, Any], Mapping[str, Any]]] = field(default_factory=list)
    changed: int = 0
    unchanged: int = 0


def key_of(body: RegistrationIn) -> Key:
    return body.staff_ref, body.kind.value, body.body or ""


async def lock_held(session: AsyncSession, people: Collection[str]) -> dict[Key, dict[str, Any]]:
    """Every row of these people, locked, by its key."""
    statement = (
        sa.select(registration)
        .where(registration.c.staff_ref == sa.func.any(sa.cast(sorted(people), sa.ARRAY(sa.Text))))
        .order_by(*(registration.c[name] for name in KEY))
        .with_for_update()
    )
    rows = (await session.execute(statement)).mappings()
    return {(row["staff_ref"], row["kind"], row["body"]): dict(row) for row in rows}


def compare(sent: Sequence[RegistrationIn], stored: Mapping[Key, Mapping[str, Any]]) -> Outcome:
    """What storing the rows would do. A person's unit, family and time in post hold for all of their checks."""
    outcome, seen = Outcome(), set()
    people: dict[str, dict[str, Any]] = {}
    for body in sent:
        said = body.model_dump()
        people[body.staff_ref] = {name: said[name] for name in PERSON}
        row = {**dict(zip(KEY, key_of(body), strict=True)), **{name: said[name] for name in _SAID}}
        held = stored.get(key_of(body))
        seen.add(key_of(body))
        if held is None:
            outcome.created.append(row)
        elif any(held[name] != row[name] for name in _SAID):
            outcome.changed += 1
            outcome.replaced.append((row, held))
        else:
            outcome.unchanged += 1
    for key, held in stored.items():
        person = people.get(held["staff_ref"])
        if key not in seen and person is not None and any(held[name] != person[name] for name in PERSON):
            outcome.replaced.append(({name: held[name] for name in (*KEY, *HELD)} | person, held))
    return outcome


async def store(session: AsyncSession, caller: Caller, outcome: Outcome, now: datetime) -> None:
    """Write what the comparison found; what stood before goes to the history."""
    by = {"recorded_by": caller.subject, "recorded_at": now}
    rows = [row | by | {"revision": 1} for row in outcome.created]
    rows += [row | by | {"revision": held["revision"] + 1} for row, held in outcome.replaced]
    if outcome.replaced:
        ended = {"superseded_by": caller.subject, "superseded_at": now}
        await session.execute(sa.insert(history), [dict(held) | ended for _, held in outcome.replaced])
    if rows:
        upsert = insert(registration)
        names = (*_SAID, *by, "revision")
        await session.execute(
            upsert.on_conflict_do_update(index_elements=KEY, set_={name: upsert.excluded[name] for name in names}),
            rows,
        )
