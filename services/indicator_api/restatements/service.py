"""What was restated since a day, as a caller may know it, each change told in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import day_in_words, in_words
from services.indicator_api.definitions import Definition, read_definitions
from services.indicator_api.places import read_names
from services.indicator_api.restatements import queries
from services.indicator_api.restatements.queries import Wanted
from services.indicator_api.restatements.schemas import RestatementKind
from services.indicator_api.series.known import Veil, period_of
from services.indicator_api.series.wording import inside, moved, shown
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.extracts.instants import read_instant
from shared.paging import Cursor, cursor_key
from shared.schemas.figures import Measure, ValueStatus

Change = dict[str, Any]
_ABOUT = {
    RestatementKind.finalised: "its provisional figure of {before} was made final",
    RestatementKind.reopened: "its figure of {before} was made provisional again",
    RestatementKind.parts: "its figure of {before} stayed, but what it is made of changed",
    RestatementKind.provenance: "its figure of {before} stayed, but its source or definition changed",
}
_LOST = "its figure of {{before}} stayed, but its {parts} {verb} lost{interval}"


async def list_restatements(
    session: AsyncSession, caller: Caller, wanted: Wanted, at: Cursor, veil: Veil
) -> list[Change]:
    """One change more than the page. What is hidden leaves no trace: not in the page, its length or its cursor."""
    definitions = await read_definitions(session, wanted.indicators or None, retired=True)
    # That a count of people changed, and by how much, tells of it: its past is kept from whoever may not know it.
    secret = [] if veil.lifted else [one for one in definitions.values() if one.people]
    rows = await queries.list_changes(session, caller, wanted, secret, _place_of(at), at.fetch)
    names = await read_names(session, sorted({row["area"] for row in rows}))
    return [_told(definitions[row["indicator"]], names, row) for row in rows]


def _place_of(at: Cursor) -> Sequence[Any] | None:
    if at.after is None:
        return None
    moment, *rest = at.after
    return [*cursor_key([moment], read_instant), *rest]


def key_of(change: Mapping[str, Any]) -> list[Any]:
    return [change["restated_at"].isoformat(), *(change["key"])]


def _state(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    start = f"{prefix}_"
    return {name.removeprefix(start): value for name, value in row.items() if name.startswith(start)}


def _status(state: Mapping[str, Any]) -> ValueStatus | None:
    return None if state["value_status"] is None else ValueStatus(state["value_status"])


def _told(definition: Definition, names: Mapping[str, str], row: Change) -> Change:
    before, after = ({**state, "display": _display(definition, state)} for state in _states(row))
    change, percent = _size(before["value"], after["value"])
    told = {
        "indicator": definition.code,
        "title": definition.title,
        "area": row["area"],
        "area_name": names.get(row["area"]),
        "period": row["period"],
        "breakdown": row["breakdown"] or None,
        "kind": RestatementKind(row["kind"]),
        "before": before,
        "after": after,
        "change": change,
        "change_percent": percent,
        "restated_at": row["superseded_at"],
        "restated_by": row["recorded_by"],
        "reason": row["reason"],
        "key": [row[name] for name in queries.ORDER[1:]],
    }
    return told | {"sentence": _sentence(definition, told)}


def _states(row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return _state(row, "before"), _state(row, "after")


def _display(definition: Definition, state: Mapping[str, Any]) -> str:
    return shown(definition, state["value"], _status(state))


def _size(before: float | None, after: float | None) -> tuple[float | None, float | None]:
    """The change and its size in per cent of the figure before, without the noise of binary fractions."""
    if before is None or after is None:
        return None, None
    change = float(f"{after - before:.12g}")
    return change, round(change * 100 / abs(before), 1) if before else None


def _lost(definition: Definition, told: Mapping[str, Any]) -> str | None:
    """What is said where the same ratio was sent again without what it is made of."""
    had, has = told["before"], told["after"]
    parts = [name for name in ("numerator", "denominator") if had[name] is not None and has[name] is None]
    if told["kind"] is not RestatementKind.parts or not parts:
        return None
    interval = ", and with it its interval," if definition.measure in (Measure.percentage, Measure.rate) else ""
    return _LOST.format(parts=" and ".join(parts), verb="were" if len(parts) > 1 else "was", interval=interval)


def _sentence(definition: Definition, told: Mapping[str, Any]) -> str:
    place = inside(told["area_name"] or told["area"])
    part = f" ({told['breakdown']})" if told["breakdown"] else ""
    before, after = told["before"]["display"], told["after"]["display"]
    words = f"was restated from {before} to {after}"
    about = _lost(definition, told) or _ABOUT.get(told["kind"])
    if about is not None:
        words = about.format(before=before)
    elif told["change_percent"] is not None and told["change"]:
        words += f", {moved(definition, told['before']['value'], told['after']['value'], places=1)}"
    subject = f"{told['title']}{part}: {place} the figure for {in_words(period_of(told['period']))}"
    if about is not None:
        subject = f"{told['title']}{part}: {place} for {in_words(period_of(told['period']))}"
    day = day_in_words(local_date(told["restated_at"]))
    why = f" Reason given: {told['reason'].rstrip('.')}." if told["reason"] else ""
    return f"{subject} {words} on {day}.{why}"
