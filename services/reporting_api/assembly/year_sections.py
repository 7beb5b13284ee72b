"""What a yearly report owes: what became of the last one's key actions, what the year taught, grounds for new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from services.reporting_api.assembly import evidence_asks as asks
from services.reporting_api.assembly.cycle_sections import complaints_taught, passed_on
from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.sections import Beside, Work
from services.reporting_api.words import counted, date_words, sentence
from shared.schemas.board_evidence_items import ChallengeItem, GroundItem, PastActionItem, RecurrenceItem
from shared.schemas.board_report import BoardSection, Source
from shared.schemas.board_report_items import ActionItem, ExceptionItem

_GROUPS = {
    "concern": "Concerns that come back in audits",
    "exception": "Figures that stand out of step",
    "challenge": "What partnership boards asked and nobody has answered",
    "action": "Actions long overdue",
}
# Of each sort so many: key actions are few, and so are the grounds laid before those who choose them.
_MOST = 5


def last_year(work: Work) -> BoardSection:
    """The key actions this board was last told of, and what audits and complaints taught in the period (R83)."""
    section = work.start([asks.learning(), asks.summary(work.brief)])
    before = work.records.last.protected if work.protected else work.records.last.told
    first, last = work.brief.occurrence.period_start, work.brief.occurrence.period_end
    learned = [*passed_on(work, section, first, last), *complaints_taught(work)]
    past = [
        PastActionItem(text=one.text, owner=one.owner, due_on=one.due_on, evidence=one.evidence)
        for one in (before.key_actions if before else ())
    ]
    section.items = [*past, *learned]
    section.summary = [
        line("past_actions", "Key actions of the last report", len(past)),
        line("learned", "Learned and passed on since", len(learned)),
    ]
    if before is None:
        section.caveats.append("No earlier report to this board has been published here.")
    else:
        section.sources.append(
            Source(
                service="reporting", path=f"/v1/reports?report={before.report}&period={before.period.code}",
                fetched_at=work.brief.now, as_of=before.as_of, availability="available",
            )
        )  # fmt: skip
    section.headline = sentence(
        f"{counted(len(past), 'key action')} in the last report; "
        f"{counted(len(learned), 'piece', 'pieces')} of learning passed on since"
    )
    return section


def grounds(work: Work) -> BoardSection:
    """What in this report a key action may rest on, the most pressing first, each with its reference (R44)."""
    section = work.blank()
    section.items = [one for kind in _GROUPS for one in list(_FOUND[kind](work.beside))[:_MOST]]
    number = counted(len(section.items), "ground")
    most = work.brief.report.key_actions_max
    few = f"; at most {counted(most, 'key action')} may be chosen" if most else ""
    section.headline = sentence(f"{number} in this report for a key action{few}")
    return section


def _ground(group: str, reference: str, text: str) -> GroundItem:
    return GroundItem(group=group, group_label=_GROUPS[group], reference=reference, text=sentence(text))


def _concerns(beside: Beside) -> Iterator[GroundItem]:
    rows = [item for one in beside.sections for item in one.items if isinstance(item, RecurrenceItem)]
    for row in sorted(rows, key=lambda row: (row.answered is not None, -row.audits, row.unit, row.theme)):
        if row.kind == "concern":
            yield _ground("concern", f"recurrence:{row.unit}:{row.theme}", row.sentence)


def _exceptions(beside: Beside) -> Iterator[GroundItem]:
    rows = [item for one in beside.sections for item in one.items if isinstance(item, ExceptionItem)]
    for row in sorted(rows, key=lambda row: (row.new, row.title, row.key)):
        if row.favourable is False:
            yield _ground("exception", row.key, row.sentence)


def _challenges(beside: Beside) -> Iterator[GroundItem]:
    rows = [item for one in beside.sections for item in one.items if isinstance(item, ChallengeItem)]
    for row in rows:
        if row.overdue:
            words = f"{row.body_name}: {row.area_for_development or row.question}"
            yield _ground("challenge", f"challenge:{row.id}", words)


def _actions(beside: Beside) -> Iterator[GroundItem]:
    rows = [item for one in beside.sections for item in one.items if isinstance(item, ActionItem)]
    for row in sorted(rows, key=lambda row: (row.originally_due_on, row.id)):
        yield _ground("action", f"action:{row.id}", f"{row.title}, due first on {date_words(row.originally_due_on)}")


_FOUND: dict[str, Callable[[Beside], Iterator[GroundItem]]] = {
    "concern": _concerns,
    "exception": _exceptions,
    "challenge": _challenges,
    "action": _actions,
}
