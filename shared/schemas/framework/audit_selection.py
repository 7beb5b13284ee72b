"""How cases and auditors are chosen for the audits of a programme."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.schemas.framework.fields import Part

Months = Annotated[int, Field(ge=0, le=120)]
# Of whom an auditor must be independent: of the audited team, of all above and below it in its service, of the service.
Independence = Literal["team", "line", "service"]


class Selection(Part):
    """Which open cases may be drawn, how old the list of them may be, and who may audit them."""

    avoid_audited_within_months: Months = 12
    open_at_least_days: Annotated[int, Field(ge=0, le=3660)] = 0
    case_list_at_most_days_old: Annotated[int, Field(ge=0, le=366)] = 35
    independent_of: Independence = "team"
