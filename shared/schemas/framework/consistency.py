"""Checks the items of a framework against each other: whatever one names exists and fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import cast

from shared.schemas.framework.access import Role
from shared.schemas.framework.areas import Area
from shared.schemas.framework.audit import AuditType, Tool
from shared.schemas.framework.audit_programmes import Programme
from shared.schemas.framework.escalation import EscalationPolicy
from shared.schemas.framework.feedback import ComplaintProcedure, Contact
from shared.schemas.framework.fields import Item
from shared.schemas.framework.indicators import Indicator
from shared.schemas.framework.organisation import Theme, Unit, UnitKind
from shared.schemas.framework.reporting import Board, Gate, Report, SectionKind
from shared.schemas.framework.returns import Return
from shared.schemas.framework.surveys import Survey, SurveyDuty

Items = Mapping[str, Mapping[str, Item]]
# Kind, code and pointer of the place, and what to do about it.
Inconsistency = tuple[str, str, str, str]


def inconsistencies(items: Items) -> Iterator[Inconsistency]:
    """Everything in which the items do not fit each other."""
    for check in _CHECKS:
        yield from check(items)


def _unknown_references(items: Items) -> Iterator[Inconsistency]:
    for kind, by_code in items.items():
        for code, item in by_code.items():
            for reference in item.references():
                if reference.code not in items[reference.kind]:
                    detail = f"no item of kind {reference.kind} has this code; add it there or correct the code"
                    yield kind, code, reference.pointer, detail


def _circles(items: Items) -> Iterator[Inconsistency]:
    for kind in ("units", "themes", "boards"):
        parents = {code: getattr(item, "parent", None) for code, item in items[kind].items()}
        for code in parents:
            seen, above = {code}, parents[code]
            while above is not None and above not in seen:
                seen.add(above)
                above = parents.get(above)
            if above == code:
                yield (
                    kind,
                    code,
                    "/parent",
                    "it stands above itself; correct the parent of one in this circle",
                )


def _names_taken_twice(items: Items) -> Iterator[Inconsistency]:
    for kind in ("units", "agencies", "boards"):
        taken: dict[str, str] = {}
        for code, item in items[kind].items():
            names = [("/name", str(getattr(item, "name", ""))), ("/code", code)]
            names += [(f"/aliases/{at}", name) for at, name in enumerate(getattr(item, "aliases", ()))]
            for pointer, name in names:
                owner = taken.setdefault(name.casefold(), code)
                if owner != code:
                    detail = f"{kind} {owner} has this name, code or alias already; one name leads to one item"
                    yield kind, code, pointer, detail


def _codes_taken_twice(items: Items) -> Iterator[Inconsistency]:
    areas = cast("Mapping[str, Area]", items["areas"])
    owners = {code: code for code in areas}
    numbers: dict[str, str] = {}
    for area in areas.values():
        for place, former in enumerate(area.former_codes):
            if owners.setdefault(former, area.code) != area.code:
                detail = "this former code belongs to another area too; one code leads to one area"
                yield "areas", area.code, f"/former_codes/{place}", detail
        if area.la_number and numbers.setdefault(area.la_number, area.code) != area.code:
            yield "areas", area.code, "/la_number", "another area has this la_number; correct one of the two"


def _misplaced_units(items: Items) -> Iterator[Inconsistency]:
    units = cast("Mapping[str, Unit]", items["units"])
    if sum(unit.kind is UnitKind.council for unit in units.values()) > 1:
        for unit in units.values():
            if unit.kind is UnitKind.council:
                yield "units", unit.code, "/kind", "there is more than one council; a framework describes one"
    for unit in units.values():
        above = units.get(unit.parent or "")
        if above and above.kind.depth >= unit.kind.depth:
            yield "units", unit.code, "/parent", "the parent must be of a higher level than the unit"
        if above and above.valid_from > unit.valid_from:
            yield (
                "units",
                unit.code,
                "/valid_from",
                "the unit begins before its parent; correct one of the two",
            )


def _late_successors(items: Items) -> Iterator[Inconsistency]:
    themes = cast("Mapping[str, Theme]", items["themes"])
    for theme in themes.values():
        if theme.superseded_by == theme.code:
            yield "themes", theme.code, "/superseded_by", "a theme cannot be superseded by itself"
    for kind in ("units", "agencies"):
        for code, item in items[kind].items():
            if code in getattr(item, "successors", ()):
                yield kind, code, "/successors", "it cannot succeed itself"


def _unfit_programmes(items: Items) -> Iterator[Inconsistency]:
    units = cast("Mapping[str, Unit]", items["units"])
    tools = cast("Mapping[str, Tool]", items["tools"])
    for programme in cast("Mapping[str, Programme]", items["programmes"]).values():
        tool = tools.get(programme.tool)
        if tool and programme.audit_type not in tool.audit_types:
            yield "programmes", programme.code, "/tool", "the tool is not for this audit_type; choose another"
        if tool and tool.status != "published":
            yield (
                "programmes",
                programme.code,
                "/tool",
                "the tool is not published; publish it or choose another",
            )
        asked = {question.view_of for _, question in tool.questions()} if tool else set()
        if tool and not asked.issuperset(programme.required_views):
            yield (
                "programmes",
                programme.code,
                "/required_views",
                "the tool does not ask for each of these views",
            )
        for place, slot in enumerate(programme.slots):
            unit = units.get(slot.unit)
            if unit and unit.kind is not UnitKind.team and not _for_services(programme):
                yield "programmes", programme.code, f"/slots/{place}/unit", "a slot belongs to a team"
            last = slot.effective_to or date.max
            if unit and (slot.effective_from < unit.valid_from or (unit.valid_to or date.max) < last):
                detail = "the slot runs outside the time the team is in force; correct one of the two"
                yield "programmes", programme.code, f"/slots/{place}", detail


def _for_services(programme: Programme) -> bool:
    """Whether a service may have a slot of its own: it has standards to meet and a manager."""
    return programme.audit_type is AuditType.standards_self_audit or programme.cadence == "each_manager"


def _unfit_indicators(items: Items) -> Iterator[Inconsistency]:
    for indicator in cast("Mapping[str, Indicator]", items["indicators"]).values():
        derived = indicator.derived_from
        if derived and indicator.code in (*derived.numerators, *derived.denominators):
            yield "indicators", indicator.code, "/derived_from", "an indicator cannot be derived from itself"


def _unfit_procedures(items: Items) -> Iterator[Inconsistency]:
    for procedure in cast("Mapping[str, ComplaintProcedure]", items["complaint_procedures"]).values():
        if procedure.excluded_go_to == procedure.code:
            yield (
                "complaint_procedures",
                procedure.code,
                "/excluded_go_to",
                "what is excluded cannot go to itself",
            )


def _nobody_to_call(items: Items) -> Iterator[Inconsistency]:
    contacts = list(cast("Mapping[str, Contact]", items["contacts"]).values())
    if contacts and not any(contact.emergency for contact in contacts):
        yield "contacts", contacts[0].code, "/emergency", "none of the contacts is for an emergency; add one that is"


def _unfit_reports(items: Items) -> Iterator[Inconsistency]:
    boards = cast("Mapping[str, Board]", items["boards"])
    roles = cast("Mapping[str, Role]", items["roles"])
    for report in cast("Mapping[str, Report]", items["reports"]).values():
        for place, sign in enumerate(report.sign_off):
            if sign.role in roles and "reporting:sign" not in roles[sign.role].scopes:
                detail = "this role has no scope reporting:sign; give it the scope or name another role"
                yield "reports", report.code, f"/sign_off/{place}/role", detail
        asking = [code for code in (*report.audiences, report.via or "") if code in boards]
        if any(boards[code].requires_participation_statement for code in asking) and (
            Gate.participation_statement not in report.gates
            or all(section.kind is not SectionKind.participation for section in report.sections)
        ):
            detail = "a board that sees it requires a participation statement: add the gate and a section for it (R11)"
            yield "reports", report.code, "/gates", detail
        meeting = boards.get(report.due.board or "")
        if meeting and not meeting.meeting_dates:
            yield "reports", report.code, "/due/board", "this board has no meeting_dates to count back from"


def _unfit_returns(items: Items) -> Iterator[Inconsistency]:
    roles = cast("Mapping[str, Role]", items["roles"])
    for one in cast("Mapping[str, Return]", items["returns"]).values():
        if one.reviewer in roles and "reporting:sign" not in roles[one.reviewer].scopes:
            detail = "this role has no scope reporting:sign; give it the scope or name another role"
            yield "returns", one.code, "/reviewer", detail


def _unfit_policies(items: Items) -> Iterator[Inconsistency]:
    policies = cast("Mapping[str, EscalationPolicy]", items["escalation_policies"])
    roles = cast("Mapping[str, Role]", items["roles"])
    immediate = [policy.code for policy in policies.values() if policy.immediate_concerns]
    for code in immediate[1:]:
        detail = f"{immediate[0]} is for immediate concerns already; a framework has one such policy"
        yield "escalation_policies", code, "/immediate_concerns", detail
    for policy in policies.values():
        for place, level in enumerate(policy.levels):
            for at, code in enumerate(level.closed_by):
                if code in roles and "audit:write" not in roles[code].scopes:
                    detail = "this role lacks the scope audit:write that closing needs"
                    yield "escalation_policies", policy.code, f"/levels/{place}/closed_by/{at}", detail


def _unfit_duties(items: Items) -> Iterator[Inconsistency]:
    surveys = cast("Mapping[str, Survey]", items["surveys"])
    for duty in cast("Mapping[str, SurveyDuty]", items["survey_duties"]).values():
        survey = surveys.get(duty.survey)
        if survey and survey.status != "published":
            yield "survey_duties", duty.code, "/survey", "the survey is not published; publish it or choose another"
        if survey and not set(duty.respondent_groups) <= set(survey.respondent_groups):
            yield "survey_duties", duty.code, "/respondent_groups", "the survey does not ask each of these groups"


_CHECKS: tuple[Callable[[Items], Iterator[Inconsistency]], ...] = (
    _unknown_references,
    _circles,
    _names_taken_twice,
    _codes_taken_twice,
    _misplaced_units,
    _late_successors,
    _unfit_programmes,
    _unfit_policies,
    _unfit_indicators,
    _unfit_procedures,
    _nobody_to_call,
    _unfit_reports,
    _unfit_returns,
    _unfit_duties,
)
