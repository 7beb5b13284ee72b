"""Keeping providers: what they are, how they were judged, their figures and what was seen there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import first_day
from services.indicator_api.definitions import Definition, read_definition
from services.indicator_api.providers import queries
from services.indicator_api.providers.errors import ReferenceTaken
from services.indicator_api.providers.schemas import JudgementIn, NoteIn, ProviderFigureIn, ProviderIn
from services.indicator_api.series.known import FIGURES_SCOPE
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import Precondition
from shared.ids import new_id
from shared.organisation.units import check_unit
from shared.problems import Fault, Malformed
from shared.schemas.figures import Measure, ValueStatus
from shared.schemas.periods import Period

_FIRST_DAY = date(1990, 1, 1)
_ABSENT = (ValueStatus.c, ValueStatus.z, ValueStatus.x)


def check_day(pointer: str, day: date, today: date) -> None:
    """Raises Malformed for a day that has not come, or that no record reaches back to."""
    if day > today:
        raise _refused(Fault(pointer, "in_future", "this day has not come yet"))
    if day < _FIRST_DAY:
        raise _refused(Fault(pointer, "too_early", f"give a day from {_FIRST_DAY.year} on"))


def _refused(*faults: Fault) -> Malformed:
    return Malformed("This cannot be recorded; see errors.", errors=faults)


async def keep_provider(
    session: AsyncSession, caller: Caller, code: str, body: ProviderIn, match: Precondition, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Create a provider, or change it at the version the caller has seen; says whether it is new."""
    if body.unit is None and caller.unit is not None:
        raise _refused(Fault("/unit", "missing", "give a unit this caller holds for"))
    if body.unit is not None:
        await check_unit(session, caller, body.unit, "/unit")
    await _check_reference(session, code, body.reference)
    table = queries.provider
    new = body.model_dump(mode="python") | {
        "code": code, "version": 1, "recorded_by": caller.subject, "recorded_at": now, "changed_at": now,
    }  # fmt: skip
    created = insert(table).values(new).on_conflict_do_nothing(index_elements=["code"]).returning(table.c.code)
    if (await session.execute(created)).scalar_one_or_none() is not None:
        match.check(None)
        await _note(session, caller, "provider.recorded", new, {"kind": body.kind})
        return new, True
    held = await queries.find_provider(session, caller, code, lock=True)
    if all(held[name] == value for name, value in body.model_dump(mode="python").items()):
        return held, False
    match.check(held["version"])
    changes = body.model_dump(mode="python") | {"version": held["version"] + 1, "changed_at": now}
    await session.execute(sa.update(table).where(table.c.code == code).values(changes))
    await _note(session, caller, "provider.changed", held | changes, {"version": changes["version"]})
    return held | changes, False


async def _check_reference(session: AsyncSession, code: str, reference: str | None) -> None:
    table = queries.provider
    taken = sa.select(table.c.code).where(table.c.reference == reference, table.c.code != code)
    if reference is not None and (await session.execute(taken)).first() is not None:
        raise ReferenceTaken()


async def add_judgement(session: AsyncSession, caller: Caller, code: str, body: JudgementIn, now: datetime) -> bool:
    """Add a grade; the same inspection's grade sent again changes nothing, another grade for it corrects it."""
    held = await queries.find_provider(session, caller, code)
    check_day("/judged_on", body.judged_on, local_date(now))
    table = queries.judgement
    row = body.model_dump() | {"id": new_id(), "provider": code, "recorded_by": caller.subject, "recorded_at": now}
    upsert = insert(table).values(row)
    changes = {name: upsert.excluded[name] for name in ("grade", "source_ref", "recorded_by", "recorded_at")}
    other = sa.or_(
        table.c.grade != upsert.excluded.grade, table.c.source_ref.is_distinct_from(upsert.excluded.source_ref)
    )
    key = ["provider", "framework", "judgement", "judged_on"]
    stored = await session.execute(
        upsert.on_conflict_do_update(index_elements=key, set_=changes, where=other).returning(table.c.id)
    )
    if stored.scalar_one_or_none() is None:
        return False
    await _note(session, caller, "provider.judged", held, body.model_dump(mode="json", exclude={"source_ref"}))
    return True


async def add_figure(session: AsyncSession, caller: Caller, code: str, body: ProviderFigureIn, now: datetime) -> bool:
    """Add a figure, or correct the one of its period; the same again changes nothing.

    Says whether it did; to callers from whom small numbers are hidden always yes, or they could guess what stands.
    """
    held = await queries.find_provider(session, caller, code)
    definition = await read_definition(session, body.indicator)
    if definition is None:
        raise _refused(Fault("/indicator", "unknown_code", "this is not the code of an indicator in force"))
    faults = _faults(definition, body, local_date(now))
    if faults:
        raise _refused(*faults)
    row = body.model_dump(mode="python") | {"value_status": body.value_status and str(body.value_status)}
    standing = [
        one for one in await queries.figures_of(session, code)
        if (one["indicator"], one["period"]) == (body.indicator, body.period)
    ]  # fmt: skip
    if standing and all(standing[0][name] == value for name, value in row.items()):
        return definition.people and not caller.may(FIGURES_SCOPE)
    added = row | {"id": new_id(), "provider": code, "recorded_by": caller.subject, "recorded_at": now}
    await session.execute(sa.insert(queries.figure).values(added))
    await _note(session, caller, "provider.figure_recorded", held, {"indicator": body.indicator, "period": body.period})
    return True


def _faults(definition: Definition, body: ProviderFigureIn, today: date) -> list[Fault]:
    found = []
    period = Period.parse(body.period)
    if period.kind is not definition.period_kind:
        words = definition.period_kind.value.replace("_", " ")
        found.append(Fault("/period", "period_kind", f"this indicator has a figure for each {words}"))
    elif first_day(period) > today:
        found.append(Fault("/period", "period_not_begun", "this period has not begun; there is no figure of it yet"))
    absent = body.value_status in _ABSENT
    if absent == (body.value is not None):
        detail = "give a value, or a value_status of c, z or x that says why there is none: one of the two"
        found.append(Fault("/value", "value_or_status", detail))
    share = definition.measure is Measure.percentage
    if share and body.value is not None and not 0 <= body.value <= 100:
        found.append(Fault("/value", "impossible", "a share is from 0 to 100 per cent"))
    return found


async def add_note(session: AsyncSession, caller: Caller, code: str, body: NoteIn, now: datetime) -> dict[str, Any]:
    """Keep what was seen or heard."""
    held = await queries.find_provider(session, caller, code)
    check_day("/noted_on", body.noted_on, local_date(now))
    row = body.model_dump() | {"id": new_id(), "provider": code, "recorded_by": caller.subject, "recorded_at": now}
    await session.execute(sa.insert(queries.note).values(row))
    await _note(
        session, caller, "provider.noted", held, {"kind": body.kind, "noted_on": body.noted_on.isoformat()}, row
    )
    return row


async def _note(
    session: AsyncSession, caller: Caller, action: str, held: dict[str, Any], data: dict[str, Any],
    content: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    digested = {name: str(value) for name, value in (content or held).items()}
    await record_activity(
        session, caller, action, "provider", held["code"], content=digested, unit=held["unit"], data=data
    )
