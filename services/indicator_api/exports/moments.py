"""The moment that all blocks of a file and all pages of a reading show.

An import is recorded as of when it began. One that was at work when the first block was read may end before the next
is: it stays out of all of them, known by the transactions that had not ended then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import metadata
from shared.extracts.errors import UnreadableQuery
from shared.extracts.options import moment_of_token
from shared.paging import long_number
from shared.tables import activity, activity_head, activity_pending, activity_seal

_import = metadata.tables["observation_import"]
_SNAPSHOT = sa.cast(sa.func.pg_current_snapshot(), sa.Text)
# A row keeps the lower 32 bits of the number of the transaction that wrote it.
_WROTE = sa.cast(sa.cast(sa.literal_column("observation_import.xmin"), sa.Text), sa.BigInteger)
_ROUND = 2**32
# As many fit in a token. More at work at once is unheard of; those that began first are kept, as they take longest.
_MOST = 80


@dataclass(frozen=True)
class Moment:
    """`position`: how far the log was sealed. `following`: the transaction to come. `at_work`: those that had begun
    and not ended, as how long before it they began."""

    at: datetime
    position: int
    following: int
    at_work: tuple[int, ...]

    def written(self) -> str:
        """As a token carries it."""
        before = ",".join(f"{one:x}" for one in self.at_work)
        return f"{self.at.isoformat()} {self.position} {self.following} {before}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises UnreadableQuery where it is none."""
        when, *numbers = text.split(" ")
        try:
            position, following, before = numbers
            at_work = tuple(int(one, 16) for one in before.split(",")) if before else ()
            return cls(moment_of_token(when), long_number(position), long_number(following), at_work)
        except ValueError:
            raise UnreadableQuery("$skiptoken is not one of this feed's") from None

    def saw(self, transaction: int) -> bool:
        """Whether it had ended then."""
        before = (self.following - transaction) % _ROUND
        return 0 < before < _ROUND // 2 and before not in self.at_work


async def begin_at(session: AsyncSession, at: datetime) -> Moment:
    """The moment as this snapshot of the database shows it."""
    row = (await session.execute(sa.select(activity_head.c.position, _SNAPSHOT))).one()
    _, following, running = row[1].split(":")
    before = sorted((int(following) - int(one) for one in running.split(",") if one), reverse=True)
    return Moment(at, row.position, int(following), tuple(before[:_MOST]))


async def unseen(session: AsyncSession, moment: Moment) -> Sequence[UUID]:
    """The imports recorded as of the moment or before that the first block did not show."""
    # Each import tells the log of itself, which had sealed nothing of them.
    since = sa.union_all(
        sa.select(activity_pending.c.activity_id),
        sa.select(activity_seal.c.activity_id).where(activity_seal.c.position > moment.position),
    )
    told = sa.select(activity.c.subject_id).where(
        activity.c.subject_type == "observation_import", activity.c.id.in_(since)
    )
    ids = [UUID(one) for one in (await session.execute(told)).scalars()]
    if not ids:
        return ()
    mine = _import.c.id == sa.any_(sa.literal(ids, ARRAY(sa.Uuid)))
    wrote = await session.execute(sa.select(_import.c.id, _WROTE).where(mine, _import.c.recorded_at <= moment.at))
    return [found for found, transaction in wrote if not moment.saw(transaction)]
