"""Writing commentary and telling it, each time with the figure it speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.commentary import queries
from services.indicator_api.commentary.queries import Row
from services.indicator_api.commentary.subjects import Key, Subject, key_text, owns, read_now
from services.indicator_api.definitions import Definition, read_definitions
from services.indicator_api.places import is_ons_code, read_names
from services.indicator_api.series.known import FIGURES_SCOPE, Known, Veil, period_of
from services.indicator_api.series.wording import shown
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import Clock
from shared.etags import Precondition
from shared.schemas.figures import ValueStatus

Told = dict[str, Any]


async def write(
    session: AsyncSession, caller: Caller, subject: Subject, text: str, match: Precondition, clock: Clock
) -> tuple[Row, bool]:
    """Store a new version unless it says what the last one says of the same figure; returns it and whether it is new.

    It always is for a caller from whom small numbers are hidden: whether the figure is the same would tell of it.
    Raises Stale (412) where the caller had not seen what stands.
    """
    before = await queries.find_current(session, subject.key)
    match.check(None if before is None else before["version"])
    lifted = Veil(lifted=True, threshold=0)
    now = await read_now(session, caller, [subject.key], {subject.definition.code: subject.definition}, lifted)
    figure = now.get(subject.key)
    told = caller.may(FIGURES_SCOPE) or not subject.definition.protects(subject.area)
    if told and before is not None and before["words"] == text and not _differs(_spoken_of(before), figure):
        return before, False
    row = {
        **dict(zip(queries.KEY, subject.key, strict=True)),
        "version": 1 if before is None else before["version"] + 1,
        "words": text,
        "value": None if figure is None else figure.value,
        "value_status": None if figure is None else figure.status,
        "numerator": None if figure is None else figure.numerator,
        "denominator": None if figure is None else figure.denominator,
        "has_figure": figure is not None,
        "written_by": caller.subject,
        "written_at": clock.now(),
    }
    await session.execute(sa.insert(queries.commentary).values(**row))
    await queries.answer_request(session, subject.key, row["written_at"])
    await note(session, caller, "commentary.written", subject.key, {"version": row["version"]}, text)
    return row, True


async def note(
    session: AsyncSession, caller: Caller, action: str, key: Key, data: Mapping[str, Any], content: Any = None
) -> None:
    """Record the deed; the words are only digested."""
    unit = None if is_ons_code(key[1]) else key[1]
    named = dict(zip(queries.KEY, key, strict=True))
    await record_activity(
        session, caller, action, "commentary", key_text(key), content=content, unit=unit, data={**named, **data}
    )


async def told(session: AsyncSession, caller: Caller, rows: Sequence[Row], veil: Veil) -> list[Told]:
    """What was said as this caller may read it: nothing of a figure that is hidden from them, then or now."""
    keys = [queries.key_of(row) for row in rows]
    definitions = await read_definitions(session, {code for code, _, _ in keys}, retired=True)
    names = await read_names(session, sorted({area for _, area, _ in keys}))
    now = await read_now(session, caller, keys, definitions, veil)
    found = []
    for row, key in zip(rows, keys, strict=True):
        definition, figure = definitions[key[0]], now.get(key)
        spoken = _version(definition, row, veil, figure)
        changed = None if spoken["withheld"] else _differs(_spoken_of(row), figure)
        found.append(
            {
                **dict(zip(queries.KEY, key, strict=True)),
                **spoken,
                "key": key_text(key),
                "title": definition.title,
                "area_name": names.get(key[1]),
                "figure_changed_since": changed,
                "allowed_actions": ["comment"] if may_comment(caller, definition, key[1]) else [],
            }
        )
    return found


def may_comment(caller: Caller, definition: Definition, area: str) -> bool:
    """Whoever holds for one unit speaks of units, never of the council's area."""
    return owns(caller, definition) and (caller.unit is None or not is_ons_code(area))


async def told_versions(session: AsyncSession, caller: Caller, rows: Sequence[Row], veil: Veil) -> list[Told]:
    """Every version with the figure it spoke of."""
    if not rows:
        return []
    key = queries.key_of(rows[0])
    definitions = await read_definitions(session, [key[0]], retired=True)
    figure = (await read_now(session, caller, [key], definitions, veil)).get(key)
    return [_version(definitions[key[0]], row, veil, figure) for row in rows]


def _version(definition: Definition, row: Row, veil: Veil, now: Known | None) -> Told:
    spoken = _spoken_of(row)
    hidden = now is not None and now.hidden
    if spoken is not None and not veil.lifted and definition.protects(row["area"]):
        # No past is told: only of the very figure that is shown now.
        hidden = hidden or _differs(spoken, now)
    return {
        "version": row["version"],
        "text": None if hidden else row["words"],
        "withheld": hidden,
        "figure": None if hidden or spoken is None else _figure(definition, spoken),
        "written_by": row["written_by"],
        "written_at": row["written_at"],
    }


def _figure(definition: Definition, one: Known) -> Told:
    return {"value": one.value, "value_status": one.status, "display": shown(definition, one.value, one.status)}


def _spoken_of(row: Row) -> Known | None:
    """The figure as it was when it was commented on."""
    if not row["has_figure"]:
        return None
    numbers = [None if row[name] is None else float(row[name]) for name in ("value", "numerator", "denominator")]
    status = None if row["value_status"] is None else ValueStatus(row["value_status"])
    return Known(period_of(row["period"]), numbers[0], status, numbers[1], numbers[2])


def _differs(then: Known | None, now: Known | None) -> bool:
    if then is None or now is None:
        return then is not now
    return (then.value, then.status) != (now.value, now.status)
