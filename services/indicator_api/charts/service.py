"""Choosing what a chart shows and asking the series for it: charts are drawn from that answer and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.charts import comparison, funnel, spc, trend
from services.indicator_api.charts.errors import ChartNotPossible
from services.indicator_api.charts.figures import Answer, Point, of_one_kind, read_answer
from services.indicator_api.charts.page import Chart, Sheet
from services.indicator_api.comparators.sets import ALL_AUTHORITIES, ComparatorSet, Everyone, read_sets, resolve
from services.indicator_api.days import is_annual, last_day
from services.indicator_api.definitions import Definition, read_definitions
from services.indicator_api.places import read_authorities
from services.indicator_api.series.asked import Window
from services.indicator_api.series.chart import is_charted
from services.indicator_api.series.known import Veil
from services.indicator_api.series.service import Question, answer
from shared.auth.caller import Caller
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.figures import Measure
from shared.schemas.framework.areas import ComparatorKind
from shared.schemas.periods import Period


class ChartKind(StrEnum):
    """The kinds of chart."""

    spc = "spc"
    funnel = "funnel"
    comparison = "comparison"
    trend = "trend"


_OVER_TIME = (ChartKind.spc, ChartKind.trend)
_IN_FUNNELS = (Measure.percentage, Measure.rate)
_NEIGHBOURS = ComparatorKind.statistical_neighbours
# Beyond this the bars of a comparison are a page of their own; a funnel shows so many better.
MOST_BARS, MOST_POINTS = 60, 400


@dataclass(frozen=True)
class Asked:
    """What a caller wants drawn; the first area is the one the chart is about."""

    code: str
    kind: ChartKind | None
    areas: Sequence[str]
    first: str | None
    last: str | None
    comparators: Sequence[str]
    period: Period | None
    breakdown: str
    as_at: datetime | None
    width: int


@dataclass(frozen=True)
class _Desk:
    """Where a chart is drawn: for whom, from what, and how the series is asked."""

    session: AsyncSession
    caller: Caller
    veil: Veil
    now: datetime
    asked: Asked
    definition: Definition
    sets: dict[str, ComparatorSet] = field(default_factory=dict)

    async def ask(self, areas: Sequence[str], window: Window, comparators: Sequence[str] = ()) -> Answer:
        question = Question(self.asked.code, areas, window, comparators, self.asked.breakdown, self.asked.as_at)
        found = await answer(self.session, self.caller, question, self.veil, self.now)
        return read_answer(self.definition, found)

    def sheet(self) -> Sheet:
        breakdown = self.asked.breakdown.replace("=", ": ").replace(";", ", ").replace("_", " ")
        title = f"{self.definition.title} ({breakdown})" if breakdown else self.definition.title
        return Sheet(self.asked.width, title)


async def draw_chart(session: AsyncSession, caller: Caller, asked: Asked, veil: Veil, now: datetime) -> Chart:
    """The chart asked for; raises NotFound, Malformed and ChartNotPossible."""
    definition = (await read_definitions(session, [asked.code], retired=True)).get(asked.code)
    if definition is None:
        raise NotFound()
    kind = asked.kind or _usual(definition)
    _check(asked, kind, definition)
    desk = _Desk(session, caller, veil, now, asked, definition, await read_sets(session))
    if kind is ChartKind.spc:
        return await _draw_spc(desk)
    if kind is ChartKind.trend:
        return await _draw_trend(desk)
    return await (_draw_funnel(desk) if kind is ChartKind.funnel else _draw_comparison(desk))


def _usual(definition: Definition) -> ChartKind:
    """A control chart where there are points enough in a year to need one; years are a trend."""
    charted = is_charted(definition) and not is_annual(definition.period_kind)
    return ChartKind.spc if charted else ChartKind.trend


def _check(asked: Asked, kind: ChartKind, definition: Definition) -> None:
    faults = []
    if kind in _OVER_TIME and asked.period is not None:
        faults.append(Fault("/query/period", "not_of_this_kind", "this chart takes `from` and `to`, and no period"))
    if kind not in _OVER_TIME and (asked.first or asked.last):
        faults.append(Fault("/query/from", "not_of_this_kind", "this chart takes one `period`, neither from nor to"))
    if kind in _OVER_TIME and len(asked.areas) > 1:
        faults.append(Fault("/query/area", "too_many", "this chart shows one area; a comparison shows several"))
    if kind is ChartKind.spc and asked.comparators:
        faults.append(Fault("/query/comparators", "not_of_this_kind", "a control chart shows one area by itself"))
    if asked.period is not None and asked.period.kind is not definition.period_kind:
        words = definition.period_kind.replace("_", " ")
        faults.append(Fault("/query/period", "period_kind", f"this indicator is measured by the {words}; give one"))
    if faults:
        raise Malformed("This chart cannot be asked for so; see errors.", errors=faults)


async def _draw_spc(desk: _Desk) -> Chart:
    if not is_charted(desk.definition):
        detail = "A control chart needs numbers of periods that do not overlap; this series has none."
        raise ChartNotPossible(detail, "trend")
    found = of_one_kind(await desk.ask(desk.asked.areas, Window(desk.asked.first, desk.asked.last)))
    _need_points(found, "trend")
    return spc.draw(found, desk.sheet())


async def _draw_trend(desk: _Desk) -> Chart:
    asked = desk.asked
    nation = [code for code in desk.definition.content["benchmarks"] if _is_nation(desk.sets.get(code))]
    window = Window(asked.first, asked.last)
    found = of_one_kind(await desk.ask(asked.areas, window, asked.comparators or nation))
    _need_points(found, "comparison")
    return trend.draw(found, desk.sheet())


def _is_nation(found: ComparatorSet | None) -> bool:
    return found is not None and found.kind is ComparatorKind.nation


def _need_points(found: Answer, ask_for: str) -> None:
    if not found.lines[0].points:
        raise ChartNotPossible("There is no figure of this area in these periods to draw.", ask_for)


async def _draw_comparison(desk: _Desk) -> Chart:
    own, period = await _own(desk)
    sets = await _sets_for(desk, own, period)
    members = {one.code: one.members_on(last_day(period)) for one in sets}
    several = [code for code, areas in members.items() if len(areas) > 1]
    if len(several) > 1:
        fault = Fault("/query/comparators", "too_many", "give one set of several areas; others may be single areas")
        raise Malformed("A comparison shows the areas of one set.", errors=[fault])
    others = [*desk.asked.areas[1:], *(area for code in several for area in members[code])]
    areas = list(dict.fromkeys([own, *others]))
    if len(areas) > MOST_BARS:
        detail = f"A comparison shows at most {MOST_BARS} areas; `position` tells the place among all authorities."
        raise ChartNotPossible(detail, "funnel" if desk.definition.measure in _IN_FUNNELS else "trend")
    found = await desk.ask(areas, Window(period.code, period.code), [one.code for one in sets])
    if not comparison.has_others(found):
        raise ChartNotPossible("There is nothing to set this figure beside for the period.", "trend")
    return comparison.draw(found, desk.sheet(), period)


async def _draw_funnel(desk: _Desk) -> Chart:
    own, period = await _own(desk)
    sets = await _sets_for(desk, own, period)
    day = last_day(period)
    near = [code for one in sets if one.kind is _NEIGHBOURS for code in one.members]
    singles = [one.code for one in sets if len(one.members) == 1]
    several = [one for one in sets if len(one.members) > 1] if desk.asked.comparators else []
    others = [*desk.asked.areas[1:], *(code for one in several for code in one.members_on(day))]
    if not others:
        others = list((await _everyone(desk)).members_on(day))
    areas = list(dict.fromkeys([own, *others]))[:MOST_POINTS]
    found = await desk.ask(areas, Window(period.code, period.code), singles)
    return funnel.draw(found, desk.sheet(), period, near)


async def _own(desk: _Desk) -> tuple[str, Period]:
    """The code the own figures stand under, and the period: the one asked for, or the latest with a figure."""
    asked = desk.asked
    found = await desk.ask(asked.areas[:1], Window(None, None))
    line = found.lines[0]
    today = desk.now.date()
    ended: list[Point] = [one for one in line.points if last_day(one.period) <= today]
    if asked.period is not None:
        return line.code, asked.period
    if not ended:
        raise ChartNotPossible("There is no figure of this area to set beside others.", "trend")
    return line.code, ended[-1].period


async def _sets_for(desk: _Desk, own: str, period: Period) -> list[ComparatorSet | Everyone]:
    """The sets asked for, or the indicator's benchmarks as they hold for the area and the period."""
    named, sets = desk.asked.comparators, desk.sets
    found: dict[str, ComparatorSet | Everyone] = {code: sets[code] for code in named if code in sets}
    if ALL_AUTHORITIES in named:
        found[ALL_AUTHORITIES] = await _everyone(desk)
    if any(code not in found for code in named):
        detail = "one of these is not the code of a comparator set; `/v1/comparators` lists them"
        raise Malformed("A comparator is unknown.", errors=[Fault("/query/comparators", "unknown_code", detail)])
    if named:
        return [found[code] for code in named]
    declared = [sets[code] for code in desk.definition.content["benchmarks"] if code in sets]
    held = resolve(declared, own, last_day(period))
    several = [one for one in held if len(one.members) > 1][:1]
    return [one for one in held if len(one.members) == 1 or one in several]


async def _everyone(desk: _Desk) -> Everyone:
    return Everyone(tuple(await read_authorities(desk.session)))
