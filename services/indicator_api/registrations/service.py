"""What the register says: a summary for everybody, persons for those who may see them, figures for the indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.registrations import queries
from services.indicator_api.registrations.schemas import (
    BodyCountsOut,
    CheckOut,
    CountsOut,
    FamilyCountsOut,
    KindCountsOut,
    RecordOut,
    RegistrationSummaryOut,
    UnitCountsOut,
)
from services.indicator_api.registrations.standing import (
    Check,
    Counts,
    Tally,
    above,
    checks_on,
    count,
    count_by,
    tally,
)
from shared.auth.caller import Caller
from shared.organisation.units import units_below, visible_units
from shared.problems import NotFound
from shared.schemas.framework.workforce import RegistrationKind


@dataclass(frozen=True)
class Wanted:
    """Of whom and of what the register is asked, on which day."""

    on: date
    unit: str | None = None
    kind: RegistrationKind | None = None
    body: str | None = None


async def visible(session: AsyncSession, caller: Caller, unit: str | None) -> frozenset[str] | None:
    """The units asked about that the caller may see; None is all. Raises NotFound for one that is not theirs."""
    allowed = await visible_units(session, caller)
    if unit is None:
        return allowed
    below = await units_below(session, unit)
    if not below or (allowed is not None and unit not in allowed):
        raise NotFound()
    return below


async def read_checks(session: AsyncSession, caller: Caller, wanted: Wanted) -> tuple[list[Check], int]:
    """The required checks that are asked about, and how many people are in post."""
    held = await queries.read_held(session, wanted.on, await visible(session, caller, wanted.unit))
    checks = checks_on(held, await queries.read_families(session), wanted.on)
    asked = [
        check
        for check in checks
        if wanted.kind in (None, check.kind) and (wanted.body is None or check.body == wanted.body)
    ]
    return asked, len({one.staff_ref for one in held})


async def summarise(session: AsyncSession, caller: Caller, wanted: Wanted) -> RegistrationSummaryOut:
    """Counts in all, by unit from the top, by kind, by body and by what each role family requires."""
    checks, staff = await read_checks(session, caller, wanted)
    tallied = tally(checks, wanted.on)
    families, bodies = await queries.read_families(session), await queries.read_bodies(session)
    by_kind = count_by(tallied, lambda group: [group.kind])
    by_body = count_by(tallied, lambda group: [group.body] if group.body else [])
    by_family = count_by(tallied, lambda group: [(group.role_family, group.kind)])
    return RegistrationSummaryOut(
        on=wanted.on,
        unit=wanted.unit,
        kind=wanted.kind,
        staff=staff,
        total=CountsOut(**_counts(count(tallied))),
        by_unit=await _by_unit(session, caller, wanted, tallied),
        by_kind=[KindCountsOut(kind=kind, **_counts(by_kind[kind])) for kind in sorted(by_kind)],
        by_body=[
            BodyCountsOut(body=code, name=bodies.get(code, code), **_counts(found))
            for code, found in sorted(by_body.items())
        ],
        by_role_family=[
            FamilyCountsOut(
                role_family=family, kind=kind, name=families[family].name if family in families else family,
                without=found.required - found.valid, **_counts(found),
            )
            for (family, kind), found in sorted(by_family.items())
        ],
    )  # fmt: skip


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "required": counts.required,
        "valid": counts.valid,
        "lapsed": counts.lapsed,
        "missing": counts.missing,
        "valid_percentage": counts.valid_percentage,
        **{f"expiring_{days}": number for days, number in counts.expiring.items()},
    }


async def by_unit(session: AsyncSession, caller: Caller, unit: str | None, tallied: Tally) -> dict[str, Counts]:
    """Counts of each unit with those below it, the top first; of none above what the caller may see or asks about."""
    shown = await visible(session, caller, unit)
    tree = await queries.read_tree(session)
    parents: dict[str, str | None] = {row.code: row.parent for row in tree if shown is None or row.code in shown}
    found = count_by(tallied, lambda group: above(group.unit, parents))
    return {code: found[code] for code in sorted(found, key=lambda code: (len(above(code, parents)), code))}


async def _by_unit(session: AsyncSession, caller: Caller, wanted: Wanted, tallied: Tally) -> list[UnitCountsOut]:
    names = {row.code: row.name for row in await queries.read_tree(session)}
    found = await by_unit(session, caller, wanted.unit, tallied)
    return [UnitCountsOut(unit=code, name=names[code], **_counts(counts)) for code, counts in found.items()]


def check_out(check: Check, on: date) -> CheckOut:
    return CheckOut(
        staff_ref=check.staff_ref,
        unit=check.unit,
        role_family=check.role_family,
        kind=check.kind,
        body=check.body or None,
        state=check.state,
        valid_from=check.valid_from,
        expires_on=check.expires_on,
        next_check_due=check.next_check_due,
        lapses_on=check.lapses_on,
        days_left=None if check.lapses_on is None else (check.lapses_on - on).days,
    )


def record_out(row: Mapping[str, Any]) -> RecordOut:
    plain = {name: row[name] for name in RecordOut.model_fields}
    return RecordOut(**plain | {"body": row["body"] or None})
