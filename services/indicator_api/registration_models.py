"""The register of staff checks: what each member of staff holds, and what was recorded of it before."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.indicator_api.registry import Table, key, moment, text
from shared.schemas.framework.workforce import RegistrationKind

# One form for the checks of both tables; a database kind would need a migration of its own to grow.
_KINDS = ",".join(f"'{kind}'" for kind in RegistrationKind)


def _checks() -> tuple[sa.CheckConstraint, ...]:
    return (
        sa.CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        sa.CheckConstraint("(kind = 'professional_registration') = (body <> '')", name="body"),
        sa.CheckConstraint("least(expires_on, next_check_due) >= valid_from", name="ends_after_it_begins"),
        sa.CheckConstraint(
            "valid_from IS NOT NULL OR (expires_on IS NULL AND next_check_due IS NULL)", name="held_to_end"
        ),
        sa.CheckConstraint("left_on >= joined_on", name="left_after_joining"),
    )


def _day() -> date | None:
    found: date | None = Field(default=None, sa_column=sa.Column(sa.Date))
    return found


class Registration(Table, table=True):
    """One check a member of staff holds or must hold; without `valid_from` none is held. No name stands here."""

    __tablename__ = "registration"
    __table_args__ = (*_checks(), sa.Index("ix_registration_unit", "unit"))

    staff_ref: str = key()
    kind: str = key()
    # Empty for a DBS check, which one authority makes for all.
    body: str = key()
    unit: str = text()
    role_family: str = text()
    valid_from: date | None = _day()
    expires_on: date | None = _day()
    next_check_due: date | None = _day()
    joined_on: date | None = _day()
    left_on: date | None = _day()
    revision: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    recorded_by: str = text()
    recorded_at: datetime = moment()


class RegistrationHistory(Table, table=True):
    """What a registration said before it was corrected or renewed."""

    __tablename__ = "registration_history"
    __table_args__ = _checks()

    staff_ref: str = key()
    kind: str = key()
    body: str = key()
    revision: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    unit: str = text()
    role_family: str = text()
    valid_from: date | None = _day()
    expires_on: date | None = _day()
    next_check_due: date | None = _day()
    joined_on: date | None = _day()
    left_on: date | None = _day()
    recorded_by: str = text()
    recorded_at: datetime = moment()
    superseded_by: str = text()
    superseded_at: datetime = moment()
