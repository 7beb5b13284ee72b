"""What new views and complaints are held to and counted by, kept while the framework and the calendar stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from services.feedback_api.references import UNITS, Known
from shared.auth.caller import Caller
from shared.framework.kept import Kept, units_below
from shared.working_days import DaysOff

_STAMP = "SELECT framework_state.state, calendar_state.state FROM framework_state, calendar_state"
_READ = """
SELECT ROW(framework_state.state, calendar_state.state) AS stamp,
  ARRAY(SELECT ROW(code, parent, valid_from, valid_to) FROM org_unit) AS units,
  ARRAY(SELECT ROW(kind, code, CAST(content->>'valid_from' AS date), CAST(content->>'valid_to' AS date))
    FROM framework_item WHERE NOT retired) AS items,
  ARRAY(SELECT ROW(code, content::text) FROM framework_item WHERE kind = 'complaint_procedures') AS procedures,
  ARRAY(SELECT day FROM bank_holiday WHERE NOT worked) AS off,
  ARRAY(SELECT day FROM bank_holiday WHERE worked) AS worked
FROM framework_state, calendar_state
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """The codes with their days, the tree of units, the procedures and the days off, as they stood at one moment;
    `state` is the framework's then, and `calendar` the calendar's."""

    state: UUID
    calendar: UUID
    valid: dict[tuple[str, str], tuple[date | None, date | None]]
    parents: Mapping[str, str | None]
    procedures: Mapping[str, str]
    off: DaysOff

    def known_to(self, caller: Caller) -> Known:
        """The codes, and the units this caller may write for."""
        return Known(self.valid, None if caller.unit is None else units_below(caller.unit, self.parents))


def _standing(row: asyncpg.Record) -> Standing:
    units = {(UNITS, code): (begins, ends) for code, _, begins, ends in row["units"]}
    items = {(kind, code): (begins, ends) for kind, code, begins, ends in row["items"]}
    state, calendar = row["stamp"]
    return Standing(
        state=state,
        calendar=calendar,
        valid=units | items,
        parents={code: parent for code, parent, *_ in row["units"]},
        procedures=dict(row["procedures"]),
        off=DaysOff(row["off"], row["worked"]),
    )


STANDING = Kept(_STAMP, _READ, _standing)
