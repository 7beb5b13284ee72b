"""What many routes of this service take in paths and queries."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import StringConstraints

from shared.schemas.base import Code

# What the complaints system calls a complaint or a compliment.
RespondRef = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
RefInPath = Annotated[RespondRef, Path()]
RefFilter = Annotated[RespondRef | None, Query(description="of one complaint")]
CodeFilter = Annotated[Code | None, Query()]
UnitFilter = Annotated[Code | None, Query(description="this unit and those below")]
