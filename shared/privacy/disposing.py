"""Taking records out: all that hangs from them, kept answers, and what the activity log says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from shared.activity.record import record_activity
from shared.activity.sealer import lock_head, rest_of
from shared.activity.verify import digest_of
from shared.auth.caller import Caller
from shared.ids import new_id
from shared.privacy.holdings import Holdings, Kind
from shared.privacy.reach import beside, chosen, deletions, loosening
from shared.tables import activity_erased, disposal

Why = Literal["retention", "erasure"]
DEED = {"retention": "privacy.purged", "erasure": "privacy.erased"}
# One at a time, and none while a hold is being placed.
LOCK = 0x51415048
ERASED = "erased"
_ANSWERS = """
DELETE FROM idempotency_key WHERE (subject_type, subject_id) IN
  (SELECT * FROM unnest(CAST(:types AS text[]), CAST(:ids AS text[])))
"""
_READS = """
UPDATE read_log SET subject_id = :erased WHERE (subject_type, subject_id) IN
  (SELECT * FROM unnest(CAST(:types AS text[]), CAST(:ids AS text[])))
"""
_DEEDS = """
WITH unlinked AS (
  UPDATE activity SET salt = NULL, reason = NULL, data = '{}',
    subject_id = CASE WHEN CAST(:personal AS boolean) THEN :erased ELSE subject_id END
  WHERE (subject_type, subject_id) IN (SELECT * FROM unnest(CAST(:types AS text[]), CAST(:ids AS text[])))
    AND (salt IS NOT NULL OR reason IS NOT NULL OR data <> '{}')
  RETURNING *)
SELECT unlinked.*, s.position, s.hash FROM unlinked LEFT JOIN activity_seal s ON s.activity_id = unlinked.id
"""


async def lock_disposals(session: AsyncSession) -> None:
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))


class Disposal:
    """One disposal at work in its transaction: records leave by it, and its deed says how many of what."""

    def __init__(self, session: AsyncSession, holdings: Holdings, caller: Caller) -> None:
        self._session, self._holdings, self._caller = session, holdings, caller
        self.id: UUID = new_id()
        self.why: Why = "retention"
        self.counts: Counter[str] = Counter()
        self.rows: Counter[str] = Counter()
        self.unlinked = 0
        self.personal_keys: set[str] = set()
        self._unlinked: list[tuple[UUID, bytes]] = []

    async def begin(self, why: Why, ground: str | None = None, request_reference: str | None = None) -> None:
        """Write the disposal, without which no final row may leave, and hold the log's head so that nothing is sealed
        half unlinked."""
        self.why = why
        await lock_head(self._session)
        await self._session.execute(
            sa.insert(disposal).values(
                id=self.id, why=why, ground=ground, request_reference=request_reference, done_by=self._caller.subject
            )
        )

    async def take_out(self, kind: Kind, keys: Sequence[Any]) -> None:
        """Records of one kind, by their keys, which the caller has locked and found free of holds."""
        if not keys:
            return
        given = {"keys": to_json(keys).decode()}
        logged = await self._logged(kind, given)
        for statement in kind.along:
            await self._run(statement.replace("{chosen}", chosen(self._holdings.metadata, kind, kind.table)), given)
        for statement in loosening(self._holdings.metadata, kind):
            await self._run(statement, given)
        for table, of_them in beside(self._holdings.metadata, kind):
            gone = await self._session.execute(sa.text(f"DELETE FROM {table} WHERE {of_them}"), given)  # noqa: S608
            self.rows[table] += int(getattr(gone, "rowcount", 0))
        for table, statement in deletions(self._holdings.metadata, kind):
            gone = await self._session.execute(sa.text(statement), given)
            self.rows[table] += int(getattr(gone, "rowcount", 0))
        self.counts[kind.name] += len(keys)
        await self._unlink(kind, logged)

    async def end(self) -> None:
        """The deed: what left by kind, and the digest of what is left of the deeds that were unlinked."""
        if self._unlinked:
            rows = [{"activity_id": one, "disposal": self.id, "rest": rest} for one, rest in self._unlinked]
            await self._session.execute(sa.insert(activity_erased), rows)
        data: dict[str, Any] = {"records": dict(self.counts), "unlinked": digest_of(self._unlinked)}
        await record_activity(self._session, self._caller, DEED[self.why], "disposal", self.id, data=data)

    async def _run(self, statement: str, given: dict[str, Any]) -> None:
        clause = sa.text(statement)
        await self._session.execute(clause, given if ":keys" in statement else {})

    async def _logged(self, kind: Kind, given: dict[str, Any]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for one in kind.logged:
            where = chosen(self._holdings.metadata, kind, one.table)
            statement = sa.text(f"SELECT CAST({one.key} AS text) FROM {one.table} WHERE {where}")  # noqa: S608
            found += [(one.subject_type, key) for key in (await self._session.execute(statement, given)).scalars()]
        return found

    async def _unlink(self, kind: Kind, logged: Sequence[tuple[str, str]]) -> None:
        if not logged:
            return
        given = {"types": [one for one, _ in logged], "ids": [key for _, key in logged]}
        await self._session.execute(sa.text(_ANSWERS), given)
        if kind.personal_key:
            self.personal_keys |= set(given["ids"])
            await self._session.execute(sa.text(_READS), given | {"erased": ERASED})
        told = given | {"personal": kind.personal_key, "erased": ERASED}
        rows = (await self._session.execute(sa.text(_DEEDS), told)).mappings().all()
        self.unlinked += len(rows)
        # What was not sealed yet is sealed as it now stands.
        self._unlinked += [
            (row["id"], rest_of(row["position"], row["hash"], {**row, "data": {}}))
            for row in rows
            if row["position"] is not None
        ]
