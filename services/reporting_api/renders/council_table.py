"""The table councils use: one measure a row, from what good looks like to the best quarter of authorities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.reporting_api.renders.blocks import DASH, Cell, Column, Table
from services.reporting_api.renders.wording import GOOD_IS, TRAVEL, capital, rag_words, travel_words
from services.reporting_api.words import in_period, period_short
from shared.schemas.board_figures import BoardFigure, Comparison, EarlierFigure, UnitFigure
from shared.schemas.periods import Period, PeriodKind

_NEIGHBOURS, _NATION = "statistical_neighbours", "nation"
_NOT_TOLD = ("not_compared", "not_assessed")
_EARLIER = 3
_ACROSS = 6
_COLUMNS = (
    Column("Measure", share=3.2),
    Column("Good is", share=0.9),
    Column("Three before", number=True),
    Column("Two before", number=True),
    Column("One before", number=True),
    Column("Latest", number=True, share=1.2, strong=True),
    Column("Year end", number=True),
    Column("Target", number=True, share=1.2),
    Column("Against target", share=1.2),
    Column("Direction", share=1.5),
    Column("Neighbours’ average", number=True, share=1.2),
    Column("Neighbours’ best", number=True, share=1.2),
    Column("National", number=True),
    Column("Top quartile", number=True, share=1.4),
    Column("Compared with", share=1.8),
)


_OF_PERIODS = ("Three before", "Two before", "One before", "Latest", "Year end", "Direction")


def council_table(caption: str, figures: Sequence[BoardFigure]) -> Table:
    """Only the columns in which something stands; a period that all rows share stands in the heading, once."""
    rows = [_row(one) for one in figures]
    columns = list(_COLUMNS)
    for place, column in enumerate(_COLUMNS):
        shared = {row[place].below[0] for row in rows if row[place].below}
        if column.title in _OF_PERIODS and len(shared) == 1:
            (period,) = shared
            if column.title == "Latest" and period not in {period_short(one.period) for one in figures}:
                continue
            if column.title == "Direction" and not period.startswith("since "):
                continue
            columns[place] = replace(column, title=_headed(column.title, period))
            for row in rows:
                row[place] = replace(row[place], below=row[place].below[1:])
    return Table(caption, columns, rows, "wide").kept()


def _headed(title: str, period: str) -> str:
    return period if title.endswith("before") else f"{title}, {period}" if title != "Direction" else f"{title} {period}"


def _row(one: BoardFigure) -> list[Cell]:
    earlier: list[EarlierFigure | None] = [*one.previous[:_EARLIER], *[None] * (_EARLIER - len(one.previous))]
    neighbours = next((other for other in one.comparisons if other.kind == _NEIGHBOURS), None)
    nation = next((other for other in one.comparisons if other.kind == _NATION), None)
    others = [other for other in one.comparisons if other not in (neighbours, nation)]
    return [
        _measure(one),
        Cell(
            capital(one.good_is_words)
            if one.good_is_words
            else capital(GOOD_IS[one.good_is].removesuffix(" is better"))
        ),
        *(_earlier(then) for then in reversed(earlier)),
        _latest(one),
        _earlier(one.year_end),
        Cell(*_target(one)),
        _against(one),
        _travel(one),
        _average(neighbours),
        Cell(neighbours.best_display or DASH) if neighbours else Cell(DASH),
        _average(nation),
        _quartile(one),
        _others(others),
    ]


def _measure(one: BoardFigure) -> Cell:
    focus = [f"Focus: {one.focus_why}"] if one.focus_why else []
    assurance = [capital(one.assurance_words)] if one.assurance_words else []
    return Cell(one.title, (one.unit, *focus, *assurance, *one.caveats))


def _latest(one: BoardFigure) -> Cell:
    known = one.value is not None or one.value_status == "c"
    below = [period_short(one.period)] if known else []
    if one.status_words:
        below.append(one.status_words)
    changed = one.changed_since_last_report
    return Cell(one.display, below, flag=f"was {changed}" if changed else None)


def _earlier(then: EarlierFigure | None) -> Cell:
    if then is None:
        return Cell(DASH)
    return Cell(
        then.display, (period_short(then.period),), flag=f"was {then.changed_from}" if then.changed_from else None
    )


def _target(one: BoardFigure) -> tuple[str, tuple[str, ...]]:
    if not one.target_display:
        return DASH, ()
    target, _, within = one.target_display.partition(", within ")
    return target, ((f"within {within}",) if within else ())


def _against(one: BoardFigure) -> Cell:
    if one.rag == "none":
        return Cell(DASH)
    colour, _, means = rag_words(one).partition(": ")
    return Cell(colour, [means] if means else [], tone=one.rag)


def _travel(one: BoardFigure) -> Cell:
    mark, _ = TRAVEL[one.direction_of_travel]
    since = []
    if one.direction_of_travel != "unknown" and one.previous:
        since = [f"since {_short_in_words(one.previous[0].period)}"]
    return Cell(travel_words(one), [*since, *([one.signal] if one.signal else [])], mark=mark)


def _short_in_words(code: str) -> str:
    """A period within a phrase: "Sep 2026", "the year to 31 March 2025"."""
    return period_short(code) if Period.parse(code).kind is PeriodKind.month else in_period(code).removeprefix("in ")


def _average(other: Comparison | None) -> Cell:
    if other is None:
        return Cell(DASH)
    outcome = [] if other.outcome is None or other.outcome in _NOT_TOLD else [f"ours {other.outcome}"]
    return Cell(other.average_display or other.display, outcome)


def _quartile(one: BoardFigure) -> Cell:
    top = one.top_quartile
    if top is None:
        return Cell(DASH)
    reached = {True: ["reached"], False: ["not reached"], None: []}[top.reached]
    rank = [f"rank {top.rank} of {top.n_authorities}"] if top.rank is not None else []
    return Cell(top.display, [*reached, *rank])


def _others(others: Sequence[Comparison]) -> Cell:
    if not others:
        return Cell(DASH)
    first, *rest = [f"{one.name}: {one.display}{_outcome(one)}" for one in others]
    return Cell(first, rest)


def _outcome(one: Comparison) -> str:
    return "" if one.outcome is None or one.outcome in _NOT_TOLD else f" ({one.outcome})"


def team_tables(figures: Sequence[BoardFigure]) -> list[Table]:
    """Teams down, measures across, a few measures a table: which team a figure comes from."""
    told = [one for one in figures if one.units]
    return [_teams(told[start : start + _ACROSS]) for start in range(0, len(told), _ACROSS)]


def _teams(figures: Sequence[BoardFigure]) -> Table:
    names = {unit.unit: unit.name for one in figures for unit in one.units}
    columns = [Column("Team", share=2.0), *(Column(one.title, number=True, share=1.3) for one in figures)]
    rows = []
    for code, name in names.items():
        found = [next((unit for unit in one.units if unit.unit == code), None) for one in figures]
        rows.append([Cell(name), *(_team_cell(unit) for unit in found)])
    return Table("Team by team, the same periods as above", columns, rows, "wide")


def _team_cell(unit: UnitFigure | None) -> Cell:
    if unit is None:
        return Cell(DASH)
    mark, words = TRAVEL[unit.direction_of_travel]
    moved = [] if unit.direction_of_travel == "unknown" else [unit.direction_words or words]
    before = [] if unit.before_display is None else [f"before {unit.before_display}"]
    below = [", ".join([*moved, *before])] if moved or before else []
    return Cell(unit.display, [*below, *([unit.signal] if unit.signal else [])], mark=mark)
