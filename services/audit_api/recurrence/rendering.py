"""How a theme that recurs is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.audit_api.recurrence.queries import SHOWN
from services.audit_api.recurrence.rules import Alert, Place
from services.audit_api.recurrence.schemas import RecurrenceOut, RepeatProposed, ResponseOut, UnitCount
from shared.auth.caller import Caller

# The newest findings by theme, whether they are strengths, and unit.
Behind = Mapping[tuple[str, bool, str], Sequence[Any]]


def recurrence_out(
    alert: Alert,
    span: tuple[date, date],
    behind: Behind,
    themes: Mapping[str, dict[str, Any]],
    tree: Mapping[str, Place],
    answered: Mapping[tuple[str, str, str], Any],
    caller: Caller,
) -> RecurrenceOut:
    """One alert with what stands behind it and what was answered."""
    theme, place = themes[alert.theme], tree[alert.place]
    own = [row for unit, _ in alert.units for row in behind.get((alert.theme, alert.strength, unit), ())]
    own.sort(key=lambda row: (row.counts_on, row.audit_id, row.position), reverse=True)
    response = answered.get((alert.rule.code, alert.place, alert.theme))
    return RecurrenceOut(
        rule=alert.rule.code,
        rule_name=alert.rule.name,
        kind="good_practice" if alert.strength else "concern",
        theme=alert.theme,
        theme_name=theme["name"],
        scope=theme["scope"],
        unit=alert.place,
        unit_name=place.name,
        first_day=span[0],
        last_day=span[1],
        audits=alert.audits,
        needed=alert.rule.audits,
        units=[UnitCount(unit=unit, audits=number) for unit, number in alert.units],
        newest_audits=list(dict.fromkeys(str(row.audit_id) for row in own))[:SHOWN],
        repeats_proposed=[] if alert.strength else _proposed(own),
        sentence=_sentence(alert, theme["name"], place.name, span),
        answered=None if response is None else _response(response),
        grown_since_answered=response is not None and alert.audits > response.audits,
        allowed_actions=["respond"] if caller.may("audit:write") else [],
    )


def _proposed(own: Sequence[Any]) -> list[RepeatProposed]:
    return [
        RepeatProposed(finding=str(row.id), audit=str(row.audit_id), repeat_of=str(row.before), unit=row.unit)
        for row in own
        if row.repeat_of is None and row.before is not None and row.audit_before != row.audit_id
    ][:SHOWN]


def _sentence(alert: Alert, theme: str, place: str, span: tuple[date, date]) -> str:
    what = "a strength" if alert.strength else "an area for improvement or a concern"
    days = f"{span[0].day} {span[0]:%B %Y} to {span[1].day} {span[1]:%B %Y}"
    return (
        f"{theme} was {what} in {alert.audits} audits of {place} from {days};"
        f" from {alert.rule.audits} on it counts as recurring."
    )


def _response(row: Any) -> ResponseOut:
    return ResponseOut(
        response=row.response,
        action=None if row.action_id is None else str(row.action_id),
        audits=row.audits,
        responded_by=row.responded_by,
        responded_at=row.responded_at,
        version=row.version,
    )
