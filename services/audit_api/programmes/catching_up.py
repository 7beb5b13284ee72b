"""Rounds nobody made: what a period that has passed was made of is written down before anything changes (R22)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.programmes.making import insert_round, periods_made, regular_plan
from services.audit_api.programmes.service import programme_of
from services.audit_api.regular_rounds import FURTHEST, KINDS, periods_between, unit_lives
from shared.auth.caller import system_caller
from shared.clock import local_date
from shared.framework.store import read_items
from shared.schemas.framework.audit_programmes import Programme
from shared.schemas.periods import Period

CATCHING_UP = system_caller("catching_up")


def passed_periods(programme: Programme, today: date) -> list[Period]:
    """The periods that have ended since the first slot began, going back five years at most."""
    if not programme.regular:
        return []
    kind = KINDS[programme.cadence]
    begins = max(min(slot.effective_from for slot in programme.slots), today - FURTHEST)
    last = Period.containing(kind, today).predecessor
    return list(periods_between(Period.containing(kind, begins), last))


async def make_passed_rounds(session: AsyncSession, now: datetime) -> int:
    """Make every round of the past that was never made, of the programme and units as they still stand.

    Done before a framework is applied: from then on a slot ended, a team closed or a programme retired moves no
    denominator of a month that has passed. Returns how many rounds were made.
    """
    made, today, lives = 0, local_date(now), await unit_lives(session)
    for content in await read_items(session, "programmes"):
        programme = programme_of(content)
        passed = passed_periods(programme, today)
        if not passed:
            continue
        there = await periods_made(session, programme.code, passed[0].start, passed[-1].start)
        for period in passed:
            if period.code in there:
                continue
            plan = regular_plan(programme, period, lives, today)
            if plan.places:
                made += await insert_round(session, CATCHING_UP, plan, now)
    return made
