"""A register over a school year: what was owed, what was held, and who ought to stand in it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.providers import queries
from services.indicator_api.providers.concern_schemas import OverviewOut, PeriodReviews
from services.indicator_api.providers.concerns import entry_of
from services.indicator_api.providers.watching import calling, latest_judgements, owes_review, periods_of
from shared.auth.caller import Caller
from shared.problems import NotFound
from shared.schemas.framework.providers import ProviderRegister
from shared.schemas.periods import Period


async def overview(session: AsyncSession, caller: Caller, code: str, year: Period, today: date) -> OverviewOut:
    """Raises NotFound for a register there is none of."""
    register = (await queries.read_registers(session)).get(code)
    if register is None:
        raise NotFound()
    rows = await queries.entries_of(session, caller, code)
    reviews = await queries.reviews_of(session, [row["id"] for row in rows])
    periods = []
    for period in periods_of(register, year.year):
        owing = [row for row in rows if owes_review(entry_of(row), period, today)]
        held = sum(any(one["period"] == period.code for one in reviews[row["id"]]) for row in owing)
        periods.append(PeriodReviews(period=period.code, expected=len(owing), held=held, missing=len(owing) - held))
    standing = [row for row in rows if row["closed_on"] is None]
    return OverviewOut(
        provider_register=code,
        name=register.name,
        year=year.code,
        review_cycle=register.review_cycle,
        open=len(standing),
        at_risk=sum(row["at_risk"] for row in standing),
        not_reported_to_members=sum(row["reported_to_members_on"] is None for row in rows),
        periods=periods,
        called_for=await _called_for(session, caller, register, {row["provider"] for row in standing}),
    )


async def _called_for(
    session: AsyncSession, caller: Caller, register: ProviderRegister, standing: set[str]
) -> list[str]:
    """Providers in business whose latest grades meet a rule of the register without an open entry in it."""
    held = await queries.providers_in_business(session, caller, register.provider_kinds)
    kinds = {row["code"]: row["kind"] for row in held if row["code"] not in standing}
    judged: dict[str, list[dict[str, Any]]] = {}
    for row in await queries.judgements_of(session, kinds):
        judged.setdefault(row["provider"], []).append(row)
    return sorted(
        code
        for code, rows in judged.items()
        if any(
            calling([register], kinds[code], one["framework"], one["judgement"], one["grade"])
            for one in latest_judgements(rows)
        )
    )
