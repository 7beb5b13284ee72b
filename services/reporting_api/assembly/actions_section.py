"""The actions that audits led to: where they stand, which are overdue, what each body waits for, which loops closed."""

from __future__ import annotations

from services.reporting_api.assembly import evidence_asks as asks
from services.reporting_api.assembly.audit_answers import LoopClosure, OverdueByBody
from services.reporting_api.assembly.evidence import ActionRow, ActionRows
from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import counted, date_words, in_period, sentence
from shared.clock import local_date
from shared.schemas.audit_summary import AuditAnalysis
from shared.schemas.board_evidence_items import BodyActionsItem
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import ActionItem, StatementItem
from shared.schemas.periods import Period


def actions(work: Work) -> BoardSection:
    """Where the actions of the period stand when they are read, and each that is overdue: re-dating hides none."""
    wanted = [
        asks.analysis(work.brief),
        asks.overdue_actions(),
        asks.loop_closure(work.brief),
        asks.overdue_by_body(),
    ]
    section = work.start(wanted)
    data: AuditAnalysis | None = work.evidence.data(wanted[0])
    rows: ActionRows | None = work.evidence.data(wanted[1])
    day = f"as of {date_words(local_date(section.as_of or work.brief.now))}"
    period = Period.parse(work.brief.shared_period)
    if data is not None:
        now = data.actions
        section.summary = [
            line("open", "Open", now.open),
            line("overdue", "Overdue", now.overdue),
            line("completed", "Completed, impact awaited", now.completed),
            line("closed", "Closed", now.closed),
            line("with_impact_evidence", "With evidence of impact", now.with_impact_evidence),
        ]
        section.headline = sentence(
            f"{day}: of the actions raised by {date_words(period.end)}, {now.open} open, {now.overdue} of them overdue;"
            f" {now.closed} closed since {date_words(period.start)}"
        )
    if rows is not None:
        # Counted and listed alike: what was raised after the period is for the next report.
        section.items = [_action(work, row) for row in rows.items if row.raised_on <= period.end]
        if rows.next:
            section.caveats.append("Only the first 100 overdue actions are listed.")
        section.headline = section.headline or sentence(
            f"{day}: {counted(len(section.items), 'action')} raised by {date_words(period.end)} overdue"
        )
    _bodies(work, section)
    _loops(work, section)
    return section


def _action(work: Work, row: ActionRow) -> ActionItem:
    return ActionItem(
        id=row.id, title=row.title, unit=row.unit, unit_name=work.brief.names.get(row.unit or "", row.unit),
        owner=row.owner.post or (row.owner.role or "").replace("_", " ").capitalize() or None,
        originally_due_on=row.original_due_on, due_on=row.due_on, status=row.status,
    )  # fmt: skip


def _bodies(work: Work, section: BoardSection) -> None:
    """What each body still waits for when this is read (R42)."""
    found: OverdueByBody | None = work.evidence.data(asks.overdue_by_body())
    section.items += [
        BodyActionsItem(
            body=row.body, body_name=work.brief.board_name(row.body) if row.body else "No body watches these",
            overdue=row.overdue, oldest_due_on=row.oldest_due_on, days_overdue=row.days_overdue,
            redated=row.redated_past_today,
        )
        for row in (found.bodies if found else ())
    ]  # fmt: skip


def _loops(work: Work, section: BoardSection) -> None:
    """How many audits of the period ended in learning passed on and every action's impact known (R26)."""
    found: LoopClosure | None = work.evidence.data(asks.loop_closure(work.brief))
    if found is None:
        return
    section.summary += [
        line("loops_submitted", "Audits submitted", found.submitted),
        line("loops_closed", "Audits whose loop is closed", found.loop_closed),
    ]
    words = (
        f"of {counted(found.submitted, 'audit')} {in_period(work.brief.shared_period)}, {found.with_learning} led to"
    )
    words = f"{words} learning that was passed on, and {found.loop_closed} are closed with every action's impact known"
    section.items.append(StatementItem(group="loop", group_label="Completing the cycle", text=sentence(words)))
