"""The year itself, told in the order of its days."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.feedback_api import year_events as events
from tests.feedback_api.year_handling import complaints
from tests.feedback_api.year_plan import ALONE, DECIDED, INVOLVED, LATE, MONTHS, NOBODY, REVIEW_CODES
from tests.feedback_api.year_steps import Year, recorded
from tests.feedback_api.year_surveys import surveys

Diary = list[tuple[str, Callable[[], Awaitable[object]]]]


async def live(year: Year) -> None:
    """Everything that happens from April to May."""
    diary: Diary = [(f"{month}-25", lambda m=month: year.hear(m)) for month in MONTHS]  # type: ignore[misc]
    diary += [
        ("2026-06-26", lambda: _decide_themes(year)),
        ("2026-08-26", lambda: year.do("key worker system", "POST", "views", recorded(ALONE))),
        ("2026-08-03", lambda: _reviews(year)),
        ("2026-08-04", lambda: _first_told(year)),
        ("2026-12-02", lambda: year.do("key worker system", "POST", "views", recorded(LATE))),
        *((one[0], lambda at=at: events.take_part(year, at)) for at, one in enumerate(INVOLVED)),  # type: ignore[misc]
        (NOBODY[1], lambda: events.nobody_took_part(year)),
        ("2026-09-29", lambda: events.strategy_stands(year)),
        ("2026-10-11", lambda: events.disclosure(year)),
        ("2026-10-13", lambda: events.release(year)),
        ("2026-10-20", lambda: events.boards_ask(year)),
        ("2026-12-29", lambda: events.quote(year)),
        ("2026-11-10", lambda: events.boards_are_answered(year)),
        ("2027-01-11", lambda: events.consent_withdrawn(year)),
        *surveys(year),
        *complaints(year),
    ]
    for day, step in sorted(diary, key=lambda entry: entry[0]):
        year.go(day)
        await step()
    year.go("2027-05-02")


async def _decide_themes(year: Year) -> None:
    """What a small classifier suggests of twenty views, and what a person says."""
    suggested = []
    for one in DECIDED:
        sent = recorded(one, themes=[], what_works=one.words)
        view = await year.do("key worker system", "POST", "views", sent)
        path = f"views/{view['id']}"
        found = await year.read("complaints", f"{path}/theme-suggestions")
        offered = {each["theme"] for each in found["suggestions"]}
        suggested.append((one.themes[0], offered))
        decision = {"confirmed": list(one.themes), "rejected": sorted(offered - set(one.themes))}
        await year.do("complaints", "POST", f"{path}/theme-decisions", decision, version=1)
    year.told["suggested"] = suggested
    year.told["accuracy"] = await year.read("analyst", "themes/accuracy", kind="view")


async def _reviews(year: Year) -> None:
    rows = ["CHILD,DOB,REVIEW,REVIEW_CODE"]
    for code, many in REVIEW_CODES.items():
        born = "02/11/2023" if code == "PN0" else "27/03/2011"
        rows += [f"9{len(rows) + n:05},{born},14/07/2026,{code}" for n in range(many)]
    client = year.people["key worker system"]
    asked = {"params": {"unit": "fs_weymouth"}, "headers": {"Content-Type": "text/csv"}}
    answer = await client.post("/v1/review-participation/imports", content="\n".join([*rows, ""]), **asked)
    assert answer.is_success, answer.text
    year.told["reviews"] = answer.json()


async def _first_told(year: Year) -> None:
    year.told["Q1 in August"] = await year.read("everywhere", "summary", period="FY2026-27-Q1")
