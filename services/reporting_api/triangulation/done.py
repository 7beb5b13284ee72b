"""What was done about a theme: actions and their effect, learning passed on, answers to what recurs, said and done."""

from __future__ import annotations

from collections.abc import Sequence

from services.reporting_api.asking import Question
from services.reporting_api.questions import (
    Subject,
    actions_of,
    learning_of,
    recurrences_of,
    said_and_done_of,
    shared_learning_of,
)
from services.reporting_api.testimony import Action, Actions, AllSaidAndDone, AllSharedLearning, Learning, Recurrences
from services.reporting_api.triangulation.hearing import Hearing
from services.reporting_api.triangulation.schemas import ActionDone, ActionsDone, DoneLine, DoneOut
from services.reporting_api.words import counted, sentence

_MOST_ACTIONS = 50
_AWAITING = ("completed", "verified")


def asks_for_deeds(subject: Subject, theme: str) -> list[Question]:
    return [
        actions_of(subject, theme),
        learning_of(subject, theme),
        recurrences_of(subject),
        said_and_done_of(subject, theme),
        shared_learning_of(theme),
    ]


def tell_deeds(hearing: Hearing) -> DoneOut:
    """Everything done, each with where it came from."""
    asks = asks_for_deeds(hearing.subject, hearing.code)
    told: Actions | None = hearing.answers.of(asks[0])
    actions = _actions(hearing.subject, told.items) if told else None
    lines = [*_recurring(hearing), *_learned(hearing), *_said_and_done(hearing)]
    # A list that was cut is said to be, never taken for the whole.
    cut = [one for one in asks if getattr(hearing.answers.of(one), "next", None)]
    caveats = [f"Of {one.path} only the first page was read; there is more." for one in cut]
    return DoneOut(
        headline=_headline(actions, lines), actions=actions, lines=lines, caveats=caveats,
        sources=[hearing.answers.source(one) for one in asks],
    )  # fmt: skip


def _headline(actions: ActionsDone | None, lines: Sequence[DoneLine]) -> str:
    if actions is None and not lines:
        return "What was done could not be read."
    counts = {kind: sum(one.kind == kind for one in lines) for kind in ("learning", "said_and_done")}
    deeds = "" if actions is None else (
        f"{counted(actions.open, 'action')} open, {actions.overdue} of them overdue, {actions.closed} closed;"
        f" {actions.with_good_effect} with a good effect shown; "
    )  # fmt: skip
    said = counted(counts["said_and_done"], "change", "changes")
    return sentence(f"{deeds}{counted(counts['learning'], 'lesson')} passed on; {said} told back to those who spoke")


def _actions(subject: Subject, rows: Sequence[Action]) -> ActionsDone:
    span = subject.span
    mine = [
        one
        for one in rows
        if one.status != "cancelled"
        and one.raised_on <= span.end
        and (one.closed_on is None or one.closed_on >= span.start)
    ]
    first = sorted(mine, key=lambda one: (not one.overdue, one.status == "closed", one.due_on))
    return ActionsDone(
        open=sum(one.status == "open" for one in mine),
        overdue=sum(one.overdue for one in mine),
        awaiting_impact=sum(one.status in _AWAITING for one in mine),
        closed=sum(one.status == "closed" for one in mine),
        with_good_effect=sum(one.impact == "positive" for one in mine),
        items=[
            ActionDone(
                id=one.id, title=one.title, unit=one.unit, unit_name=subject.name(one.unit), status=one.status,
                due_on=one.due_on, overdue=one.overdue, impact=one.impact,
            )
            for one in first[:_MOST_ACTIONS]
        ],
    )  # fmt: skip


def _recurring(hearing: Hearing) -> list[DoneLine]:
    told: Recurrences | None = hearing.answers.of(recurrences_of(hearing.subject))
    return [
        DoneLine(
            kind="recurrence", id=None, text=one.sentence, outcome=one.answered.response if one.answered else None,
            on=None,
        )
        for one in (told.items if told else [])
        if one.theme == hearing.code
    ]  # fmt: skip


def _learned(hearing: Hearing) -> list[DoneLine]:
    end = hearing.subject.span.end
    told: Learning | None = hearing.answers.of(learning_of(hearing.subject, hearing.code))
    shared: AllSharedLearning | None = hearing.answers.of(shared_learning_of(hearing.code))
    own = [
        DoneLine(kind="learning", id=one.id, text=one.title, outcome=None, on=one.disseminated_on)
        for one in (told.items if told else [])
        if one.disseminated_on is None or one.disseminated_on <= end
    ]
    lessons = [
        DoneLine(kind="shared_learning", id=one.id, text=one.learning, outcome=None, on=one.shared_at.date())
        for one in (shared.items if shared else [])
        if one.shared_at.date() <= end
    ]
    return own + lessons


def _said_and_done(hearing: Hearing) -> list[DoneLine]:
    told: AllSaidAndDone | None = hearing.answers.of(said_and_done_of(hearing.subject, hearing.code))
    return [
        DoneLine(kind="said_and_done", id=one.id, text=one.said, outcome=one.did or one.why_not, on=one.ended_on)
        for one in (told.items if told else [])
    ]
