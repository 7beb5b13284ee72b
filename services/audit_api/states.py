"""Where an audit stands in its life, and what one caller may do with it there."""

from __future__ import annotations

from typing import Any

from shared.auth.caller import Caller

OPEN = ("allocated", "in_progress")
SUBMITTED = ("submitted", "in_moderation", "moderated", "closed")
CLOSABLE = ("submitted", "moderated")
REOPENABLE = ("submitted", "moderated", "closed")
MODERATED_FROM = ("submitted",)


def may_answer(row: Any, caller: Caller) -> bool:
    """Its auditor may, and whoever manages audits, but not of the own team."""
    mine = row.auditor == caller.subject and caller.may("audit:write")
    return mine or may_manage(row, caller)


def may_manage(row: Any, caller: Caller) -> bool:
    """Whoever manages audits may, but nobody decides on an audit of the own team."""
    return caller.may("audit:manage") and caller.unit != row.unit


def is_correction(row: Any) -> bool:
    """Whether the audit is open again after a submission, which counts until the next."""
    return row.status in OPEN and row.submitted_on is not None


def allowed_actions(row: Any, caller: Caller) -> list[str]:
    """What this caller may do with the audit as it stands."""
    allowed = []
    answers, manages = may_answer(row, caller), may_manage(row, caller)
    if answers:
        allowed += ["answer", "submit"] if row.status in OPEN else []
        allowed += ["add_view"] if row.status in SUBMITTED else []
        allowed += ["attach"] if row.status != "withdrawn" else []
    if manages:
        allowed += ["close"] if row.status in CLOSABLE else []
        allowed += ["reopen"] if row.status in REOPENABLE else []
        allowed += ["reallocate"] if row.status in OPEN else []
        allowed += ["withdraw"] if row.status in OPEN and row.submitted_on is None else []
    if caller.may("audit:write"):
        allowed += ["moderate"] if row.status in MODERATED_FROM else []
    return allowed
