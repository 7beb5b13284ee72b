"""Quarters as they were told to those who may not see true figures: made once, kept, and added up to years."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.counting import KINDS, NO_GROUP, THEME_LISTS, Asked
from services.feedback_api.models import ProtectedRelease, table_of
from services.feedback_api.protection import Shield
from services.feedback_api.spans import told_from
from services.feedback_api.summary.queries import (
    Scope,
    count_complaints,
    count_views,
    read_names,
    read_stages,
    read_units,
)
from services.feedback_api.summary.release import Frame, KindShown, protect_kind
from services.feedback_api.summary.service import build_summary
from services.feedback_api.summary.trees import Shown
from services.feedback_api.tallies import count_together
from shared.activity.record import record_activity
from shared.auth.caller import system_caller
from shared.clock import local_date
from shared.database import Database
from shared.database_errors import DATABASE_ERRORS, takes_nothing
from shared.schemas.feedback_summary import FeedbackSummary
from shared.schemas.periods import Period, PeriodError, PeriodKind

_RELEASE = table_of(ProtectedRelease)
_QUARTER = PeriodKind.financial_quarter


@dataclass(frozen=True)
class Release:
    """What was told of one quarter, or of the quarters of a year together."""

    summaries: Sequence[FeedbackSummary]
    kinds: Mapping[str, KindShown]


def quarters_of(span: Period) -> list[Period]:
    """The whole quarters that a period is made of; none where it cuts through one, or time as we know it ends."""
    try:
        found = [Period.containing(_QUARTER, span.start)]
        while found[-1].end < span.end:
            found.append(found[-1].successor)
    except PeriodError:
        return []
    return found if found[0].start == span.start and found[-1].end == span.end else []


async def read_release(
    database: Database, quarters: Sequence[Period], now: datetime, threshold: int, by: str, *, read_only: bool = False
) -> Release | None:
    """The quarters as they were told, made now where that has not been done; None before the last one is told.

    None too where one cannot be kept just now: made again later it may be another, and the two would tell more.
    """
    if not quarters or local_date(now) < told_from(quarters[-1]):
        return None
    parts = []
    for quarter in quarters:
        async with database.snapshot() as session:
            content = await _kept(session, quarter)
            made, records = (_read(content), 0) if content else await _make(session, quarter, now, threshold)
        # A quarter without any record is not told yet: it may only not have been loaded.
        if records:
            if read_only:
                return None
            try:
                made = await _keep(database, quarter, made, now, threshold, by)
            except DATABASE_ERRORS as error:
                if takes_nothing(error):
                    return None
                raise
        parts.append(made)
    return _together(parts)


async def _kept(session: AsyncSession, quarter: Period) -> dict[str, Any] | None:
    kept = sa.select(_RELEASE.c.content).where(_RELEASE.c.period == quarter.code)
    content: dict[str, Any] | None = (
        await session.execute(kept.order_by(_RELEASE.c.edition.desc()).limit(1))
    ).scalar_one_or_none()
    return content


async def _keep(database: Database, quarter: Period, made: Release, now: datetime, threshold: int, by: str) -> Release:
    """Of two that are made at once the first is told to both readers."""
    values = {"period": quarter.code, "edition": 1, "made_at": now, "made_by": by, "threshold": threshold}
    async with database.transaction() as session:
        statement = insert(_RELEASE).values(**values, content=_written(made)).on_conflict_do_nothing()
        if (await session.execute(statement.returning(_RELEASE.c.edition))).scalar_one_or_none() is not None:
            told = {"period": quarter.code, "threshold": threshold}
            await record_activity(
                session, system_caller("feedback"), "quarter.told", "protected_release", quarter.code, data=told
            )
        content = await _kept(session, quarter)
    assert content is not None
    return _read(content)


def _written(release: Release) -> dict[str, Any]:
    (summary,) = release.summaries
    return {
        "summary": summary.model_dump(mode="json"),
        "kinds": {kind: asdict(shown) for kind, shown in release.kinds.items()},
    }


def _read(content: Mapping[str, Any]) -> Release:
    kinds = {
        kind: KindShown(**shown | {"pairs": [(one, other, both) for one, other, both in shown["pairs"]]})
        for kind, shown in content["kinds"].items()
    }
    return Release([FeedbackSummary.model_validate(content["summary"], strict=False)], kinds)


async def _make(session: AsyncSession, quarter: Period, now: datetime, threshold: int) -> tuple[Release, int]:
    """The protected tables of a quarter as it stands, and how many records they are of."""
    scope = Scope(quarter.start, quarter.end, None, None, local_date(now))
    views, complaints = await count_views(session, scope), await count_complaints(session, scope)
    names, titles = await read_names(session, quarter.start, quarter.end), await read_stages(session)
    groups = list(names["respondent_groups"])
    frame = Frame(await read_units(session), list(names["themes"]), [*groups, NO_GROUP])
    shield = Shield(threshold)
    summary = build_summary(
        quarter, None, None, views, complaints, names, titles, shield, now, protected=True, units={}, themes={}
    )
    totals = {"views": summary.views, "complaints": summary.complaints.received, "compliments": summary.compliments}
    of_views = {tally.code: tally.count for tally in summary.respondent_groups}
    kinds, records = {}, 0
    for kind in KINDS:
        counts = await count_together(session, kind, Asked(quarter.start, quarter.end), THEME_LISTS)
        records += counts.records
        shown = of_views if kind == "views" else None
        kinds[kind] = protect_kind(counts, frame, totals[kind], shown, threshold)
    return Release([summary], kinds), records


def _together(parts: Sequence[Release]) -> Release:
    """Figures of several quarters: each the sum of theirs, so that nothing is told that they do not tell."""
    if len(parts) == 1:
        return parts[0]
    kinds = {kind: add_kinds([part.kinds[kind] for part in parts]) for kind in parts[0].kinds}
    return Release([summary for part in parts for summary in part.summaries], kinds)


def add(counts: Iterable[int | None]) -> int | None:
    """The sum, or None where one of them is hidden."""
    whole = 0
    for count in counts:
        if count is None:
            return None
        whole += count
    return whole


def add_shown(parts: Sequence[Shown]) -> Shown:
    """The sums by code; a code that a part does not have is nought there."""
    codes = sorted({code for part in parts for code in part})
    return {code: add(part.get(code, 0) for part in parts) for code in codes}


def add_kinds(parts: Sequence[KindShown]) -> KindShown:
    """The tables of several kinds or quarters added up, cell by cell."""

    def crossed(of: Callable[[KindShown], Mapping[str, Shown]]) -> dict[str, Shown]:
        # A theme that a part does not show has no row there, and none here.
        themes = [theme for theme, count in themed.items() if count is not None]
        return {theme: add_shown([of(part).get(theme, {}) for part in parts]) for theme in themes}

    themed = add_shown([part.themes for part in parts])
    pairs = [{(one, other): both for one, other, both in part.pairs} for part in parts]
    everywhere = set(pairs[0]).intersection(*pairs[1:])
    return KindShown(
        records=add(part.records for part in parts),
        own=add_shown([part.own for part in parts]),
        whole=add_shown([part.whole for part in parts]),
        themed=add(part.themed for part in parts),
        themed_units=add_shown([part.themed_units for part in parts]),
        themed_groups=add_shown([part.themed_groups for part in parts]),
        themes=themed,
        by_unit=crossed(lambda part: part.by_unit),
        by_group=crossed(lambda part: part.by_group),
        pairs=[(*pair, sum(part[pair] for part in pairs)) for pair in sorted(everywhere)],
    )
