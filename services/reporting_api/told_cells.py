"""The numbers about people in a protected report that are held against earlier ones, each under a subject and a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.reporting_api.differencing import Telling
from shared.schemas.board_evidence_items import SurveyResultItem
from shared.schemas.board_figures import BoardFigure, UnitFigure
from shared.schemas.board_follow_up_items import ContributedFigureItem
from shared.schemas.board_report import BoardReport, BoardSection
from shared.schemas.board_report_items import Shown, StageItem, TallyItem
from shared.schemas.figures import Measure, ValueStatus
from shared.schemas.periods import Period

Cell = Shown | UnitFigure
# Sections that count the same people share a subject: what one tells the other may not give away.
_SUBJECTS = {"feedback": "voices", "participation": "voices", "workforce_voice": "voices", "complaints": "complaints"}
# What people said and complained of is told by whole quarters in copies; everything else as it falls.
BY_QUARTERS = frozenset(_SUBJECTS.values())
# The headline of these sections tells their totals.
TELLING_HEADLINES = ("feedback", "participation", "complaints")
# Nobody is counted in these: they tell of channels, activities, methods, teams and commitments.
_OF_NO_PEOPLE = (
    "channels_used", "channels_silent", "ways_used", "ways_silent", "activities", "methods", "single_method",
    "no_method", "strategy", "strategy_done", "strategy_overdue",
)  # fmt: skip
# A row that stands in two sections has one key: the ways staff spoke are among all channels.
_SAME_GROUP = {"staff_channels": "channels"}
_STANDING = ("open", "open_earlier", "overdue", "learning_missing")
_STAGE = ("open", "closed", "within_statutory", "past_statutory")
_ANSWERS = ("favourable", "answers", "percent")


def cells_of(section: BoardSection) -> Iterator[tuple[str, str, Cell]]:
    """Each number with its subject and key. What learning is owed by whom is never told in a protected report."""
    subject = _SUBJECTS.get(section.kind)
    if subject is not None:
        yield from ((subject, key, cell) for key, cell in _counted(section))
    for figure in section.figures:
        yield from ((teams_subject(figure.indicator, figure.period), one.unit, one) for one in figure.units)
    for item in section.items:
        if isinstance(item, SurveyResultItem):
            about = f"survey/{item.survey}/{item.indicator}"
            yield from ((about, f"{item.unit}/{name}", getattr(item, name)) for name in _ANSWERS)
        elif isinstance(item, ContributedFigureItem):
            yield f"contribution/{item.contributor}", f"{item.measure}/{item.part}/{item.label}", item


def _counted(section: BoardSection) -> Iterator[tuple[str, Shown]]:
    for line in section.summary:
        if line.code not in _OF_NO_PEOPLE:
            yield f"summary/{line.code}", line
    for item in section.items:
        if isinstance(item, TallyItem):
            yield f"{_SAME_GROUP.get(item.group, item.group)}/{item.code}", item
        elif isinstance(item, StageItem):
            for name in _STAGE:
                yield f"stage/{name}/{item.procedure}/{item.stage}", getattr(item, name)


def teams_subject(indicator: str, period: str) -> str:
    """The teams of one measure in one period: their sum is told beside them, or was."""
    return f"teams/{indicator}/{period}"


def teams_before(figure: BoardFigure) -> str:
    """The same teams a period earlier, whose numbers stand beside this one's."""
    return teams_subject(figure.indicator, Period.parse(figure.period).predecessor.code)


def adds_up(subject: str) -> bool:
    """Whether the counts of a subject add up over periods; a survey and a team's measure stand for themselves."""
    return not subject.startswith(("teams/", "survey/"))


def stocks(subject: str, keys: Iterable[str]) -> frozenset[str]:
    """The keys that stand at the end of a period, or are no counts, and add up to nothing."""
    if subject.startswith("contribution/"):
        return frozenset(key for key in keys if key.split("/")[0] != Measure.count)
    return frozenset(key for key in keys if not adds_up(subject) or key.split("/")[1] in _STANDING)


def tables_of(report: BoardReport) -> dict[str, Telling]:
    """What a report tells of each subject; a number absent for another reason than its smallness tells nothing."""
    found: dict[str, dict[str, float | None]] = {}
    for section in report.sections:
        for subject, key, cell in cells_of(section):
            if cell.value is not None or cell.value_status == ValueStatus.c:
                cells = found.setdefault(subject, {})
                # Hidden in one section is hidden: the other says no more than it must.
                cells[key] = None if cells.get(key, 0) is None else cell.value
    return {subject: Telling(report.period.start, report.period.end, cells) for subject, cells in found.items()}


def hide(cell: Cell) -> None:
    """As a hidden number is shown; a team's also without what its number would show by."""
    cell.value, cell.value_status, cell.display = None, ValueStatus.c, str(ValueStatus.c)
    if isinstance(cell, UnitFigure):
        hide_before(cell)
        cell.signal = None


def hide_before(team: UnitFigure) -> None:
    """A team's number of the period before, and which way it went from there."""
    team.before_display = str(ValueStatus.c)
    team.direction_of_travel, team.direction_words = "unknown", "not known"
