"""How far a follower has read: by the activity log for what was published, by transactions for what changes.

Both miss no late commit. The log's positions are given out one by one by its sealer; and of transactions the mark is
the oldest still at work when the table was read: what it commits later is told the next time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.extracts.errors import ExtractRestarted
from services.reporting_api.flat_tables import PUBLISHED_FIGURES
from shared.activity.sealer import read_head
from shared.extracts.tables import Table
from shared.paging import cursor_key, decode_cursor, encode_cursor, long_number

_OLDEST = sa.text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)")


@dataclass(frozen=True)
class Mark:
    """`at` is of this table, in this life of the database."""

    table: str
    epoch: str
    at: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises Malformed where it is none."""
        table, epoch, at = cursor_key(decode_cursor(text, (str, str, str)), str, str, long_number)
        return cls(table, epoch, at)

    def written(self) -> str:
        return encode_cursor((self.table, self.epoch, str(self.at)))


async def mark_now(session: AsyncSession, table: Table) -> Mark:
    """The mark of what this snapshot of the database shows."""
    head = await read_head(session)
    at = head.position if table is PUBLISHED_FIGURES else int((await session.execute(_OLDEST)).scalar_one())
    return Mark(table.name, str(head.epoch), at)


def check_mark(mark: Mark, now: Mark) -> None:
    """Raises ExtractRestarted for a mark of another table or of before a restore."""
    if (mark.table, mark.epoch) != (now.table, now.epoch) or mark.at > now.at:
        raise ExtractRestarted()


def since(source: sa.Subquery, table: Table, mark: Mark | None, now: Mark) -> list[sa.ColumnElement[bool]]:
    """The rows that a reading from one mark to the next tells."""
    if table is PUBLISHED_FIGURES:
        return [source.c.at > (mark.at if mark else 0), source.c.at <= now.at]
    return [source.c.at >= mark.at] if mark else []
