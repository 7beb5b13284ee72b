"""The five parts of a team's impact summary, each made of what the neighbours told this caller."""

from __future__ import annotations

from collections.abc import Sequence

from services.reporting_api.asking import Answers
from services.reporting_api.impact.part import count_line, part_of, text_line
from services.reporting_api.impact.schemas import ImpactLine, ImpactPart
from services.reporting_api.questions import (
    Subject,
    analysis_of,
    challenges_of,
    learning_of,
    recommendations_of,
    said_and_done_of,
    shared_learning_of,
    standings_of,
    summary_of,
    themes_of,
)
from services.reporting_api.testimony import (
    AllSaidAndDone,
    AllSharedLearning,
    Challenge,
    Challenges,
    Learning,
    Recommendations,
    Standing,
    Standings,
    ThemesTold,
)
from services.reporting_api.words import counted, listed
from shared.schemas.audit_summary import AuditAnalysis
from shared.schemas.feedback_summary import FeedbackSummary
from shared.schemas.figures import ThemedArea

_STANDS = {"strength": True, "attention": False, "neutral": None}
_ORDER = ("attention", "strength", "neutral")
_MOST_TITLES = 10


def indicators(subject: Subject, answers: Answers) -> ImpactPart:
    """The team's own figures: what needs attention first, then strengths."""
    question = standings_of(subject)
    rows = [one for one in _standings(answers, subject) if not _is_partners(one)]
    better, worse = (sum(one.standing == word for one in rows) for word in ("strength", "attention"))
    headline = (
        f"of {counted(len(rows), 'figure')} of our own, {better} {'is a strength' if better == 1 else 'are strengths'}"
        f" and {worse} {'needs' if worse == 1 else 'need'} attention"
        if rows
        else "no figure is kept of this team by itself"
    )
    part = part_of(answers, "indicators", headline, [question])
    part.lines = [_figure(one) for one in rows]
    return part


def _standings(answers: Answers, subject: Subject) -> list[Standing]:
    told: Standings | None = answers.of(standings_of(subject))
    rows = [one for one in told.items if one.value is not None or one.value_status == "c"] if told else []
    return sorted(rows, key=lambda one: (_ORDER.index(one.standing), one.indicator))


def _is_partners(one: Standing) -> bool:
    return one.themed_area == ThemedArea.partnership_and_external_scrutiny


def _figure(one: Standing) -> ImpactLine:
    return ImpactLine(
        kind="indicator", ref=one.indicator, title=one.title, period=one.period, value=one.value,
        value_status=one.value_status, display=one.display, favourable=_STANDS[one.standing],
        sentence=" ".join(reason.text for reason in one.reasons[:2]),
    )  # fmt: skip


def audits(subject: Subject, answers: Answers) -> ImpactPart:
    """Grades of each domain apart, what was found, strengths first, and what became of it."""
    question = analysis_of(subject)
    data: AuditAnalysis | None = answers.of(question)
    found = data.findings if data else None
    headline = "" if data is None or found is None else (
        f"{counted(data.audits, 'audit')}: {counted(found.strengths, 'strength')},"
        f" {counted(found.areas_for_improvement, 'area')} for improvement, {counted(found.concerns, 'concern')}"
    )  # fmt: skip
    part = part_of(answers, "audits", headline, [question])
    if data is not None:
        part.lines = [*_grades(data), *_found(data), *_actions(data)]
    return part


def _grades(data: AuditAnalysis) -> list[ImpactLine]:
    return [
        ImpactLine(
            kind="grades", ref=one.domain, title=one.title, period=data.period, value=one.good_percent,
            display=f"{one.good_percent:g}%", sentence=one.movement or "Graded good or outstanding.",
        )
        for one in data.domains
        if one.good_percent is not None
    ]  # fmt: skip


def _found(data: AuditAnalysis) -> list[ImpactLine]:
    return [
        *(text_line("strength", "Strength", text, favourable=True) for text in data.strengths[:_MOST_TITLES]),
        *(
            text_line("area_for_improvement", "To improve", text, favourable=False)
            for text in data.areas_for_improvement[:_MOST_TITLES]
        ),
        *(text_line("concern", "Concern", text, favourable=False) for text in data.concerns[:_MOST_TITLES]),
    ]


def _actions(data: AuditAnalysis) -> list[ImpactLine]:
    now = data.actions
    return [
        count_line("action", "Actions open", now.open, "action"),
        count_line("action", "Of these overdue", now.overdue, "action", favourable=False),
        count_line("action", "Closed with evidence of their effect", now.with_impact_evidence, "action", True),
    ]


def feedback(subject: Subject, answers: Answers) -> ImpactPart:
    """Views, complaints and compliments, and what changed because of them."""
    question = summary_of(subject)
    data: FeedbackSummary | None = answers.of(question)
    counts = (
        [("Views", data.views, "view", None), ("Complaints", data.complaints.received, "complaint", False),
         ("Compliments", data.compliments, "compliment", True)]
        if data
        else []
    )  # fmt: skip
    told = [counted(count, one) for _, count, one, _ in counts if count is not None]
    headline = listed(told) if told else "how many spoke is hidden, or nobody did"
    part = part_of(answers, "feedback", headline, [question, said_and_done_of(subject)])
    if data is not None:
        part.lines = [count_line("count", title, count, one, good) for title, count, one, good in counts]
        if data.withheld:
            part.caveats.append(data.withheld)
    part.lines += _changed(subject, answers)
    return part


def _changed(subject: Subject, answers: Answers) -> list[ImpactLine]:
    told: AllSaidAndDone | None = answers.of(said_and_done_of(subject))
    return [
        text_line(
            "changed", "You said, we did" if one.did else "You said, we could not",
            f"{one.said} {one.did or one.why_not or ''}", ref=one.id, favourable=True if one.did else None,
        )
        for one in (told.items if told else [])
    ]  # fmt: skip


def partners(subject: Subject, answers: Answers) -> ImpactPart:
    """What partners brought: figures of the partnership, their views by theme, and what boards asked."""
    challenges, views = challenges_of(subject, about_themes=False), themes_of(subject, family="partners", of="views")
    raised: Challenges | None = answers.of(challenges)
    standing = [one for one in (raised.items if raised else []) if _matters(subject, one)]
    told: ThemesTold | None = answers.of(views)
    spoken = [one for one in told.themes if one.counts.views] if told else []
    figures = [one for one in _standings(answers, subject) if _is_partners(one)]
    parts = [counted(len(figures), "figure"), counted(len(standing), "challenge"), counted(len(spoken), "theme")]
    headline = f"partners: {listed(parts)} they spoke of"
    part = part_of(answers, "partners", headline, [challenges, views, standings_of(subject)])
    if told and told.withheld:
        part.caveats.append(told.withheld)
    part.lines = [
        *(_figure(one) for one in figures),
        *(
            text_line(
                "challenge", subject.name(one.raised_by_body), one.question, ref=one.id, display=one.status,
                favourable=False if one.overdue else None,
            )
            for one in standing
        ),
        *(count_line("views", f"Partners on {one.title}", one.counts.views, "view") for one in spoken),
    ]  # fmt: skip
    return part


def _matters(subject: Subject, one: Challenge) -> bool:
    return one.raised_on >= subject.span.start or one.status != "closed"


def learned(subject: Subject, answers: Answers) -> ImpactPart:
    """What audits, reviews, complaints and partner agencies taught, in words that were passed on or approved."""
    audits_, reviews, shared = learning_of(subject), recommendations_of(subject), shared_learning_of()
    lines = [*_from_audits(subject, answers), *_from_reviews(subject, answers), *_from_complaints(subject, answers)]
    part = part_of(answers, "learned", f"{counted(len(lines), 'thing')} learned", [audits_, reviews, shared])
    part.lines = lines
    return part


def _from_audits(subject: Subject, answers: Answers) -> list[ImpactLine]:
    told: Learning | None = answers.of(learning_of(subject))
    return [
        text_line("lesson", "From audits", one.title, ref=one.id)
        for one in (told.items if told else [])
        if one.disseminated_on is not None and subject.span.start <= one.disseminated_on <= subject.span.end
    ]


def _from_reviews(subject: Subject, answers: Answers) -> list[ImpactLine]:
    told: Recommendations | None = answers.of(recommendations_of(subject))
    return [
        text_line(
            "recommendation", f"From the review {one.review_reference}", one.words, ref=one.id,
            display="overdue" if one.overdue else one.status, favourable=False if one.overdue else None,
        )
        for one in (told.items if told else [])
    ]  # fmt: skip


def _from_complaints(subject: Subject, answers: Answers) -> list[ImpactLine]:
    """The feed is of the whole partnership: its words name no unit, and are for every team."""
    told: AllSharedLearning | None = answers.of(shared_learning_of())
    titles = {"complaint": "From complaints", "agency": "From partners' complaints"}
    return [
        text_line("lesson", titles[one.origin], one.learning, ref=one.id)
        for one in (told.items if told else [])
        if subject.span.start <= one.shared_at.date() <= subject.span.end
    ]


def headlines(parts: Sequence[ImpactPart]) -> list[str]:
    return [one.headline for one in parts if one.availability == "available"]
