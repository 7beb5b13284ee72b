"""What boards, staff and those asked in surveys say: challenges, surveys owed and answered, the workforce's voice."""

from __future__ import annotations

from services.reporting_api.assembly import evidence_asks as asks
from services.reporting_api.assembly.feedback_answers import (
    ChallengeRow,
    ChallengeRows,
    Duties,
    Duty,
    SurveyFigure,
    SurveyFigures,
)
from services.reporting_api.assembly.feedback_sections import breakdowns, capital
from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.protection import shown
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import counted, in_period, sentence
from shared.schemas.board_evidence_items import ChallengeItem, OwedSurveyItem, SurveyResultItem
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import Shown
from shared.schemas.feedback_summary import FeedbackSummary
from shared.schemas.figures import Measure, SourceFamily, ValueStatus
from shared.suppression import Cell, Policy, must_hide

_STATUSES = {"open": "awaits a response", "answered": "answered", "sent_back": "sent back", "closed": "closed"}
_STAFF = "staff"


def challenges(work: Work) -> BoardSection:
    """What partnership boards asked, in the period or before and still unanswered; the overdue first (R19)."""
    wanted = asks.challenges(work.brief)
    section = work.start(wanted)
    found: list[ChallengeRows] = [data for one in wanted if (data := work.evidence.data(one)) is not None]
    if not found:
        return section
    start = work.brief.occurrence.period_start
    rows = [
        row
        for rows in found
        for row in rows.items
        if row.raised_on >= start or row.status in ("open", "sent_back", "answered")
    ]
    rows.sort(key=lambda row: (not row.overdue, row.status == "closed", row.response_due, row.id))
    section.items = [_challenge(work, row) for row in rows]
    if any(one.next for one in found):
        section.caveats.append("Only the newest challenges were read.")
    waiting = sum(row.status in ("open", "sent_back") for row in rows)
    overdue = sum(row.overdue for row in rows)
    section.summary = [
        line("raised", "Raised in the period", sum(row.raised_on >= start for row in rows)),
        line("waiting", "Waiting for a response", waiting),
        line("overdue", "Overdue", overdue),
        line("closed", "Closed", sum(row.status == "closed" for row in rows)),
    ]
    words = f"{counted(waiting, 'challenge')} waiting for a response, {overdue} overdue"
    section.headline = sentence(words if waiting else "no challenge is waiting for a response")
    return section


def _challenge(work: Work, row: ChallengeRow) -> ChallengeItem:
    """As the board put it; a board outside the council reads no number in what another one asked."""
    names = work.brief.names
    return ChallengeItem(
        id=row.id, body=row.raised_by_body, body_name=work.brief.board_name(row.raised_by_body),
        raised_on=row.raised_on, unit=row.unit, unit_name=names.get(row.unit, row.unit),
        question=work.written(row.question),
        area_for_development=work.written(row.area_for_development) if row.area_for_development else None,
        first_response_due=row.first_response_due, response_due=row.response_due, overdue=row.overdue,
        status=row.status, status_label=_STATUSES[row.status], development_action=row.development_action,
    )  # fmt: skip


def surveys(work: Work) -> BoardSection:
    """Which surveys each service owes of which people and whether they were held (R63); what was answered (R27)."""
    wanted = [*asks.duties(work.brief), asks.survey_figures(work.brief)]
    section = work.start(wanted)
    duties: list[Duties] = [data for one in wanted[:-1] if (data := work.evidence.data(one)) is not None]
    owed = [_owed(work, duty) for year in duties for duty in year.items]
    owed.sort(key=lambda one: (not one.overdue, -len(one.missing), one.due_on, one.unit_name, one.duty))
    section.items = [*owed, *survey_results(work, staff=None)]
    if duties:
        done, coming, missing = (sum(len(getattr(one, name)) for one in owed) for name in ("done", "coming", "missing"))
        total = done + coming + missing
        section.summary = [
            line("owed", "Surveys owed in the year, each of one group", total),
            line("done", "Done", done),
            line("coming", "Open or planned", coming),
            line("missing", "Not even planned", missing),
        ]
        section.headline = sentence(
            f"{done} of {counted(total, 'survey')} owed in the year held, {missing} not planned"
        )
    return section


def _owed(work: Work, duty: Duty) -> OwedSurveyItem:
    def groups(*statuses: str) -> list[str]:
        return [capital(one.respondent_group) for one in duty.groups if one.status in statuses]

    return OwedSurveyItem(
        duty=duty.duty, title=duty.title, unit=duty.unit, unit_name=work.brief.names.get(duty.unit, duty.unit),
        due_on=duty.due_on, overdue=duty.overdue, done=groups("done"), coming=groups("open", "planned"),
        missing=groups("missing"),
    )  # fmt: skip


def workforce_voice(work: Work) -> BoardSection:
    """How staff were heard, through which of the ways there are, and what they answered in surveys (R16, R27)."""
    wanted = [asks.summary(work.brief), asks.survey_figures(work.brief)]
    section = work.start(wanted)
    data: FeedbackSummary | None = work.evidence.data(wanted[0])
    results = survey_results(work, staff=True)
    if data is not None:
        staff = {row.code for row in data.channels if row.family == _STAFF}
        # The same rows as in the section on what people told us, hidden with the rest of them.
        ways = [one for one in breakdowns(work, data, "channels")[1] if one.code in staff]
        section.items = [
            one.model_copy(update={"group": "staff_channels", "group_label": "Ways in which staff spoke"})
            for one in ways
        ]
        used = sum(one.value != 0 for one in ways)
        section.summary = [
            line("ways_used", "Ways of hearing staff that were used", used),
            line("ways_silent", "Ways that were not", len(ways) - used),
        ]
        section.headline = sentence(
            f"staff were heard in {used} of {counted(len(ways), 'way')} {in_period(data.period)}"
        )
    section.items = [*section.items, *results]
    return section


def survey_results(work: Work, staff: bool | None) -> list[SurveyResultItem]:
    """The last waves that closed in the period: of the staff, of everybody else, or (None) of both."""
    data: SurveyFigures | None = work.evidence.data(asks.survey_figures(work.brief))
    rows = data.items if data else []
    if work.protected:
        # Of the whole council alone: figures of its parts would tell those of the part that is left out.
        rows = [row for row in rows if row.area == work.brief.area]
    return [_result(work, row) for row in rows if staff is None or _of_staff(work, row) == staff]


def _of_staff(work: Work, row: SurveyFigure) -> bool:
    entry = work.evidence.indicators.get(row.indicator)
    return entry is not None and entry.source_family == SourceFamily.staff_and_managers


def _result(work: Work, row: SurveyFigure) -> SurveyResultItem:
    entry = work.evidence.indicators.get(row.indicator)
    council = row.area == work.brief.area
    hidden = row.value_status is not None or (work.protected and _tells_of_few(work, row))
    good, answers = (None, None) if hidden else (row.numerator, row.denominator)
    status = row.value_status or (ValueStatus.c if hidden else None)
    percent = 100 * good / answers if good is not None and answers else None
    rounded = shown(None, status) if percent is None else Shown(value=round(percent, 1), display=f"{percent:.1f}")
    return SurveyResultItem(
        indicator=row.indicator, title=entry.title if entry else row.indicator, unit=row.area,
        unit_name="The whole council" if council else work.brief.names.get(row.area, row.area),
        favourable=shown(good, status), answers=shown(answers, status), percent=rounded, survey=row.source_ref,
    )  # fmt: skip


def _tells_of_few(work: Work, row: SurveyFigure) -> bool:
    cell = Cell(row.numerator, None, row.numerator, row.denominator)
    return must_hide(cell, Policy(Measure.count, threshold=work.brief.threshold))
