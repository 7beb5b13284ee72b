"""The route that tells how well the classifier suggests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Self

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.intervals import Interval
from services.feedback_api.models import ThemeDecision, table_of
from services.feedback_api.themes.accuracy import Judged, Score, baseline, score, score_theme
from services.feedback_api.themes.records import RecordKind
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.clock import local_midnight
from shared.resources import DatabaseOf
from shared.schemas.base import LocalDate, OutModel
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["themes"], route_class=StrictRoute)
_DECISION = table_of(ThemeDecision)


class AccuracyWithinOut(OutModel):
    """A proportion between its 95% limits."""

    value: float
    lower: float
    upper: float

    @classmethod
    def of(cls, one: Interval | None) -> Self | None:
        return None if one is None else cls(**{name: round(getattr(one, name), 4) for name in cls.model_fields})


class ScoreOut(OutModel):
    """How suggestions met decisions; a measure is null where nothing could be right or wrong."""

    records: int
    right: int = Field(description="themes suggested and chosen")
    wrong: int = Field(description="themes suggested and not chosen")
    missed: int = Field(description="themes chosen and not suggested")
    precision: AccuracyWithinOut | None
    recall: AccuracyWithinOut | None
    f1: AccuracyWithinOut | None
    exact: AccuracyWithinOut | None = Field(description="records whose suggestions were just what was chosen")

    @classmethod
    def of(cls, one: Score) -> Self:
        counts = {name: getattr(one, name) for name in ("records", "right", "wrong", "missed")}
        shares = {name: AccuracyWithinOut.of(getattr(one, name)) for name in ("precision", "recall", "f1", "exact")}
        return cls.model_validate(counts | shares)


class ThemeScoreOut(OutModel):
    theme: str
    score: ScoreOut


class ClassifierScoreOut(OutModel):
    classifier: str
    score: ScoreOut


class AccuracyOut(OutModel):
    """The accuracy of suggestions that were made before the decision they are judged by."""

    score: ScoreOut
    baseline_theme: str | None = Field(description="the theme chosen most")
    baseline: ScoreOut | None = Field(description="what always suggesting that one theme would have come to")
    themes: list[ThemeScoreOut]
    classifiers: list[ClassifierScoreOut] = Field(description="by version of the classifier")
    not_judged: int = Field(
        description="decisions left out: later ones of the same record, and those its lessons may come from"
    )


@router.get("/themes/accuracy", response_model=AccuracyOut)
async def get_theme_accuracy(
    caller: Annotated[Caller, may("feedback:figures")],
    database: DatabaseOf,
    first: Annotated[LocalDate | None, Query(alias="from", description="decided on or after")] = None,
    last: Annotated[LocalDate | None, Query(alias="to", description="decided on or before")] = None,
    kind: RecordKind | None = None,
    classifier: Annotated[str | None, Query(pattern=r"^[0-9a-f]{16}$", description="only this version")] = None,
) -> Response:
    """Precision, recall, F1 and exact agreement of suggested themes, each with its 95% interval, beside a baseline."""
    async with database.snapshot() as session:
        decisions, not_judged = await _read(session, first, last, kind, classifier)
    base = baseline(decisions)
    themes = sorted({theme for one in decisions for theme in one.suggested | one.chosen})
    versions = sorted({one.classifier for one in decisions})
    answer = AccuracyOut(
        score=ScoreOut.of(score(decisions)),
        baseline_theme=None if base is None else base[0],
        baseline=None if base is None else ScoreOut.of(base[1]),
        themes=[ThemeScoreOut(theme=one, score=ScoreOut.of(score_theme(decisions, one))) for one in themes],
        classifiers=[
            ClassifierScoreOut(
                classifier=version, score=ScoreOut.of(score(one for one in decisions if one.classifier == version))
            )
            for version in versions
        ],
        not_judged=not_judged,
    )
    return Response(answer.model_dump_json(), media_type="application/json")


async def _read(
    session: AsyncSession, first: date | None, last: date | None, kind: str | None, classifier: str | None
) -> tuple[list[Judged], int]:
    """The decisions to judge by, alike ones together, and how many are none."""
    decision = _DECISION.c
    before = sa.or_(decision.learned_through.is_(None), decision.learned_through < decision.decided_at)
    fair = sa.and_(decision.first, before).label("fair")
    wanted: list[sa.ColumnElement[bool]] = []
    if first is not None:
        wanted.append(decision.decided_at >= local_midnight(first))
    if last is not None:
        wanted.append(decision.decided_at < local_midnight(last + timedelta(days=1)))
    if kind is not None:
        wanted.append(decision.subject_kind == kind)
    if classifier is not None:
        wanted.append(decision.classifier == classifier)
    columns = (decision.suggested, decision.chosen, decision.classifier, fair)
    statement = sa.select(*columns, sa.func.count().label("n")).where(*wanted).group_by(*columns)
    rows = (await session.execute(statement)).all()
    judged = [
        Judged(frozenset(row.suggested), frozenset(row.chosen), row.classifier, row.n) for row in rows if row.fair
    ]
    return judged, sum(row.n for row in rows if not row.fair)
