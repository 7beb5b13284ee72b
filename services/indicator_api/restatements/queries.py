"""Reading what changed: each superseded figure beside the one that took its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import Definition
from services.indicator_api.models import metadata
from services.indicator_api.places import has_ons_code, present_codes, readable
from services.indicator_api.restatements.schemas import RestatementKind
from shared.auth.caller import Caller

_past, _now = metadata.tables["observation_history"], metadata.tables["observation"]
_import = metadata.tables["observation_import"]
_next = _past.alias("next")
_KEY = ("indicator", "area", "period", "breakdown")
_STATE = (
    "numerator", "denominator", "value", "value_status", "provisional", "source_ref", "definition_version",
    "import_id", "recorded_at",
)  # fmt: skip
_NUMBERS = frozenset({"numerator", "denominator", "value"})
ORDER = ("superseded_at", *_KEY, "revision")


@dataclass(frozen=True)
class Wanted:
    """Which changes are asked for; an empty filter is open."""

    since: datetime | None
    until: datetime | None
    indicators: Sequence[str]
    areas: Sequence[str]
    period: str | None
    kinds: Sequence[RestatementKind]


def _after(name: str) -> sa.ColumnElement[Any]:
    """What took a figure's place: its next past, or the figure that stands."""
    return sa.case((_next.c.indicator.is_not(None), _next.c[name]), else_=_now.c[name])


def _changed(*names: str) -> sa.ColumnElement[bool]:
    return sa.or_(*(_past.c[name].is_distinct_from(_after(name)) for name in names))


_KIND = sa.case(
    (_changed("value"), RestatementKind.value.value),
    (_changed("value_status"), RestatementKind.status.value),
    (sa.and_(_past.c.provisional, ~_after("provisional")), RestatementKind.finalised.value),
    (sa.and_(~_past.c.provisional, _after("provisional")), RestatementKind.reopened.value),
    (_changed("numerator", "denominator"), RestatementKind.parts.value),
    else_=RestatementKind.provenance.value,
)


def _number(name: str, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(column, sa.Double()) if name in _NUMBERS else column


def _follows(table: sa.FromClause) -> sa.ColumnElement[bool]:
    same = [table.c[name] == _past.c[name] for name in _KEY]
    return sa.and_(*same, table.c.revision == _past.c.revision + 1)


async def list_changes(
    session: AsyncSession,
    caller: Caller,
    wanted: Wanted,
    secret: Sequence[Definition],
    after: Sequence[Any] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Changes this caller may see, the latest first, from behind a place in that order; of the secret indicators only
    what an official body publishes."""
    columns: list[Any] = [_past.c[name] for name in (*_KEY, "revision", "superseded_at")]
    columns += [_number(name, _past.c[name]).label(f"before_{name}") for name in _STATE]
    columns += [_number(name, _after(name)).label(f"after_{name}") for name in _STATE]
    statement = (
        sa.select(*columns, _KIND.label("kind"), _import.c.recorded_by, _import.c.reason)
        .join_from(_past, _next, _follows(_next), isouter=True)
        .join(_now, _follows(_now), isouter=True)
        .join(_import, _import.c.id == _past.c.superseded_by, isouter=True)
        .where(await readable(session, caller, _past.c.area), _KIND.in_([one.value for one in wanted.kinds]))
    )
    if secret:
        published = [one.code for one in secret if one.published_by is not None]
        official = sa.and_(_past.c.indicator.in_(published), has_ons_code(_past.c.area))
        statement = statement.where(sa.or_(_past.c.indicator.not_in([one.code for one in secret]), official))
    if wanted.since is not None:
        statement = statement.where(_past.c.superseded_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(_past.c.superseded_at < wanted.until)
    if wanted.indicators:
        statement = statement.where(_past.c.indicator.in_(wanted.indicators))
    if wanted.areas:
        statement = statement.where(_past.c.area.in_(await present_codes(session, list(wanted.areas))))
    if wanted.period is not None:
        statement = statement.where(_past.c.period == wanted.period)
    if after is not None:
        statement = statement.where(_behind(after))
    order = [_past.c.superseded_at.desc(), *(_past.c[name] for name in _KEY), _past.c.revision]
    rows = await session.execute(statement.order_by(*order).limit(limit))
    return [dict(row) for row in rows.mappings()]


def _behind(after: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Behind a place: earlier, or at the same moment under a later key."""
    moment, *rest = after
    key = sa.tuple_(*(_past.c[name] for name in (*_KEY, "revision")))
    same = sa.and_(_past.c.superseded_at == moment, key > sa.tuple_(*(sa.literal(part) for part in rest)))
    return sa.and_(_past.c.superseded_at <= moment, sa.or_(_past.c.superseded_at < moment, same))
