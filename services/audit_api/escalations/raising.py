"""Raising a concern by hand: what it is about, against whom, under which policy and at which level."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.cases import CaseReference
from services.audit_api.escalating import POLICIES, level_above, raise_escalation
from services.audit_api.escalations.errors import PolicyNotForThis
from services.audit_api.escalations.queries import audit_named
from services.audit_api.escalations.schemas import EscalationIn
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.framework.store import read_item
from shared.free_text import Mode, screen
from shared.organisation.units import units_in_force
from shared.problems import Fault, Malformed
from shared.schemas.base import Code
from shared.schemas.framework.escalation import EscalationPolicy

_CASE: TypeAdapter[str] = TypeAdapter(CaseReference)
_PROVIDER: TypeAdapter[str] = TypeAdapter(Code)


async def raise_concern(
    session: AsyncSession, caller: Caller, body: EscalationIn, roles: frozenset[str], words: Mode, now: datetime
) -> UUID:
    """Raise a concern about any unit's work; raises Malformed and PolicyNotForThis."""
    screen({"/title": body.title}, "refuse")
    screen({"/reason": body.reason}, words)
    content = await read_item(session, POLICIES, body.policy)
    if content is None:
        raise _refused(Fault("/policy", "unknown_code", "this is not the code of an escalation policy in force"))
    policy = EscalationPolicy.model_validate_json(to_json(content))
    if body.about.kind not in policy.about:
        raise PolicyNotForThis()
    audit_id, unit = await _about(session, caller, body)
    against = body.against
    _check_against(caller, body, roles)
    await _check_units(session, body, unit, now)
    level = _first_level(policy, body)
    given: dict[str, Any] = {
        "about": body.about.kind, "about_reference": body.about.reference, "audit_id": audit_id, "unit": unit,
        "title": body.title, "reason": body.reason,
        "against_account": against and against.account, "against_role": against and against.role,
        "against_unit": against and against.unit,
    }  # fmt: skip
    return await raise_escalation(session, caller, policy, level, given, now)


async def _about(session: AsyncSession, caller: Caller, body: EscalationIn) -> tuple[UUID | None, str]:
    """The audit it is about, where it is about one, and the unit concerned."""
    kind, reference = body.about.kind, body.about.reference
    if kind in ("audit", "finding"):
        try:
            wanted = UUID(reference)
        except ValueError:
            raise _unknown(kind) from None
        found = await audit_named(session, caller, kind, wanted)
        if found is None:
            raise _unknown(kind)
        audit, unit = found
        return audit, body.unit or unit
    try:
        (_PROVIDER if kind == "provider" else _CASE).validate_python(reference)
    except ValidationError:
        detail = "give the reference the case system has, or a provider's code; never a name"
        raise _refused(Fault("/about/reference", "reference", detail)) from None
    if body.unit is None:
        raise _refused(Fault("/unit", "required", "name the unit concerned"))
    return None, body.unit


def _check_against(caller: Caller, body: EscalationIn, roles: frozenset[str]) -> None:
    against = body.against
    if against is None:
        return
    if against.account == caller.subject:
        raise _refused(Fault("/against/account", "oneself", "a concern is not raised against oneself"))
    if against.role is not None and against.role not in roles:
        raise _refused(Fault("/against/role", "unknown_code", "this is not the code of a role of the framework"))


async def _check_units(session: AsyncSession, body: EscalationIn, unit: str, now: datetime) -> None:
    # A reviewing manager challenges every team, so that the unit need not be within the caller's own.
    named = {"/unit": unit} if body.unit is not None else {}
    if body.against is not None and body.against.unit is not None:
        named["/against/unit"] = body.against.unit
    known = set(await units_in_force(session, local_date(now))) if named else set()
    faults = [
        Fault(pointer, "unknown_unit", "this is not a unit in force")
        for pointer, code in named.items()
        if code not in known
    ]
    if faults:
        raise _refused(*faults)


def _first_level(policy: EscalationPolicy, body: EscalationIn) -> int:
    role = None if body.against is None else body.against.role
    lowest = _lowest_level(policy, role)
    if body.level is None:
        return lowest
    if body.level > len(policy.levels):
        raise _refused(Fault("/level", "no_such_level", "the policy has fewer levels"))
    if body.level < lowest or policy.levels[body.level - 1].role == role:
        detail = "this level is answered by the post the concern is against, or by one below it"
        raise _refused(Fault("/level", "level_of_subject", detail))
    return body.level


def _lowest_level(policy: EscalationPolicy, role: str | None) -> int:
    """The level above the post it is against: nobody decides about those they answer to. Where that post answers the
    highest, the highest of the others."""
    others = [place for place, one in enumerate(policy.levels, 1) if one.role != role]
    own = max((place for place, one in enumerate(policy.levels, 1) if one.role == role), default=0)
    return level_above(policy, own, role) or max(others, default=len(policy.levels))


def _unknown(kind: str) -> Malformed:
    return _refused(Fault("/about/reference", f"unknown_{kind}", f"there is no such {kind} that this caller may name"))


def _refused(*faults: Fault) -> Malformed:
    return Malformed("The concern cannot be raised like this; see errors.", errors=faults)
