"""The exceptions of any period, place and caller, computed when asked: two reads of figures, then pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.exceptions.case import Case
from services.indicator_api.exceptions.cases import read_cases
from services.indicator_api.exceptions.evaluate import EVERYTHING, Look, Verdict, judge
from services.indicator_api.exceptions.frame import Frame, Pair, Scope
from services.indicator_api.exceptions.lateness import is_expected
from services.indicator_api.exceptions.rows import row_of
from shared.schemas.exceptions import ExceptionOut


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in one series; `counted` says whether there was anything to examine."""

    pair: Pair
    counted: bool
    rows: list[ExceptionOut]


def every_pair(frame: Frame, places: Iterable[str]) -> list[Pair]:
    return [(indicator, place) for place in places for indicator in frame.definitions]


async def examine(
    session: AsyncSession,
    frame: Frame,
    scope: Scope,
    pairs: Sequence[Pair],
    *,
    as_at: datetime | None = None,
    looks: Mapping[Pair, Look] | None = None,
    alone: Collection[Pair] = (),
) -> list[Examined]:
    """Every exception of each pair that stands on the day of the scope, and those that stood and do so no more.

    `looks` says what of a pair is worth looking at, where a screen has told. `alone` names the pairs whose own figures
    are known to leave no sum to make.
    """
    cases = await read_cases(session, frame, scope, pairs, as_at, alone)
    return [
        _examined(pair, case, judge(case, scope.day, scope.since, looks[pair] if looks else EVERYTHING))
        for pair, case in zip(pairs, cases, strict=True)
    ]


def _examined(pair: Pair, case: Case, verdict: Verdict) -> Examined:
    counted = bool(case.figures) or is_expected(case.definition, case.place.code)
    then = replace(case, figures=verdict.earlier.figures)
    rows = [row_of(case, one) for one in verdict.standing] + [row_of(then, one) for one in verdict.resolved]
    return Examined(pair, counted, rows)
