"""Who an escalation is against, who may decide about it, and what its subject may see: pure functions of one row."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from shared.auth.caller import Caller
from shared.schemas.framework.escalation import EscalationPolicy


def is_subject(row: Any, caller: Caller, line: Set[str]) -> bool:
    """Whether it is against the caller; `line` is the caller's unit and all above it.

    Where the account is not known, everybody of the unit may be the one, and so may everybody with the post's role
    whose token names no unit: a role taken up for the day lets nobody decide about a concern against themselves.
    """
    if row.against_account is not None:
        return bool(row.against_account == caller.subject)
    of_the_unit = row.against_unit in line
    may_hold_the_post = row.against_role in caller.roles and caller.unit is None
    return of_the_unit or may_hold_the_post


def closes(policy: EscalationPolicy, level: int, caller: Caller) -> bool:
    """Whether one of the caller's roles closes at that level."""
    return bool(caller.roles.intersection(policy.levels[level - 1].closed_by)) and caller.may("audit:write")


def moves(row: Any, policy: EscalationPolicy, level: int, caller: Caller) -> bool:
    """Whether the caller may move it up or tell its subject."""
    of_level = policy.levels[level - 1].role in caller.roles or closes(policy, level, caller)
    mine = row.raised_by == caller.subject or of_level
    return caller.may("audit:manage") or (mine and caller.may("audit:write"))
