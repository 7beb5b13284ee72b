"""Asking for commentary and chasing it: by people, and by definitions that ask by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.commentary import queries
from services.indicator_api.commentary.errors import AlreadyAsked, NothingToChase
from services.indicator_api.commentary.queries import Row, Wanted
from services.indicator_api.commentary.schemas import RequestStatus
from services.indicator_api.commentary.service import Told, may_comment, note
from services.indicator_api.commentary.subjects import Key, Subject, key_text
from services.indicator_api.days import last_day
from services.indicator_api.definitions import Definition, read_definitions
from services.indicator_api.exceptions.lateness import due_on
from services.indicator_api.places import present_codes, read_names
from services.indicator_api.series.derived import with_parts
from services.indicator_api.series.known import Known, Veil, prepared
from services.indicator_api.series.places import Map, Place, read_map
from services.indicator_api.series.queries import read_figures
from services.indicator_api.series.roll_up import Ground
from shared.auth.caller import Caller
from shared.clock import Clock, local_date
from shared.problems import Malformed, NotFound

# Nobody is asked by a definition for a comment on what is past: periods that ended longer ago.
_STILL_NEWS = timedelta(days=365)
_UNCHASED = {"chased": 0, "last_chased_by": None, "last_chased_at": None}


@dataclass(frozen=True)
class Search:
    """Which requests are asked about; None leaves a filter open."""

    wanted: Wanted
    owner_role: str | None = None
    status: RequestStatus | None = None


async def ask(
    session: AsyncSession, caller: Caller, subject: Subject, due: date, message: str | None, now: datetime
) -> tuple[Row, bool]:
    """Ask the owner for a comment; asked again in the same words it stays as it is. Raises AlreadyAsked."""
    before = await queries.find_request(session, subject.key, lock=True)
    if before is not None and before["answered_at"] is None:
        if (before["due_on"], before["message"]) == (due, message):
            return before, False
        raise AlreadyAsked(f"It is due on {before['due_on'].isoformat()}.", due_on=before["due_on"].isoformat())
    row = _row(subject.key, due, message, caller.subject, now)
    await queries.store_request(session, row)
    await note(session, caller, "commentary.asked", subject.key, {"due_on": due.isoformat()}, message)
    return row, True


def _row(key: Key, due: date, message: str | None, by: str | None, at: datetime) -> Row:
    named = dict(zip(queries.KEY, key, strict=True))
    return {
        **named,
        "due_on": due,
        "message": message,
        "asked_by": by,
        "asked_at": at,
        "answered_at": None,
        **_UNCHASED,
    }


async def chase(session: AsyncSession, caller: Caller, subject: Subject, veil: Veil, clock: Clock) -> Row:
    """Record that the owner was reminded; what a definition asks for is kept from then on. Raises NothingToChase."""
    row = await queries.find_request(session, subject.key, lock=True)
    if row is None:
        expected = await _expected(session, caller, Wanted([subject.definition.code]), veil, clock.today())
        row = next((one for one in expected if queries.key_of(one) == subject.key), None)
    if row is None:
        raise NotFound()
    if row["answered_at"] is not None:
        raise NothingToChase("The comment has been written.")
    row = row | {"chased": row["chased"] + 1, "last_chased_by": caller.subject, "last_chased_at": clock.now()}
    await queries.store_request(session, row)
    await note(session, caller, "commentary.chased", subject.key, {"chased": row["chased"]})
    return row


async def read_all(
    session: AsyncSession,
    caller: Caller,
    search: Search,
    veil: Veil,
    day: date,
) -> list[Told]:
    """Every request asked about, by people and by definitions, the longest due first."""
    stored = await queries.read_requests(session, caller, search.wanted)
    kept = {queries.key_of(row) for row in stored}
    expected = [
        row for row in await _expected(session, caller, search.wanted, veil, day) if queries.key_of(row) not in kept
    ]
    rows = await told(session, caller, [*stored, *expected], day)
    found = [
        row
        for row in rows
        if search.owner_role in (None, row["owner_role"]) and (search.status is None or search.status in _standing(row))
    ]
    return sorted(found, key=order_of)


def _standing(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What is overdue is open too."""
    return ("overdue", "open") if row["status"] == "overdue" else (row["status"],)


def order_of(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["due_on"].isoformat(), row["key"]


async def told(session: AsyncSession, caller: Caller, rows: Iterable[Row], day: date) -> list[Told]:
    """Requests as they go out."""
    rows = list(rows)
    definitions = await read_definitions(session, {row["indicator"] for row in rows}, retired=True)
    names = await read_names(session, sorted({row["area"] for row in rows}))
    return [_told(caller, definitions[row["indicator"]], names, row, day) for row in rows]


def _told(caller: Caller, definition: Definition, names: Mapping[str, str], row: Row, day: date) -> Told:
    answered = row["answered_at"] is not None
    overdue = 0 if answered else max(0, (day - row["due_on"]).days)
    actions = []
    if not answered and caller.may("indicator:write"):
        actions.append("chase")
    if may_comment(caller, definition, row["area"]):
        actions.append("comment")
    return {
        **row,
        "key": key_text(queries.key_of(row)),
        "title": definition.title,
        "area_name": names.get(row["area"]),
        "owner_role": definition.content["owner_role"],
        "automatic": row["asked_by"] is None,
        "status": "answered" if answered else "overdue" if overdue else "open",
        "days_overdue": overdue,
        "allowed_actions": actions,
    }


async def _expected(session: AsyncSession, caller: Caller, wanted: Wanted, veil: Veil, day: date) -> list[Row]:
    """What definitions ask for by themselves: a comment on each new figure of the council's own area.

    Nobody is told when a figure came that is hidden from them.
    """
    definitions = {
        code: one
        for code, one in (await read_definitions(session, wanted.indicators or None)).items()
        if one.content.get("commentary_due_days") is not None
    }
    place, known = await _council(session, caller)
    if not definitions or place is None or known is None:
        return []
    if wanted.areas and place.code not in await present_codes(session, list(wanted.areas)):
        return []
    every = await with_parts(session, definitions)
    stored = await read_figures(session, every, known.codes())
    veil = await prepared(session, veil, every, stored)
    written = await queries.read_written(session, definitions, place.code)
    found = []
    for code, definition in definitions.items():
        ground = Ground.of(definition, every, known, stored, veil)
        for figure in ground.series(place):
            period = figure.period.code
            if _is_news(definition, figure, day) and (wanted.periods is None or period in wanted.periods):
                found.append(_asked_by(definition, place, figure, written.get((code, place.code, period))))
    return found


async def _council(session: AsyncSession, caller: Caller) -> tuple[Place | None, Map | None]:
    """The council's own area; nobody who holds for one unit is asked about it."""
    if caller.unit is not None:
        return None, None
    try:
        known = await read_map(session, caller, [])
    except Malformed:
        return None, None
    return next(iter(known.places.values())), known


def _is_news(definition: Definition, figure: Known, day: date) -> bool:
    return figure.recorded_at is not None and day - _STILL_NEWS <= last_day(figure.period) <= day


def _asked_by(definition: Definition, place: Place, figure: Known, written: datetime | None) -> Row:
    """Due so many days after the figure came, or after it was due where it came sooner."""
    assert figure.recorded_at is not None
    begins = max(local_date(figure.recorded_at), due_on(definition, figure.period))
    due = begins + timedelta(days=int(definition.content["commentary_due_days"]))
    row = _row((definition.code, place.code, figure.period.code), due, None, None, figure.recorded_at)
    return row | {"answered_at": written}
