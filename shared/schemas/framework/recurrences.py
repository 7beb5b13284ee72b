"""When the same theme in several audits is no longer chance: the rules a council sets for itself (R43)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.schemas.base import Label
from shared.schemas.framework.fields import Item, Lasting
from shared.schemas.framework.organisation import ThemeScope


class RecurrenceLevel(StrEnum):
    """Whose audits are counted together."""

    unit = "unit"
    service = "service"
    organisation = "organisation"


class RecurrenceFindings(StrEnum):
    """Which findings count: those to act on, or strengths, which make a separate kind of alert."""

    to_improve = "to_improve"
    strengths = "strengths"


class RecurrenceRule(Lasting, Item):
    """The same theme in so many audits within so many periods, in one unit, one service or all together."""

    name: Label
    level: RecurrenceLevel
    findings: RecurrenceFindings = RecurrenceFindings.to_improve
    scope: ThemeScope | None = None
    audits: Annotated[int, Field(ge=2, le=1000)]
    periods: Annotated[int, Field(ge=1, le=8)] = 2
