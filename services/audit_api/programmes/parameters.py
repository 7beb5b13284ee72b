"""The period of a programme in an address."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from shared.schemas.periods import PeriodCode

ForPeriod = Annotated[PeriodCode, Query(description="2026-04, FY2026-27-Q1 or FY2026-27, as the programme runs")]
