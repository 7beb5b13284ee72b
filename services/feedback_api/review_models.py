"""The table of how children took part in the reviews of their care, by pseudonyms that cannot be read back."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, text

CODES = ("PN0", "PN1", "PN2", "PN3", "PN4", "PN5", "PN6", "PN7")
# Those of children whose views were heard, there or from afar.
HEARD = ("PN1", "PN2", "PN3", "PN5", "PN6")


class ReviewParticipation(Table, table=True):
    """One review of one child: who it was stays with the council's key, which is not kept here."""

    __tablename__ = "review_participation"
    __table_args__ = (
        sa.CheckConstraint("code IN ({})".format(",".join(f"'{code}'" for code in CODES)), name="code"),
        sa.Index("ix_review_participation_reviewed_on", "reviewed_on", postgresql_include=["unit", "code"]),
    )

    child: bytes = Field(sa_type=sa.LargeBinary, primary_key=True)
    reviewed_on: date = Field(primary_key=True)
    unit: str = text()
    code: str = text()
    import_id: UUID
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)
    changed_at: datetime = Field(sa_type=MOMENT)
