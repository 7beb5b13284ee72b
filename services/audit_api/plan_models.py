"""The tables of action plans: few key actions, each resting on evidence (R44)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.audit_api.registry import MOMENT, SMALL, TEXT, Table
from shared.ids import new_id


class ActionPlan(Table, table=True):
    """A plan of a body for a period, with the most key actions it may have."""

    __tablename__ = "action_plan"
    __table_args__ = (
        sa.CheckConstraint("max_key_actions BETWEEN 1 AND 50", name="max_key_actions"),
        sa.Index("ix_action_plan_unit", "unit", "id"),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    title: str = Field(sa_type=TEXT)
    unit: str = Field(sa_type=TEXT, foreign_key="org_unit.code")
    body: str | None = Field(default=None, sa_type=TEXT)
    period: str = Field(sa_type=TEXT)
    max_key_actions: int = Field(sa_type=SMALL)
    created_by: str = Field(sa_type=TEXT)
    created_at: datetime = Field(sa_type=MOMENT)
    version: int = 1


class ActionPlanItem(Table, table=True):
    """A key action of a plan."""

    __tablename__ = "action_plan_item"
    __table_args__ = (sa.Index("ix_action_plan_item_action_id", "action_id"),)
    plan_id: UUID = Field(primary_key=True, foreign_key="action_plan.id")
    action_id: UUID = Field(primary_key=True, foreign_key="action.id")
    added_by: str = Field(sa_type=TEXT)
    added_at: datetime = Field(sa_type=MOMENT)
