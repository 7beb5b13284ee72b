"""Transfer of learning: what the same people answered after a course and some months later (R57)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.intervals import paired_change
from services.feedback_api.surveys.counting import Item
from services.feedback_api.surveys.result_schemas import EstimateOut
from services.feedback_api.surveys.told import estimate
from shared.schemas.base import OutModel
from shared.schemas.framework.surveys import ENGLISH
from shared.suppression import is_small

Points = dict[tuple[str, str], tuple[int, int]]


class TransferRow(OutModel):
    """One question asked at both times. Its counts are hidden together, and the mean with them or by itself."""

    question: str
    item: str | None
    label: str
    pairs: int | None = Field(description="people who answered it both times")
    better: int | None = Field(description="of those, further towards the good end of the scale")
    same: int | None
    worse: int | None
    mean_change: EstimateOut | None = Field(
        description="towards the good end, in points, with its 95% interval by Student"
    )
    value_status: Literal["c"] | None = None


class TransferOut(OutModel):
    """What was kept of a course, by those who gave the same code both times; nobody else can be paired."""

    wave: UUID
    follows: UUID
    months: int
    course: str | None
    agency: str | None
    protected: bool
    withheld: Literal["open"] | None = Field(description="`open`: told when the later part has closed")
    responses: int | None = Field(description="in the later part; null where few")
    pairs: int | None
    questions: list[TransferRow]


# A code that several people chose pairs nobody.
_PAIRS = sa.text(
    """
    WITH one AS (
      SELECT pair_key, min(CAST(id AS text)) AS id FROM survey_response
      WHERE wave_id = :first AND pair_key IS NOT NULL GROUP BY 1 HAVING count(*) = 1),
    two AS (
      SELECT pair_key, min(CAST(id AS text)) AS id FROM survey_response
      WHERE wave_id = :later AND pair_key IS NOT NULL GROUP BY 1 HAVING count(*) = 1)
    SELECT CAST(one.id AS uuid) AS before, CAST(two.id AS uuid) AS after FROM one JOIN two USING (pair_key)
    """
)
_CHANGES = sa.text(
    f"""
    WITH pair AS ({_PAIRS.text})
    SELECT b.question, b.item, CAST(a.option AS integer) - CAST(b.option AS integer) AS step, count(*) AS n
    FROM pair JOIN survey_answer b ON b.response_id = pair.before AND b.option <> ''
    JOIN survey_answer a
      ON a.response_id = pair.after AND a.question = b.question AND a.item = b.item AND a.option <> ''
    WHERE b.question = ANY(:scales) GROUP BY 1, 2, 3
    """  # noqa: S608
)


async def read_steps(
    session: AsyncSession, first: UUID, later: UUID, items: Sequence[Item]
) -> tuple[int, dict[tuple[str, str], Counter[int]]]:
    """How many pairs there are, and for each question how often it went up or down by how many points."""
    bound = {"first": first, "later": later, "scales": sorted({one.question.code for one in items if one.scale})}
    pairs = len((await session.execute(_PAIRS, bound)).all())
    steps: dict[tuple[str, str], Counter[int]] = {}
    for row in await session.execute(_CHANGES, bound):
        steps.setdefault((row.question, row.item), Counter())[row.step] = row.n
    return pairs, steps


def transfer_row(item: Item, steps: Mapping[int, int], threshold: int | None) -> TransferRow:
    """What became of one question; nothing of it where any number of people is small.

    The mean tells with its interval how many went how far, and is told only where each of those numbers could be.
    """
    assert item.scale is not None
    good = {step if item.scale.high_is_good else -step: times for step, times in steps.items()}
    parts = {
        "better": sum(times for step, times in good.items() if step > 0),
        "same": good.get(0, 0),
        "worse": sum(times for step, times in good.items() if step < 0),
    }
    pairs = sum(parts.values())
    hide = threshold is not None and any(is_small(count, threshold) for count in (pairs, *parts.values()))
    few = threshold is not None and (pairs <= threshold)
    singled_out = threshold is not None and any(is_small(times, threshold) for times in good.values())
    labels = {row.code: row.label[ENGLISH] for row in item.question.rows}
    label = item.question.label[ENGLISH]
    return TransferRow(
        question=item.asked.question,
        item=item.asked.item or None,
        label=f"{label}: {labels[item.asked.item]}" if item.asked.item else label,
        pairs=None if few else pairs,
        mean_change=None if few or hide or singled_out else estimate(paired_change(good), digits=2),
        value_status="c" if hide or singled_out else None,
        **(dict.fromkeys(parts) if hide else parts),
    )
