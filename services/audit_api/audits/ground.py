"""What the database knows of the things a new audit names, read in one journey."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.audit_api.allocating import Edition
from services.audit_api.audits.schemas import AuditIn, Content
from services.audit_api.own_cases import WORKS_ON
from shared.auth.caller import Caller
from shared.framework.store import unknown_codes
from shared.problems import Malformed
from shared.work import Work

# For the driver: a new audit asks nothing else. The unit is within a caller's reach where the caller's is above it.
_GROUND = """
SELECT unit.valid_from, unit.valid_to, $2::text IS NULL OR EXISTS (
    WITH RECURSIVE above AS (
      SELECT code, parent FROM org_unit WHERE code = $1
      UNION SELECT up.code, up.parent FROM org_unit AS up JOIN above ON up.code = above.parent)
    SELECT FROM above WHERE code = $2) AS visible,
  ARRAY(SELECT version FROM tool_version WHERE tool = $3 ORDER BY version DESC) AS versions,
  ARRAY(SELECT status FROM tool_version WHERE tool = $3 ORDER BY version DESC) AS statuses,
  ARRAY(SELECT hash FROM tool_version WHERE tool = $3 ORDER BY version DESC) AS hashes,
  ARRAY(SELECT kind || ' ' || code FROM framework_item
    WHERE (kind, code) IN (SELECT * FROM unnest($4::text[], $5::text[])) AND NOT retired) AS known,
  EXISTS (OWN_CASE) AS own_case
FROM (SELECT) AS nothing LEFT JOIN org_unit AS unit ON unit.code = $1
""".replace("OWN_CASE", WORKS_ON.replace("$2", "$7").replace("$1", "$6"))
Named = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Ground:
    """The audited unit's days (None where there is no such unit within reach), the tool's editions, newest first, the
    codes that are applied, and whether the auditor works on the case."""

    days: tuple[date, date | None] | None
    editions: Sequence[Edition]
    known: frozenset[str]
    own_case: bool

    def unit_in_force(self, on: date) -> bool:
        """Whether the unit is there that day."""
        return self.days is not None and self.days[0] <= on and (self.days[1] is None or on <= self.days[1])

    def check_codes(self, kind: str, named: Iterator[Named]) -> None:
        """Raises Malformed naming each code of that kind that is not applied."""
        wanted = {pointer: code for pointer, of, code in named if of == kind}
        known = {code for code in wanted.values() if f"{kind} {code}" in self.known}
        if faults := unknown_codes(kind, wanted, known):
            raise Malformed("A code is not in the applied framework; see errors.", errors=faults)


def codes_named(content: Content) -> Iterator[Named]:
    """Pointer, kind and code of what the content names of the framework."""
    for place, finding in enumerate(content.findings or ()):
        for at, theme in enumerate(finding.themes):
            yield f"/findings/{place}/themes/{at}", "themes", theme
    for place, participant in enumerate(content.participants or ()):
        if participant.agency is not None:
            yield f"/participants/{place}/agency", "agencies", participant.agency


def unit_named(body: AuditIn) -> Iterator[Named]:
    """The same of the auditor's unit."""
    if body.auditor_unit is not None:
        yield "/auditor_unit", "units", body.auditor_unit


async def read_ground(
    work: Work, caller: Caller, body: AuditIn, unit: str, tool: str, *, everywhere: bool = False
) -> Ground:
    """The ground of an audit of that unit with that tool; `everywhere` where the caller reaches every unit."""
    named = {(kind, code) for _, kind, code in (*codes_named(body), *unit_named(body))}
    row = await work.fetchrow(
        _GROUND, unit, None if everywhere else caller.unit, tool, [kind for kind, _ in named],
        [code for _, code in named], body.case_reference, body.auditor or caller.subject,
    )  # fmt: skip
    editions = [Edition(*one) for one in zip(row["versions"], row["statuses"], row["hashes"], strict=True)]
    days = (row["valid_from"], row["valid_to"]) if row["visible"] and row["valid_from"] is not None else None
    return Ground(days, editions, frozenset(row["known"]), row["own_case"])
