"""What boards decide on a report: recorded, followed, and back in the next report as matters arising until done."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.reporting_api.decisions.naming import numbered_id
from services.reporting_api.document import HELD_BACK
from tests.reporting_api.conftest import Desk, section, slug

DECIDED = "Late reviews are to be looked at team by team before the next meeting."


def decision(**more: Any) -> dict[str, Any]:
    return {
        "board": "SDG", "meeting_on": "2026-11-23", "decided": DECIDED, "owner_role": "head_of_service",
        "owner_unit": "family_support", "due_on": "2026-12-11", **more,
    }  # fmt: skip


async def record(desk: Desk, report: str, **more: Any) -> httpx.Response:
    return await (await desk.client("qa_manager")).post(f"/v1/reports/{report}/decisions", json=decision(**more))


async def say(desk: Desk, wanted: str, body: dict[str, Any], client: httpx.AsyncClient | None = None) -> httpx.Response:
    reader = await desk.client("qa_manager")
    version = (await reader.get(f"/v1/decisions/{wanted}")).json()["version"]
    headers = {"If-Match": f'"{version}"'}
    return await (client or reader).post(f"/v1/decisions/{wanted}/updates", json=body, headers=headers)


async def published(desk: Desk, report: str = "csdg_monthly", period: str = "2026-09") -> dict[str, Any]:
    return await desk.publish((await desk.draft(report, period))["id"])


def matters(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = section(document, "matters_arising")["items"]
    return found


async def test_a_decision_comes_back_in_the_next_reports_to_that_board_until_it_is_done(desk: Desk) -> None:
    made = await record(desk, (await published(desk))["id"])
    assert (made.status_code, made.json()["board"], made.json()["status"]) == (201, "csdg", "open")
    assert made.headers["location"] == f"/v1/decisions/{made.json()['id']}"
    await say(desk, made.json()["id"], {"words": "All teams have been visited."})
    october = await published(desk, period="2026-10")
    (matter,) = matters(october)
    assert (matter["text"], matter["status"], matter["overdue"]) == (DECIDED, "open", False)
    assert (matter["progress"], matter["originally_due_on"]) == ("All teams have been visited.", "2026-12-11")
    assert matter["owner"] == "Head of service, Family Support"
    assert section(october, "matters_arising")["headline"] == "1 decision of earlier meetings open, 0 of them overdue."
    desk.reporting.clock.advance(timedelta(days=21))
    (late,) = matters(await desk.document((await desk.draft(period="2026-11"))["id"]))
    assert late["overdue"]
    done = await say(desk, made.json()["id"], {"words": "The paper was taken.", "status": "done"})
    assert (done.json()["status"], done.json()["ended_on"]) == ("done", "2026-12-14")
    november = await published(desk, period="2026-11")
    assert [one["status"] for one in matters(november)] == ["done"]
    desk.reporting.clock.advance(timedelta(days=30))
    december = await desk.document((await desk.draft(period="2026-12"))["id"])
    assert "matters_arising" not in {one["code"] for one in december["sections"]}


async def test_decisions_recorded_at_once_are_each_named_after_what_they_are_and_stay_in_order(desk: Desk) -> None:
    report = (await published(desk))["id"]
    clerk = await desk.client("qa_manager")
    calls = [
        clerk.post(f"/v1/reports/{report}/decisions", json=decision(), headers={"Idempotency-Key": f"minute-{n}"})
        for n in (1, 2, 3, 3)
    ]
    made = {answer.json()["id"] for answer in await asyncio.gather(*calls) if answer.status_code == 201}
    named = [str(numbered_id(n, "csdg_monthly", "2026-09", "1", "1", "csdg")) for n in (1, 2, 3)]
    assert made == set(named)
    listed = (await clerk.get("/v1/decisions", params={"report": report})).json()["items"]
    assert [one["id"] for one in listed] == named
    assert len({numbered_id(n, *of) for n in (1, 2**20, 2**32 - 1) for of in (("a", "bc"), ("ab", "c"))}) == 6


async def test_what_one_body_decided_is_not_told_in_a_report_that_others_see(desk: Desk) -> None:
    await record(desk, (await published(desk))["id"])
    senior = await desk.document((await desk.draft("children_in_care_monthly", "2026-10"))["id"])
    assert len({one["code"] for one in senior["audiences"]}) > 1
    assert "csdg" in {one["code"] for one in senior["audiences"]}
    assert DECIDED not in str(senior)
    own = await desk.document((await desk.draft(period="2026-10"))["id"])
    assert DECIDED in str(own)


async def test_a_decision_that_asks_nothing_of_anybody_is_done_as_it_is_made(desk: Desk) -> None:
    nobody = {"owner_role": None, "owner_unit": None, "due_on": None}
    made = await record(desk, (await published(desk))["id"], decided="The report was noted.", **nobody)
    assert (made.json()["status"], made.json()["ended_on"]) == ("done", "2026-11-23")


async def test_re_dating_hides_nothing_and_an_ended_decision_opens_again_only_by_saying_so(desk: Desk) -> None:
    made = (await record(desk, (await published(desk))["id"], due_on="2026-11-24")).json()
    desk.reporting.clock.advance(timedelta(days=3))
    moved = (await say(desk, made["id"], {"words": "The paper needs longer.", "due_on": "2027-01-15"})).json()
    assert (moved["originally_due_on"], moved["due_on"], moved["overdue"]) == ("2026-11-24", "2027-01-15", True)
    client = await desk.client("board_reader")
    found = (await client.get("/v1/decisions", params={"board": "csdg", "overdue": "true"})).json()["items"]
    assert [one["id"] for one in found] == [made["id"]]
    await say(desk, made["id"], {"words": "Done.", "status": "cancelled"})
    assert (await client.get("/v1/decisions", params={"overdue": "true"})).json()["items"] == []
    assert slug(await say(desk, made["id"], {"words": "One more thing."})) == "decision-ended"
    again = (await say(desk, made["id"], {"words": "It was not.", "status": "open"})).json()
    assert (again["status"], again["ended_on"], len(again["updates"])) == ("open", None, 3)


async def test_who_sees_to_it_says_how_it_goes_and_the_clerk_whether_it_is_done(desk: Desk) -> None:
    made = (await record(desk, (await published(desk))["id"], owner_unit="fs_weymouth")).json()
    manager = await desk.reporting.client("team_manager", unit="fs_weymouth")
    said = await say(desk, made["id"], {"words": "All reviews of the team are booked."}, manager)
    assert (said.status_code, said.json()["progress"]) == (200, "All reviews of the team are booked.")
    ended = await say(desk, made["id"], {"words": "Done.", "status": "done"}, manager)
    assert (ended.status_code, slug(ended)) == (403, "not-the-clerk")
    other = await desk.reporting.client("team_manager", unit="fs_portland")
    assert (await say(desk, made["id"], {"words": "Ours too."}, other)).status_code == 404
    assert (await other.get("/v1/decisions")).json()["items"] == []


async def test_words_that_tell_a_number_are_for_those_who_see_the_report_s_figures(desk: Desk) -> None:
    made = (await record(desk, (await published(desk))["id"], decided="The 3 late reviews come back.")).json()
    reader = await (await desk.client("board_reader")).get(f"/v1/decisions/{made['id']}")
    assert reader.json()["decided"] == HELD_BACK
    full = await (await desk.client("head_of_service")).get(f"/v1/decisions/{made['id']}")
    assert full.json()["decided"] == "The 3 late reviews come back."
    october = await published(desk, period="2026-10")
    assert matters(october)[0]["text"] == "The 3 late reviews come back."
    assert matters(await desk.document(october["id"], "board_reader"))[0]["text"] == HELD_BACK


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"board": "ctb"}, "/board"),
        ({"meeting_on": "2026-11-24"}, "/meeting_on"),
        ({"meeting_on": "2026-11-01"}, "/meeting_on"),
        ({"owner_role": "not_there"}, "/owner_role"),
        ({"owner_unit": "not_there"}, "/owner_unit"),
        ({"owner_role": None, "owner_unit": None, "owner_agency": "not_there"}, "/owner_agency"),
    ],
)
async def test_a_decision_is_of_a_board_that_was_sent_the_report(
    desk: Desk, change: dict[str, Any], pointer: str
) -> None:
    answer = await record(desk, (await published(desk))["id"], **change)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_board_decides_on_what_was_published(desk: Desk) -> None:
    draft = await desk.draft()
    assert slug(await record(desk, draft["id"])) == "report-not-published"
