"""The route of the theme analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.counting import KINDS, THEME_LISTS, Asked
from services.feedback_api.parameters import CodeFilter
from services.feedback_api.references import units_in_view
from services.feedback_api.spans import span_of
from services.feedback_api.summary import analysis
from services.feedback_api.summary.analysis_schemas import Of, ThemeAnalysis
from services.feedback_api.summary.individuals import read_individuals, require_individual
from services.feedback_api.summary.levels import level_of
from services.feedback_api.summary.protected import why_withheld
from services.feedback_api.summary.queries import Scope, read_names, read_units
from services.feedback_api.summary.release import KindShown
from services.feedback_api.summary.releases import quarters_of, read_release
from services.feedback_api.summary.routes import LevelOf
from services.feedback_api.summary.service import SENTIMENTS, Names
from services.feedback_api.summary.trees import Unit
from services.feedback_api.tallies import count_together
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import local_date
from shared.database import Database
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.feedback_summary import Level, SentimentOut
from shared.schemas.periods import FIRST_YEAR, Period, PeriodCode
from shared.settings import Settings
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["themes"], route_class=StrictRoute)
Kinds = Mapping[str, KindShown]


@dataclass(frozen=True)
class Question:
    """What is asked; `units` and `groups` are those the unit and the family stand for."""

    span: Period
    back: int
    unit: str | None
    units: list[str] | None
    groups: list[str] | None
    of: Of
    level: Level | None

    @property
    def spans(self) -> list[Period]:
        """The period and those before it, latest first."""
        found = [self.span]
        while len(found) <= self.back and found[-1].start.year > FIRST_YEAR:
            found.append(found[-1].predecessor)
        return found


@router.get("/themes/analysis", response_model=ThemeAnalysis)
async def get_theme_analysis(
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    period: Annotated[PeriodCode, Query(description="a month, a quarter or a year")],
    unit: Annotated[CodeFilter, Query(description="this unit and those below")] = None,
    family: Annotated[CodeFilter, Query(description="only respondent groups of this family")] = None,
    of: Annotated[Of, Query(description="whose shares, movement, pairs, groups and units are told")] = "together",
    level: LevelOf = None,
    back: Annotated[int, Query(ge=0, le=12, description="how many earlier periods to compare with")] = 4,
) -> Response:
    """What people speak of: themes with their share and movement, and which stand together, by group and level.

    Only themes that a person gave or confirmed are counted. Callers without `feedback:figures` are told what the
    summary tells them: whole quarters and years, each quarter once.
    """
    if level == "individual":
        require_individual(caller)
    now, protected = clock.now(), not caller.may("feedback:figures")
    span = span_of(period)
    async with database.snapshot() as session:
        units = await units_in_view(session, caller, unit)
        names, tree = await read_names(session, span.start, span.end), await read_units(session)
        groups = None if family is None else [c for c, n in names["respondent_groups"].items() if n.family == family]
        asked = Question(span, back, unit or (caller.unit if protected else None), units, groups, of, level)
        kinds, earlier = ({}, []) if protected else await _true(session, asked, tree)
        felt = {} if protected else await _felt(session, asked)
    if protected:
        kinds, earlier = await _protected(database, asked, now, settings, caller.subject)
    answer = _answer(asked, family, kinds, earlier, names, tree, now, protected=protected)
    answer.themes = [one.model_copy(update={"sentiment": felt.get(one.theme)}) for one in answer.themes]
    if level == "individual":
        scope = Scope(span.start, span.end, units, None, clock.today())
        async with database.transaction() as session:
            answer.individuals = await read_individuals(session, caller, scope, "get_theme_analysis")
    return Response(answer.model_dump_json(), media_type="application/json")


async def _true(
    session: AsyncSession, asked: Question, tree: Mapping[str, Unit]
) -> tuple[Kinds, list[tuple[str, KindShown]]]:
    into = {code: place for code in tree if (place := level_of(code, tree, asked.level)) is not None}
    present, *before = [Asked(one.start, one.end, asked.units, asked.groups) for one in asked.spans]

    async def told(kind: str, days: Asked, names: Mapping[str, str]) -> KindShown:
        return analysis.open_kind(await count_together(session, kind, days, THEME_LISTS), names)

    kinds = {kind: await told(kind, present, into) for kind in KINDS}
    earlier = []
    for span, then in zip(asked.spans[1:], before, strict=True):
        wanted = KINDS if asked.of == "together" else (asked.of,)
        counts = {kind: await told(kind, then, {}) for kind in wanted}
        earlier.append((span.code, analysis.of_kind(counts, asked.of)))
    return kinds, earlier


async def _felt(session: AsyncSession, asked: Question) -> dict[str, SentimentOut]:
    """How the views on each theme were felt."""
    days = Asked(asked.span.start, asked.span.end, asked.units, asked.groups)
    counts = (await count_together(session, "views", days, ("by_sentiment",))).by_sentiment
    return {
        theme: SentimentOut(**{word: counts[theme, word] for word in SENTIMENTS})
        for theme in {one for one, _ in counts}
    }


async def _protected(
    database: Database, asked: Question, now: datetime, settings: Settings, by: str
) -> tuple[Kinds, list[tuple[str, KindShown]]]:
    found: list[Kinds] = []
    threshold, read_only = settings.small_number_threshold, settings.read_only
    for span in asked.spans:
        release = await read_release(database, quarters_of(span), now, threshold, by, read_only=read_only)
        if release is None:
            return {}, []
        found.append({kind: analysis.narrow(one, asked.unit, asked.groups) for kind, one in release.kinds.items()})
    earlier = [analysis.of_kind(kinds, asked.of) for kinds in found[1:]]
    return found[0], [(span.code, one) for span, one in zip(asked.spans[1:], earlier, strict=True)]


def _answer(
    asked: Question, family: str | None, kinds: Kinds, earlier: Sequence[tuple[str, KindShown]], names: Names,
    tree: Mapping[str, Unit], now: datetime, *, protected: bool,
) -> ThemeAnalysis:  # fmt: skip
    span = asked.span
    titles = {code: name.title for code, name in names["themes"].items() if name.in_force}
    group_titles = {code: name.title for code, name in names["respondent_groups"].items()}
    answer = ThemeAnalysis(
        period=span.code, start=span.start, end=span.end, unit=asked.unit, family=family, of=asked.of,
        level=asked.level, protected=protected, records={}, themes=[], pairs=[], groups=[], units=[], individuals=[],
        withheld=None, told_from=None, as_at=now,
    )  # fmt: skip
    if not kinds:
        answer.withheld, answer.told_from = why_withheld(span, local_date(now))
        return answer
    whole = analysis.of_kind(kinds, asked.of)
    answer.records = analysis.totals(kinds)
    answer.themes = analysis.theme_rows(kinds, asked.of, earlier, titles)
    answer.pairs = analysis.pair_rows(whole)
    answer.groups = analysis.part_rows(whole.themed_groups, whole.by_group, group_titles)
    # Without true figures themes are told by service and not below.
    if asked.level == "segment" or (asked.level == "local_office" and not protected):
        unit_titles = {code: unit.name for code, unit in tree.items()}
        answer.units = analysis.part_rows(whole.themed_units, whole.by_unit, unit_titles)
    return answer
