"""What audits promise and lead to over time: commitments for the year, themes that come back, and what was learned."""

from __future__ import annotations

from datetime import date

from services.reporting_api.assembly import evidence_asks as asks
from services.reporting_api.assembly.audit_answers import (
    Commitment,
    LearningRows,
    Recurrences,
    TrainingCoverage,
)
from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import counted, in_period, listed, period_words, sentence
from shared.schemas.board_evidence_items import CommitmentItem, LearningItem, QuarterCases, RecurrenceItem
from shared.schemas.board_report import BoardSection
from shared.schemas.feedback_summary import FeedbackSummary
from shared.schemas.periods import Period

_KINDS = {"concern": "Concern", "good_practice": "Good practice"}
# What was shared within a team or service is for them; a board outside the council gets what its partners get.
_TO_COUNCIL = ("organisation", "partnership")
_TO_PARTNERS = ("partnership",)


def commitments(work: Work) -> BoardSection:
    """How far each promise for the year has come, in cases, with the forecast for the year's end (R23)."""
    wanted = asks.commitments(work.brief, work.spec)
    if not wanted:
        return work.unavailable("not_offered")
    section = work.start(wanted)
    found: list[Commitment] = [data for one in wanted if (data := work.evidence.data(one)) is not None]
    section.items = [_commitment(one) for one in found]
    section.summary = [
        item
        for one in found
        for item in (
            *([line(f"{one.code}_target", f"{one.title}: cases promised", one.target)] if one.target else ()),
            line(f"{one.code}_completed", f"{one.title}: cases audited", one.completed),
            line(f"{one.code}_forecast", f"{one.title}: expected by the year's end", one.forecast),
        )
    ]
    section.headline = " ".join(_promise(one) for one in found) or None
    return section


def _commitment(one: Commitment) -> CommitmentItem:
    return CommitmentItem(
        code=one.code, title=one.title, year=one.year, year_label=period_words(one.year), target=one.target,
        completed=one.completed, scheduled=one.scheduled, expected_by_now=one.expected_by_now, forecast=one.forecast,
        rag=one.rag,
        quarters=[
            QuarterCases(
                quarter=row.quarter, label=period_words(row.quarter), cases=row.cases, cases_so_far=row.cases_so_far
            )
            for row in one.quarters
        ],
    )  # fmt: skip


def _promise(one: Commitment) -> str:
    of = f" of {one.target}" if one.target is not None else ""
    words = f"{one.title}: {one.completed}{of} cases audited {in_period(one.year)}, {one.forecast} expected by its end"
    return sentence(words if one.rag in (None, "not_started") else f"{words}: {one.rag}")


def recurrences(work: Work) -> BoardSection:
    """Themes that came back often enough to be told, concerns first, and what is done about each (R43)."""
    wanted = asks.recurrences(work.brief)
    section = work.start([wanted])
    data: Recurrences | None = work.evidence.data(wanted)
    if data is None:
        return section
    section.items = [
        RecurrenceItem(
            kind=one.kind, kind_label=_KINDS[one.kind], theme=one.theme, theme_title=one.theme_name, scope=one.scope,
            unit=one.unit, unit_name=one.unit_name, audits=one.audits, sentence=one.sentence,
            answered=work.written(one.answered.response) if one.answered else None,
            grown_since_answered=one.grown_since_answered,
        )
        for one in data.items
    ]  # fmt: skip
    good = len(data.items) - data.concerns
    section.summary = [
        line("concerns", "Concerns that recur", data.concerns),
        line("unanswered", "Of those, nothing done yet", data.unanswered),
        line("good_practice", "Good practice that recurs", good),
    ]
    if not data.items:
        section.headline = sentence(f"no theme recurred {in_period(work.brief.shared_period)}")
        return section
    concerns = f"{counted(data.concerns, 'concern')} in audits {'comes' if data.concerns == 1 else 'come'} back"
    section.headline = sentence(
        f"{concerns}, {data.unanswered} of them without an answer; "
        f"{counted(good, 'strength')} {'comes' if good == 1 else 'come'} back too"
    )
    return section


def learning(work: Work) -> BoardSection:
    """What audits and complaints taught in the period and was passed on, and how much of it training includes (R26)."""
    wanted = [asks.learning(), asks.training(work.brief), asks.summary(work.brief)]
    section = work.start(wanted)
    period = Period.parse(work.brief.shared_period)
    rows = passed_on(work, section, period.start, period.end)
    told = complaints_taught(work)
    section.items = [*rows, *told]
    if work.evidence.data(wanted[0]) is not None:
        known = sum(one.confirms_known for one in rows)
        section.summary += [
            line("from_audits", "Learned from audits and reviews", len(rows)),
            line("confirms_known", "Of those, confirming what was known", known),
        ]
    coverage: TrainingCoverage | None = work.evidence.data(wanted[1])
    either = next((one for one in coverage.lines if one.source == "either"), None) if coverage else None
    if either:
        section.summary += [
            line("for_training", "From case reviews and local audits", either.learning),
            line("in_training", "Of those, in commissioned training", either.in_training),
        ]
    if work.evidence.data(wanted[2]) is not None:
        section.summary.append(line("from_complaints", "Learned from complaints, in approved words", len(told)))
    section.headline = _learned(work, section)
    return section


def passed_on(work: Work, section: BoardSection, first: date, last: date) -> list[LearningItem]:
    """What audits and reviews taught and was passed on in these days, as far as it was shared to this board."""
    data: LearningRows | None = work.evidence.data(asks.learning())
    if data is None:
        return []
    if data.next:
        section.caveats.append(sentence(f"only the newest {len(data.items)} pieces of learning were read"))
    reach = _TO_PARTNERS if work.protected else _TO_COUNCIL
    return [
        LearningItem(
            source="audit", source_label="Audits and reviews", text=one.title,
            confirms_known=one.kind == "confirms_known", unit_name=work.brief.names.get(one.unit, one.unit),
            passed_on_on=one.disseminated_on, trainings=one.trainings,
        )
        for one in data.items
        if one.visibility in reach and one.disseminated_on and first <= one.disseminated_on <= last
    ]  # fmt: skip


def complaints_taught(work: Work) -> list[LearningItem]:
    """What complaints taught, in the words a second person approved for boards."""
    data: FeedbackSummary | None = work.evidence.data(asks.summary(work.brief))
    return [
        LearningItem(source="complaint", source_label="Complaints", text=text)
        for text in (data.changed if data else ())
    ]


def _learned(work: Work, section: BoardSection) -> str | None:
    if section.availability != "available":
        return None
    told = {one.code: int(one.value or 0) for one in section.summary}
    parts = [
        counted(told[code], f"piece of learning from {whom}", f"pieces of learning from {whom}")
        for code, whom in (("from_audits", "audits and reviews"), ("from_complaints", "complaints"))
        if told.get(code)
    ]
    when = in_period(work.brief.shared_period)
    return sentence(f"{listed(parts)} {when}" if parts else f"nothing learned was passed on {when}")
