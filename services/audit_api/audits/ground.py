"""What a new audit is held to of the things it names, kept for as long as the framework stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from services.audit_api.allocating import Edition
from services.audit_api.audits.schemas import AuditIn, Content
from shared.auth.caller import Caller
from shared.framework.kept import STATE, Kept, units_below
from shared.framework.store import unknown_codes
from shared.problems import Malformed

_READ = """
SELECT ROW(framework_state.state) AS stamp,
  ARRAY(SELECT ROW(code, parent, valid_from, valid_to) FROM org_unit) AS units,
  ARRAY(SELECT ROW(tool, version, status, hash) FROM tool_version ORDER BY tool, version DESC) AS editions,
  ARRAY(SELECT kind || ' ' || code FROM framework_item WHERE NOT retired) AS known
FROM framework_state
"""
Named = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Ground:
    """The units with their days and what each belongs to, the tools' editions, newest first, and the codes that are
    applied, as they stood in one state of the framework."""

    state: UUID
    days: Mapping[str, tuple[date, date | None]]
    parents: Mapping[str, str | None]
    editions: Mapping[str, Sequence[Edition]]
    known: frozenset[str]

    def unit_in_force(self, unit: str, on: date) -> bool:
        """Whether the unit is there that day."""
        begins, ends = self.days.get(unit, (date.max, None))
        return begins <= on and (ends is None or on <= ends)

    def reaches(self, caller: Caller, unit: str) -> bool:
        """Whether the unit is the caller's own or below it."""
        return caller.unit is None or unit in units_below(caller.unit, self.parents)

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


def _ground(row: asyncpg.Record) -> Ground:
    editions: dict[str, list[Edition]] = {}
    for tool, *edition in row["editions"]:
        editions.setdefault(tool, []).append(Edition(*edition))
    (state,) = row["stamp"]
    return Ground(
        state=state,
        days={code: (begins, ends) for code, _, begins, ends in row["units"]},
        parents={code: parent for code, parent, *_ in row["units"]},
        editions=editions,
        known=frozenset(row["known"]),
    )


GROUND = Kept(STATE, _READ, _ground)
