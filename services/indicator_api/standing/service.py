"""Where each figure stands: positions of a page of indicators, and strengths and areas for attention of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from services.indicator_api.standing.judging import Reason, classify
from services.indicator_api.standing.positions import position_of
from services.indicator_api.standing.reasons import reasons_for
from services.indicator_api.standing.schemas import PositionOut, ReasonOut, Standing, StandingCounts, StandingOut
from services.indicator_api.standing.subject import Subject


def standing_of(subject: Subject, day: date) -> StandingOut:
    """One indicator's latest value with its class and every reason."""
    position = position_of(subject)
    reasons = reasons_for(subject, position, day)
    return _row(subject, position, reasons)


def _row(subject: Subject, position: PositionOut, reasons: Sequence[Reason]) -> StandingOut:
    content = subject.definition.content
    return StandingOut(
        indicator=position.indicator,
        title=position.title,
        themed_area=position.themed_area,
        focus_area=content["focus_area"],
        information_type=content["information_type"],
        reportable=position.reportable,
        published_by=subject.definition.published_by,
        plans=content["plans"],
        area=position.area,
        area_name=position.area_name,
        period=position.period,
        value=position.value,
        value_status=position.value_status,
        display=position.display,
        target=position.target,
        band=position.among_authorities.band,
        rank=position.among_authorities.rank,
        standing=classify(reasons),
        reasons=[
            ReasonOut(code=one.code, favourable=one.favourable, text=one.text, exception=one.exception)
            for one in reasons
        ],
    )


def counts_of(rows: Sequence[StandingOut]) -> StandingCounts:
    found = Counter(one.standing for one in rows)
    return StandingCounts(
        strength=found[Standing.strength], attention=found[Standing.attention], neutral=found[Standing.neutral]
    )
