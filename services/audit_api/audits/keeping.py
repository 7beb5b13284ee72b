"""Findings keep who they are through every change, because actions, learning and later findings point at them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.audits.errors import FindingInUse
from services.audit_api.audits.schemas import Content, FindingIn
from services.audit_api.escalating import raise_concerns
from services.audit_api.models import ActionEvidence, AuditFinding
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.database import driver_connection
from shared.ids import new_id
from shared.problems import Fault, Malformed

Row = dict[str, Any]
_findings, _evidence = table_of(AuditFinding), table_of(ActionEvidence)
# Places are unique: the old ones step aside before the new ones are taken.
_ASIDE = "UPDATE audit_finding SET position = -1 - position WHERE audit_id = $1"
_REMOVE = "DELETE FROM audit_finding WHERE audit_id = $1 AND NOT id = ANY($2::uuid[])"
_KEEP = """
INSERT INTO audit_finding (audit_id, id, position, kind, domain, title, detail, themes, repeat_of, escalation_id)
SELECT $1, given.id, given.position, given.kind, given.domain, given.title, given.detail, given.themes,
  (SELECT known.id FROM audit_finding AS known WHERE known.id = given.repeat_of), given.escalation_id
FROM jsonb_to_recordset($2::jsonb) AS given(id uuid, position smallint, kind text, domain text,
  title text, detail text, themes text[], repeat_of uuid, escalation_id uuid)
ON CONFLICT (id) DO UPDATE SET position = excluded.position, kind = excluded.kind, domain = excluded.domain,
  title = excluded.title, detail = excluded.detail, themes = excluded.themes, repeat_of = excluded.repeat_of,
  escalation_id = excluded.escalation_id
"""


def finding_rows(given: Sequence[FindingIn], held: Sequence[Mapping[str, Any]] = ()) -> list[Row]:
    """The findings as rows, each that was there before under its id: the one it names, or else the one with the same
    kind, domain and title. Raises Malformed where an id is not one of those held, or stands twice."""
    known = {str(row["id"]) for row in held}
    named = [None if finding.id is None else str(finding.id) for finding in given]
    faults = []
    for place, name in enumerate(named):
        if name is not None and name not in known:
            faults.append(Fault(f"/findings/{place}/id", "unknown_finding", "the audit has no finding with this id"))
        elif name is not None and name in named[:place]:
            faults.append(Fault(f"/findings/{place}/id", "duplicate", "an earlier finding here has this id"))
    if faults:
        raise Malformed("A finding cannot be kept; see errors.", errors=faults)
    alike: dict[tuple[str, str, str], list[str]] = {}
    for row in held:
        if str(row["id"]) not in named:
            alike.setdefault((row["kind"], row["domain"], row["title"]), []).append(str(row["id"]))
    rows = []
    for place, (finding, name) in enumerate(zip(given, named, strict=True)):
        same = alike.get((finding.kind, finding.domain, finding.title))
        rows.append(_row(place, finding, name or (same.pop(0) if same else str(new_id()))))
    return rows


def _row(place: int, finding: FindingIn, name: str) -> Row:
    return {
        "id": name, "position": place, "kind": finding.kind, "domain": finding.domain, "title": finding.title,
        "detail": finding.text, "themes": finding.themes,
        "repeat_of": None if finding.repeat_of is None else str(finding.repeat_of), "escalation_id": None,
    }  # fmt: skip


async def escalate(
    session: AsyncSession, caller: Caller, audit: UUID, unit: str, content: Content, rows: Sequence[Row], now: datetime
) -> None:
    """Raise what an immediate concern calls for, and have its row name the escalation."""
    raised = await raise_concerns(session, caller, audit, unit, content.immediate_concerns(), now)
    for place, escalation in raised.items():
        rows[place]["escalation_id"] = str(escalation)


async def held_findings(session: AsyncSession, audit: UUID) -> list[dict[str, Any]]:
    """The findings in the table, in order."""
    statement = sa.select(_findings).where(_findings.c.audit_id == audit).order_by(_findings.c.position)
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def keep_findings(
    session: AsyncSession, audit: UUID, held: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Make the findings these; raises FindingInUse where one that something rests on would vanish."""
    kept = {str(row["id"]) for row in rows}
    connection = await driver_connection(session)
    if any(str(row["id"]) not in kept for row in held):
        try:
            await connection.execute(_REMOVE, audit, [UUID(one) for one in kept])
        except asyncpg.ForeignKeyViolationError:
            raise FindingInUse() from None
    await connection.execute(_ASIDE, audit)
    await connection.execute(_KEEP, audit, json.dumps(list(rows), default=str))


async def check_not_evidence(
    session: AsyncSession, held: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Raises FindingInUse where a finding that is left out is named as evidence, which only a submitted one can be."""
    gone = {str(row["id"]) for row in held} - {str(row["id"]) for row in rows}
    if gone:
        named = sa.select(sa.literal(1)).where(_evidence.c.kind == "finding", _evidence.c.ref.in_(gone)).limit(1)
        if (await session.execute(named)).first():
            raise FindingInUse()
