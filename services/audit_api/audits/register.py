"""Whom the register of auditors sends to teams beyond the own part of the council."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from services.audit_api.models import Auditor
from services.audit_api.registry import table_of
from shared.auth.caller import Caller

_auditors = table_of(Auditor)


def sent_elsewhere(caller: Caller, tool: Any, audit_type: Any, on: date) -> sa.ColumnElement[bool]:
    """The condition that the caller is an auditor trained for the tool or the type, and available that day."""
    if caller.unit is None or not caller.may("audit:write"):
        return sa.false()
    return sa.exists().where(
        _auditors.c.reference == caller.subject,
        sa.or_(tool == sa.any_(_auditors.c.tools), audit_type == sa.any_(_auditors.c.audit_types)),
        _auditors.c.available_from <= on,
        sa.or_(_auditors.c.available_to.is_(None), _auditors.c.available_to >= on),
    )
