"""The full pass looks over all series at once and leaves out nothing that judging each would find."""

from __future__ import annotations

import sqlalchemy as sa

from tests.conftest import Running
from tests.indicator_api.exceptions.test_keeping import LATER, ask, bare, keep_now, store
from tests.indicator_api.published import COUNTY, DORSET, item


async def test_R50_the_full_pass_finds_what_only_a_funnel_of_half_the_authorities_tells(indicator: Running) -> None:
    async with indicator.database.snapshot() as session:
        statement = sa.text("SELECT code FROM area WHERE kind = 'local_authority' AND NOT retired ORDER BY code")
        codes = list((await session.execute(statement)).scalars())
    others = [code for code in codes if code != DORSET][: (len(codes) + 1) // 2 - 1]
    usual = {"numerator": 200, "denominator": 1000}
    figures = [item("rereferrals", code, "RY2026", 20.0, **usual) for code in others[1:]]
    await store(indicator, [*figures, item("rereferrals", DORSET, "RY2026", 30.0, numerator=300, denominator=1000)])
    await keep_now(indicator)
    assert (await ask(indicator, trigger="OUT_OF_STEP_NATIONAL"))["items"] == []
    await store(indicator, [item("rereferrals", others[0], "RY2026", 20.0, **usual)])
    async with indicator.database.transaction() as session:
        await session.execute(sa.text("DELETE FROM exception_month"))
    await keep_now(indicator)
    kept = bare(await ask(indicator, trigger="OUT_OF_STEP_NATIONAL"))
    assert [row["rule"] for row in kept["items"]] == ["funnel_0_001"]
    assert kept == bare(await ask(indicator, trigger="OUT_OF_STEP_NATIONAL", as_at=LATER))


async def test_R50_a_funnel_is_made_of_the_authorities_there_were_in_its_period(indicator: Running) -> None:
    async with indicator.database.snapshot() as session:
        statement = sa.text(
            "SELECT code FROM area WHERE kind LIKE '%local_authority' AND (valid_to IS NULL OR valid_to > '2018-03-30')"
        )
        codes = set((await session.execute(statement)).scalars())
    usual = {"numerator": 200, "denominator": 1000}
    await store(indicator, [item("rereferrals", code, "RY2018", 20.0, **usual) for code in sorted(codes - {COUNTY})])
    await store(indicator, [item("rereferrals", COUNTY, "RY2018", 30.0, numerator=300, denominator=1000)])
    (row,) = (await ask(indicator, period="2018-03", area=COUNTY, trigger="OUT_OF_STEP_NATIONAL"))["items"]
    # Dorset, its new neighbour and the four that Cumbria and Northamptonshire became were not there yet.
    assert (row["rule"], row["comparator"]["n_available"]) == ("funnel_0_001", len(codes) - 6)
    assert row["comparator"]["pooled"] < 20.1
