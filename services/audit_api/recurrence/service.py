"""Themes that recur (R43): counted anew from the audits and the rules in force, and answered by somebody."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.parameters import span_of
from services.audit_api.reach import units_asked_for
from services.audit_api.recurrence import queries
from services.audit_api.recurrence.errors import ThemeDoesNotRecur
from services.audit_api.recurrence.rendering import Behind, recurrence_out
from services.audit_api.recurrence.rules import Alert, alerts_of
from services.audit_api.recurrence.schemas import RecurrenceOut, RecurrencesOut, ResponseIn
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import Precondition
from shared.framework.store import read_items
from shared.organisation.units import require_visible
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.recurrences import RecurrenceRule
from shared.schemas.periods import Period, PeriodError


@dataclass(frozen=True, slots=True)
class Key:
    """What names an alert."""

    period: str
    rule: str
    unit: str
    theme: str


async def recurrences(
    session: AsyncSession, caller: Caller, period: str, unit: str | None, now: datetime
) -> RecurrencesOut:
    """The themes that recur within the caller's reach in a period and those before it."""
    places = await units_asked_for(session, caller, unit)
    items = await _alerts(session, caller, period, places, now)
    concerns = [one for one in items if one.kind == "concern"]
    return RecurrencesOut(
        period=period,
        unit=unit,
        concerns=len(concerns),
        unanswered=sum(1 for one in concerns if one.answered is None),
        items=items,
    )


async def respond(
    session: AsyncSession, caller: Caller, key: Key, body: ResponseIn, match: Precondition, now: datetime
) -> tuple[RecurrenceOut, bool]:
    """Answer an alert that holds at present; whether it was the first answer."""
    await require_visible(session, caller, key.unit)
    found = _find(await _alerts(session, caller, key.period, frozenset({key.unit}), now), key)
    table = queries.responses
    row = {
        "period": key.period, "rule": key.rule, "unit": key.unit, "theme": key.theme, "response": body.response,
        "action_id": body.action, "audits": found.audits, "responded_by": caller.subject, "responded_at": now,
    }  # fmt: skip
    if body.action is not None and not await queries.action_within_reach(session, caller, body.action):
        fault = Fault("/action", "unknown_action", "there is no such action that this caller may use")
        raise Malformed("The action cannot be used; see errors.", errors=[fault])
    this = sa.and_(*(table.c[name] == row[name] for name in ("period", "rule", "unit", "theme")))
    held = (await session.execute(sa.select(table.c.version).where(this).with_for_update())).scalar_one_or_none()
    match.check(held)
    version = (held or 0) + 1
    changed = {**row, "version": version}
    put = insert(table).values(changed).on_conflict_do_update(
        index_elements=["period", "rule", "unit", "theme"], set_=changed, where=table.c.version == held
    )  # fmt: skip
    # Two first answers at once: the second finds the first there, as a reader would a moment later.
    if (await session.execute(put.returning(table.c.version))).first() is None:
        match.check(1)
    await record_activity(
        session, caller, "recurrence.answered", "recurrence", f"{key.period}/{key.rule}/{key.unit}/{key.theme}",
        content=body.model_dump(mode="json"), unit=key.unit, data={"audits": found.audits, "version": version},
    )  # fmt: skip
    return _find(await _alerts(session, caller, key.period, frozenset({key.unit}), now), key), held is None


def _find(items: list[RecurrenceOut], key: Key) -> RecurrenceOut:
    for one in items:
        if (one.rule, one.unit, one.theme) == (key.rule, key.unit, key.theme):
            return one
    raise ThemeDoesNotRecur()


async def _alerts(
    session: AsyncSession, caller: Caller, period: str, places: frozenset[str] | None, now: datetime
) -> list[RecurrenceOut]:
    rules = await _rules(session, now)
    tree = await queries.read_tree(session)
    themes = {one["code"]: one for one in await read_items(session, "themes", retired=True)}
    scopes = {code: one["scope"] for code, one in themes.items()}
    answered = await queries.read_responses(session, period)
    items: list[RecurrenceOut] = []
    # Rules that look back equally far are counted and evidenced together.
    for back in sorted({rule.periods for rule in rules}):
        span = (_first_of(period, back), span_of(period)[1])
        counts, on = await queries.count_themes(session, caller, span), min(span[1], local_date(now))
        found = [
            alert
            for rule in rules
            if rule.periods == back
            for alert in alerts_of(rule, counts, tree, scopes, on)
            if (places is None or alert.place in places) and alert.theme in themes
        ]
        behind = await _behind(session, caller, span, found)
        items += [recurrence_out(alert, span, behind, themes, tree, answered, caller) for alert in found]
    return sorted(items, key=lambda one: (one.kind != "concern", one.rule, -one.audits, one.theme, one.unit))


async def _behind(session: AsyncSession, caller: Caller, span: queries.Span, found: list[Alert]) -> Behind:
    behind: dict[tuple[str, bool, str], list[Any]] = defaultdict(list)
    if found:
        themes = sorted({alert.theme for alert in found})
        units = sorted({unit for alert in found for unit, _ in alert.units})
        for row in await queries.newest_behind(session, caller, span, themes, units):
            behind[row.theme, row.strength, row.unit].append(row)
    return behind


async def _rules(session: AsyncSession, now: datetime) -> list[RecurrenceRule]:
    found = [parse_item("recurrence_rules", content) for content in await read_items(session, "recurrence_rules")]
    return [one for one in found if isinstance(one, RecurrenceRule) and one.in_force(local_date(now))]


def _first_of(period: str, back: int) -> Any:
    span_of(period)
    at = Period.parse(period)
    try:
        for _ in range(back - 1):
            at = at.predecessor
    except PeriodError:
        raise NotFound() from None
    return at.start
