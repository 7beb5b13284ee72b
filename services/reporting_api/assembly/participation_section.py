"""How people took part: the section, and the statement at the head of the report, from the feedback service (R11)."""

from __future__ import annotations

from services.reporting_api.assembly import evidence_asks as asks
from services.reporting_api.assembly.brief import Brief
from services.reporting_api.assembly.evidence import Evidence
from services.reporting_api.assembly.feedback_answers import MethodDiversity, StrategyOverview
from services.reporting_api.assembly.feedback_sections import views_by_group
from services.reporting_api.assembly.protection import shown
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import date_words, listed, sentence
from shared.schemas.board_report import BoardReport, BoardSection, ParticipationStatement
from shared.schemas.board_report_items import StatementItem, SummaryLine
from shared.schemas.figures import ValueStatus
from shared.schemas.framework.reporting import SectionKind
from shared.schemas.participation_statement import ChangeTold, ParticipationRecord
from shared.suppression import is_small

# What the statement says itself is not said of the records again.
_SAID_ELSEWHERE = ("nothing_recorded", "nothing_changed")


def participation(work: Work) -> BoardSection:
    """What the records show of who took part and what is lacking; the statement stands at the head of the report."""
    views, record = asks.summary(work.brief), asks.statement(work.brief)
    methods, strategy = asks.diversity(work.brief), asks.strategy()
    section = work.start([views, record, methods, strategy])
    if (data := work.evidence.data(views)) is not None:
        views_by_group(work, data, section)
    found: ParticipationRecord | None = work.evidence.data(record)
    if found is not None:
        activities = sum(one.activities for one in found.methods)
        section.summary += [
            _line("activities", "Activities with children and families", activities),
            _line("methods", "Different methods", len(found.methods)),
        ]
        section.items += [
            StatementItem(group="gaps", group_label="What is lacking", text=gap.words)
            for gap in found.gaps
            if gap.code not in _SAID_ELSEWHERE
        ]
    _teams(work, section, work.evidence.data(methods))
    _strategy(section, work.evidence.data(strategy))
    return section


def _teams(work: Work, section: BoardSection, found: MethodDiversity | None) -> None:
    """Which teams used one way of hearing people only, or none (R10)."""
    if found is None:
        return
    section.summary += [
        _line("single_method", "Teams with one method only", len(found.single)),
        _line("no_method", "Teams that involved nobody", len(found.none)),
    ]
    groups = (
        ("single_method", "Teams with one method only", found.single),
        ("no_method", "Teams that involved nobody", found.none),
    )
    section.items += [
        StatementItem(group=group, group_label=label, text=work.brief.names.get(unit, unit))
        for group, label, units in groups
        for unit in units
    ]


def _strategy(section: BoardSection, found: StrategyOverview | None) -> None:
    """How far the participation strategy has come, and what of it is overdue (R12)."""
    if found is None or not found.commitments:
        return
    section.summary += [
        _line("strategy", "Commitments of the participation strategy", found.commitments),
        _line("strategy_done", "Of those, done", found.statuses.get("done", 0)),
        _line("strategy_overdue", "Of those, overdue", len(found.overdue)),
    ]
    section.items += [
        StatementItem(
            group="strategy_overdue", group_label="Overdue in the participation strategy",
            text=f"{one.title} (due {date_words(one.due_on)})",
        )
        for one in found.overdue
    ]  # fmt: skip


def _line(code: str, label: str, count: int) -> SummaryLine:
    return SummaryLine(code=code, label=label, **shown(count).model_dump())


def statement(
    brief: Brief, evidence: Evidence, *, protected: bool, before: BoardReport | None
) -> ParticipationStatement | None:
    """The statement the records make; None where they do not say all it needs, and then somebody writes it.

    Where the records cannot be read now, what they made of the draft so far stays.
    """
    if all(section.kind is not SectionKind.participation for section in brief.report.sections):
        return None
    if brief.shared_period != brief.period.code:
        # Of a term the neighbours tell the last month only: no statement on the whole of it.
        return None
    found: ParticipationRecord | None = evidence.data(asks.statement(brief))
    if found is None:
        return before.participation if before else None
    if not found.ready:
        return None
    if not found.took_place:
        return ParticipationStatement(
            took_place=False,
            why_not=" ".join(sentence(f"{one.title}: {one.why}") for one in found.none_took_part),
            what_follows=" ".join(sentence(f"{one.title}: {one.what_follows}") for one in found.none_took_part),
        )
    # A true total beside the one that the feedback service tells everybody would tell the few between them.
    people = found.how_many_told if protected else found.how_many
    # Told as nought before the records came is no number of those who did take part.
    small = people is None or (protected and (people == 0 or is_small(people, brief.threshold)))
    return ParticipationStatement(
        took_place=True,
        methods=[one.code for one in found.methods],
        who=sentence(listed([_small_letter(one.title) for one in found.who])),
        how_many=None if small else people,
        value_status=ValueStatus.c if small else None,
        what_changed=" ".join(_told(one) for one in found.what_changed),
    )


def _small_letter(title: str) -> str:
    return f"{title[:1].lower()}{title[1:]}"


def _told(one: ChangeTold) -> str:
    did = f" We did: {sentence(one.did)}" if one.did else ""
    not_done = f" Not done: {sentence(one.why_not)}" if one.why_not else ""
    return f"You said: {sentence(one.said)}{did}{not_done}"
