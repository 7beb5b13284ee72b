"""What is told with approved words never singles out who said them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Act = Callable[..., Awaitable[Any]]
SAID = "My worker tells me what happens next."


async def share(propose: Act, act: Act, view: str, **more: Any) -> None:
    made = (await propose(view, unit=None)).json() if more.pop("anyone", False) else (await propose(view)).json()
    answer = await act(made["id"], "approvals", audience="boards")
    assert answer.status_code == 200, answer.text


async def test_a_group_of_too_few_is_told_as_its_family_and_a_team_of_too_few_not_at_all(
    propose: Act, act: Act, crowd: Act, record: Act, read: Act
) -> None:
    await crowd(5, unit="cwd_east")
    await share(propose, act, await record(SAID, respondent_group="care_leaver"))
    (words,) = await read()
    assert (words["unit"], words["respondent_group"], words["family"]) == (None, None, "children_and_families")
    await crowd(5)
    (words,) = await read()
    assert (words["unit"], words["respondent_group"]) == ("fs_weymouth", None)
    await crowd(5, respondent_group="care_leaver")
    (words,) = await read()
    assert (words["unit"], words["respondent_group"]) == ("fs_weymouth", "care_leaver")


async def test_a_family_of_too_few_is_not_told_either(
    propose: Act, act: Act, crowd: Act, record: Act, read: Act
) -> None:
    await crowd(9)
    await share(propose, act, await record(SAID, respondent_group="manager", channel="staff_survey"))
    (words,) = await read()
    assert (words["family"], words["respondent_group"]) == (None, None)


async def test_a_quarter_a_unit_or_a_theme_of_too_few_has_no_words(
    propose: Act, act: Act, crowd: Act, record: Act, read: Act
) -> None:
    # Five are as few as the threshold: to be told there must be six.
    await crowd(4)
    await share(propose, act, await record(SAID))
    assert await read() == []
    await crowd(5, unit="cwd_east", themes=[])
    assert len(await read()) == 1
    assert await read(unit="fs_weymouth") == []
    assert await read(theme="communication") == []
    assert await read("practitioner", "fs_weymouth") == []
    await crowd(1)
    assert len(await read(unit="fs_weymouth", theme="communication")) == 1
    assert await read(period="FY2026-27-Q2") == []


async def test_no_date_and_no_id_is_told_and_the_order_says_nothing_of_time(
    feedback: Any, propose: Act, act: Act, crowd: Act, record: Act, read: Act
) -> None:
    await crowd(5)
    days = [f"2026-10-{day:02}" for day in range(1, 13)]
    for day in days:
        await share(propose, act, await record(day.replace("-", " then "), given_on=day))
    found = [one["text"].replace(" then ", "-") for one in await read()]
    assert sorted(found) == days and found not in (days, days[::-1])
    assert set((await read())[0]) == {
        "text", "said_in", "family", "respondent_group", "themes", "quarter", "unit",
    }  # fmt: skip
    client = await feedback.client("head_of_service")
    walked: list[str] = []
    where: str | None = "/v1/approved-words?period=FY2026-27&limit=5"
    while where:
        page = (await client.get(where)).json()
        walked += [one["text"] for one in page["items"]]
        where = page["next"] and f"/v1/approved-words?period=FY2026-27&limit=5&after={page['next']}"
    assert len(walked) == len(set(walked)) == 12


async def test_words_are_asked_for_by_whole_quarters_and_a_team_s_only_by_those_who_see_its_cases(
    feedback: Any,
) -> None:
    client = await feedback.client("practitioner")
    assert (await client.get("/v1/approved-words?period=2026-10")).status_code == 422
    assert (await client.get("/v1/approved-words?period=AY2026-27")).status_code == 422
    assert (await client.get("/v1/approved-words?period=CY2026")).status_code == 200
    assert (await client.get("/v1/approved-words?period=CY2026&audience=team")).status_code == 403
    own = await feedback.client("practitioner", unit="fs_weymouth")
    assert (await own.get("/v1/approved-words?period=CY2026&audience=team")).status_code == 200
    assert (await own.get("/v1/approved-words?period=CY2026&unit=cwd_east")).status_code == 404
