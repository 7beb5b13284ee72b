"""The data dictionary, the areas and the information mix on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.schemas.base import LocalDate, OutModel
from shared.schemas.figures import InformationType
from shared.schemas.framework.indicators import Indicator


class IndicatorOut(Indicator):
    """One entry of the data dictionary; `version` is the definition's, which its figures are recorded under."""

    framework_version: int = Field(description="counts every change of the entry, its targets and words too")
    applied_at: datetime
    retired: bool
    allowed_actions: list[str] = Field(description="what this caller may do now", examples=[["record_figures"]])


class SuccessorOut(OutModel):
    area: str
    same_footprint: bool = Field(description="false: a series must not run across")
    note: str | None


class AreaOut(OutModel):
    code: str = Field(description="the ONS code", examples=["E06000059"])
    name: str
    kind: str
    la_number: str | None
    region: str | None
    valid_from: LocalDate | None
    valid_to: LocalDate | None
    former_codes: list[str] = Field(description="earlier codes of the same footprint; figures sent under them are ours")
    successors: list[SuccessorOut]


class TypeShare(OutModel):
    information_type: InformationType
    count: int | None
    share: float | None = Field(description="of all indicators in force, from 0 to 1; null where there is none")


class MixPoint(OutModel):
    period: str
    indicators: int | None = Field(description="in force at its end, or today; null where that is not known")
    not_known_because: Literal["no_framework_yet", "not_begun"] | None = Field(
        description="the period ended before the framework was first applied, or has not begun"
    )
    types: list[TypeShare]


class MixOut(OutModel):
    """How many indicators of each information type are in force at the end of each period (R02)."""

    points: list[MixPoint]
    known_since: LocalDate | None = Field(description="the day the first indicator was applied")
    direction: Literal["rising", "falling", "level"] | None = Field(
        description="of the share of outcome information, from the first point that is known to the last"
    )
