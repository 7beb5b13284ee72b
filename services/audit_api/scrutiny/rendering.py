"""How reviews and recommendations look to one caller on one day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from services.audit_api.scrutiny.queries import NONE_YET
from services.audit_api.scrutiny.recommendation_schemas import (
    MilestoneOut,
    RecommendationChangeOut,
    RecommendationOut,
    RecommendationRow,
)
from services.audit_api.scrutiny.schemas import (
    AreaOut,
    EarlierOut,
    JudgementOut,
    Movement,
    ReviewOut,
    ReviewRow,
    ScrutinyProgress,
    Stage,
    Standing,
    TrendPoint,
    TriggeredOut,
)
from shared.auth.caller import Caller

_ORDER: tuple[Standing, ...] = ("serious_concern", "concern", "improving", "strength")
CONCERNS: tuple[Standing, ...] = ("serious_concern", "concern")


def review_row(row: Any, progress: ScrutinyProgress | None) -> ReviewRow:
    return ReviewRow(**_review(row, progress))


def review_out(
    row: Any,
    progress: ScrutinyProgress | None,
    areas: Sequence[Any],
    audits: Sequence[Any],
    earlier: Sequence[Any],
    caller: Caller,
) -> ReviewOut:
    return ReviewOut(
        **_review(row, progress),
        framework=row.framework,
        judgements=[JudgementOut(**one) for one in row.judgements],
        asked_about=row.asked_about,
        areas=[AreaOut.model_validate({name: getattr(one, name) for name in AreaOut.model_fields}) for one in areas],
        requested_on=row.requested_on,
        held_on=row.held_on,
        published_on=row.published_on,
        summary=row.summary,
        audits=[TriggeredOut.model_validate(one) for one in audits],
        earlier=[
            EarlierOut.model_validate(
                one.content
                | {"version": one.version, "superseded_by": one.superseded_by, "superseded_at": one.superseded_at}
            )
            for one in earlier
        ],
        recorded_by=row.recorded_by,
        allowed_actions=["change", "recommend"] if caller.may("audit:manage") else [],
    )


def _review(row: Any, progress: ScrutinyProgress | None) -> dict[str, Any]:
    stage: Stage = "published" if row.published_on else "held" if row.held_on else "requested"
    names = ("id", "kind", "direction", "reference", "title", "unit", "led_by", "on", "version")
    return {name: getattr(row, name) for name in names} | {"stage": stage, "recommendations": progress or NONE_YET}


def trend_points(rows: Sequence[Any], progress: dict[Any, ScrutinyProgress]) -> list[TrendPoint]:
    """The topic in each review, the earliest first, each compared with the one before."""
    points: list[TrendPoint] = []
    for row in rows:
        names = ("reference", "title", "kind", "direction", "on", "standing", "words")
        points.append(
            TrendPoint(
                review=row.id,
                movement=movement(points[-1].standing, row.standing) if points else None,
                recommendations=progress.get(row.id, NONE_YET),
                **{name: getattr(row, name) for name in names},
            )
        )
    return points


def movement(was: Standing, now: Standing) -> Movement:
    """Whether a topic stands better than before."""
    step = _ORDER.index(now) - _ORDER.index(was)
    return "better" if step > 0 else "worse" if step < 0 else "unchanged"


def together(each: Sequence[ScrutinyProgress]) -> ScrutinyProgress:
    """The recommendations of several reviews."""
    return ScrutinyProgress(**{name: sum(getattr(one, name) for one in each) for name in ScrutinyProgress.model_fields})


def carries_out(row: Any, caller: Caller) -> bool:
    """Its owner does, and whoever manages audits."""
    mine = row.owner_subject == caller.subject or row.owner_role in caller.roles
    return caller.may("audit:manage") or (mine and caller.may("audit:write"))


def recommendation_row(row: Any, today: date) -> RecommendationRow:
    return RecommendationRow(**_recommendation(row, today))


def recommendation_out(
    row: Any, steps: Sequence[Any], history: Sequence[Any], actions: list[Any], caller: Caller, today: date
) -> RecommendationOut:
    moving = row.status == "open" and carries_out(row, caller)
    return RecommendationOut(
        **_recommendation(row, today),
        steps=[_step(one, today) for one in steps],
        actions=actions,
        history=[
            RecommendationChangeOut(
                kind=one.kind, milestone=one.milestone, was_due_on=one.was_due_on, day=one.day, words=one.words,
                by=one.done_by, at=one.done_at,
            )
            for one in history
        ],
        recorded_by=row.recorded_by,
        allowed_actions=["redate", "reach_milestone", "link_actions", "end"] if moving else [],
    )  # fmt: skip


def state_of(
    original_due_on: date, reached_on: date | None, today: date
) -> Literal["planned", "reached", "reached_late", "late"]:
    """Where a milestone stands, measured by its first date, so that re-dating never hides that it is late."""
    if reached_on is not None:
        return "reached_late" if reached_on > original_due_on else "reached"
    return "late" if today > original_due_on else "planned"


def _step(one: Any, today: date) -> MilestoneOut:
    return MilestoneOut(
        number=one.position, title=one.title, original_due_on=one.original_due_on, due_on=one.due_on,
        reached_on=one.reached_on, state=state_of(one.original_due_on, one.reached_on, today),
    )  # fmt: skip


def _recommendation(row: Any, today: date) -> dict[str, Any]:
    derived = {"review", "overdue", "days_overdue"}
    found = {name: getattr(row, name) for name in RecommendationRow.model_fields if name not in derived}
    return found | {
        "review": row.review_id,
        "overdue": row.status == "open" and today > min(row.due_on, row.original_due_on),
        "days_overdue": max(0, ((row.ended_on or today) - row.original_due_on).days),
    }
