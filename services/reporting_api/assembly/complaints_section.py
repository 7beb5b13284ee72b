"""Complaints against the time the law allows, what they taught, and who still owes what was learned (R60)."""

from __future__ import annotations

from services.reporting_api.assembly import evidence_asks as asks
from services.reporting_api.assembly.feedback_answers import ComplaintsReportTold
from services.reporting_api.assembly.feedback_sections import capital, number_line, people, said, tally_items
from services.reporting_api.assembly.protection import shown, shown_lists
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import counted, date_words, in_period, sentence
from shared.clock import local_date
from shared.schemas.board_evidence_items import OwedLearningItem
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import Shown, StageItem, StatementItem
from shared.schemas.feedback_summary import FeedbackSummary, StageTally, Tally
from shared.schemas.figures import ValueStatus


def complaints(work: Work) -> BoardSection:
    """Complaints against the time the law allows, their outcomes, what learning is missing, and compliments."""
    report = asks.complaints_report(work.brief)
    wanted = [asks.summary(work.brief), *([report] if report else [])]
    section = work.start(wanted)
    data: FeedbackSummary | None = work.evidence.data(wanted[0])
    if data is not None:
        _counts(work, data, section)
    told: ComplaintsReportTold | None = work.evidence.data(report) if report else None
    if told is not None:
        _learning(work, told, section)
    return section


def _counts(work: Work, data: FeedbackSummary, section: BoardSection) -> None:
    """The list of those received; what counts the same complaints in another table, true readers are told alone."""
    about, status = data.complaints, data.complaints.value_status
    listed = {**about.outcomes, "open": about.open, "refused": about.refused}
    cells = {"list": [(count, status) for count in listed.values()]}
    received, found = shown_lists((about.received, status), cells, work.protected, work.brief.threshold)
    stands = dict(zip(listed, found["list"], strict=True))
    compliments = people(work, data.compliments, data.compliments_status)
    beside = {
        "open_earlier": "Open from earlier",
        "overdue": "Open past their limit",
        "learning_missing": "Upheld without learning or improvement",
    }
    section.summary = [
        number_line("received", "Complaints received", received),
        number_line("open", "Of those, still open", stands["open"]),
        *(number_line(name, label, _beside(work, getattr(about, name), status)) for name, label in beside.items()),
        number_line("compliments", "Compliments", compliments),
    ]
    outcomes = [Tally(code=code, title=capital(code), count=n) for code, n in about.outcomes.items()]
    closed = [stands[code] for code in about.outcomes]
    section.items = [*(_stage(work, row) for row in about.stages), *tally_items("outcomes", outcomes, closed)]
    section.headline = sentence(
        f"{said(received, 'complaint')} received and {said(compliments, 'compliment')} {in_period(data.period)}"
    )


def _beside(work: Work, count: int | None, status: str | None) -> Shown:
    """A count of the same people as another table: protected each by itself, they would give one another away."""
    return shown(None, ValueStatus.c) if work.protected and count is not None else shown(count, status)


def _stage(work: Work, row: StageTally) -> StageItem:
    columns = ("open", "closed", "within_statutory", "past_statutory")
    numbers = {name: _beside(work, getattr(row, name), row.value_status or "z") for name in columns}
    title = f"{capital(row.procedure)} procedure: {row.title}"
    return StageItem(procedure=row.procedure, stage=row.stage, title=title, **numbers)


def _learning(work: Work, told: ComplaintsReportTold, section: BoardSection) -> None:
    """The complaints report as it was produced: what learning is missing, by owner, and which manager added nothing.

    Its figures are true ones of another day than the summary's. Where small numbers are hidden none of them is told:
    beside the summary they would give some away.
    """
    found = told.learning
    names = work.brief.names
    section.items += [
        OwedLearningItem(
            unit=row.unit, unit_name=names.get(row.unit, row.title), owner=work.brief.heads.get(row.unit),
            **(shown(None, ValueStatus.c) if work.protected else shown(row.count)).model_dump(),
        )
        # In the order of what is hidden they would tell which unit owes more.
        for row in sorted(found.missing_by_owner, key=lambda row: (0 if work.protected else -row.count, row.unit))
    ]  # fmt: skip
    section.items += [
        StatementItem(group="no_update", group_label="Managers who have added nothing yet", text=row.title)
        for row in found.updates_missing
    ]
    produced = (
        f"Edition {told.edition} of the complaints report was produced on {date_words(local_date(told.produced_at))}"
    )
    section.caveats.append(sentence(f"{produced}, {'late' if told.on_time is False else 'on time'}"))
    if work.protected:
        return
    section.summary += [
        number_line("learning_complete", "Upheld, with learning and improvement", shown(found.complete)),
        number_line("learning_owed", "Upheld, learning owed when the report was produced", shown(found.missing)),
        number_line("remedies_promised", "Remedies promised", shown(told.remedies.promised)),
        number_line("remedies_overdue", "Remedies overdue", shown(told.remedies.overdue)),
    ]
    if found.missing:
        owing = f"{counted(found.missing, 'complaint')} without learning, owed by"
        owing = f"{owing} {counted(len(found.missing_by_owner), 'unit')}"
        section.headline = f"{section.headline or ''} {sentence(owing)}".strip()
