"""Challenges of the partnership boards, their responses, and what is unanswered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]
ANSWER = {"response": "Each plan names who stays in touch.", "outcome": "accepted", "development_action": "ACT-7"}


@pytest.fixture
def a_challenge() -> Make:
    def make(**fields: Any) -> dict[str, Any]:
        return {
            "raised_by_body": "dscb",
            "raised_on": "2026-10-20",
            "about": {"kind": "theme", "ref": "information_sharing"},
            "unit": "family_support",
            "question": "Why are partners told so late when a plan changes?",
        } | fields

    return make


class Board:
    """Raises, answers and decides as the people of the board and the service would."""

    def __init__(self, manager: Any, responder: Any) -> None:
        self.manager, self.responder = manager, responder

    async def raised(self, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.manager.post("/v1/challenges", json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def put(self, client: Any, held: dict[str, Any], what: str, body: dict[str, Any]) -> Any:
        headers = {"If-Match": f'"{held["version"]}"'}
        return await client.put(f"/v1/challenges/{held['id']}/{what}", json=body, headers=headers)

    async def answered(self, body: dict[str, Any], **response: Any) -> dict[str, Any]:
        answer = await self.put(self.responder, await self.raised(body), "response", ANSWER | response)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def board(feedback: Any) -> Board:
    return Board(await feedback.client("qa_manager"), await feedback.client("team_manager", unit="family_support"))


async def test_R19_each_of_the_four_boards_challenges_and_the_response_is_due_by_its_working_days(
    board: Board, a_challenge: Make
) -> None:
    for code in ("ctb", "health_wellbeing_board", "dscb", "dorset_learning_partnership"):
        found = await board.raised(a_challenge(raised_by_body=code))
        assert (found["status"], found["response_due"]) == ("open", "2026-11-17"), "20 working days"
        assert found["overdue"], "today is 23 November"
    given = await board.raised(a_challenge(response_due="2026-12-04"))
    assert (given["response_due"], given["overdue"]) == ("2026-12-04", False)


async def test_R19_a_day_off_the_council_knows_of_moves_the_day_the_response_is_due(
    feedback: Any, board: Board, a_challenge: Make
) -> None:
    admin = await feedback.client("admin")
    assert (await admin.post("/v1/bank-holidays", json={"day": "2026-11-06", "name": "A new one"})).is_success
    assert (await board.raised(a_challenge()))["response_due"] == "2026-11-18"


async def test_R19_a_challenge_is_answered_and_the_board_accepts_the_response(board: Board, a_challenge: Make) -> None:
    held = await board.answered(a_challenge(area_for_development="Telling partners in time"))
    assert (held["status"], held["outcome"], held["responded_by"]) == ("answered", "accepted", "test-team_manager")
    decision = {"decision": "accepted", "decided_on": "2026-11-23"}
    done = (await board.put(board.manager, held, "decision", decision)).json()
    assert (done["status"], done["closed_on"], done["allowed_actions"]) == ("closed", "2026-11-23", [])
    assert (await board.put(board.responder, done, "response", ANSWER)).json()["type"] == "/problems/challenge-closed"


async def test_R19_a_response_sent_back_is_due_again_and_both_responses_are_kept(
    board: Board, a_challenge: Make
) -> None:
    held = await board.answered(a_challenge(), response="We are looking into it.", outcome="partly_accepted")
    back = {"decision": "sent_back", "decided_on": "2026-11-23", "words": "By when?"}
    found = (await board.put(board.manager, held, "decision", back)).json()
    assert (found["status"], found["response_due"]) == ("sent_back", "2026-12-21")
    assert found["first_response_due"] == "2026-11-17"
    again = (await board.put(board.responder, found, "response", ANSWER)).json()
    assert (again["status"], again["response"]) == ("answered", ANSWER["response"])
    assert again["answered_late"] is False, "it was due again on 21 December"
    history = (await board.manager.get(f"/v1/challenges/{held['id']}/history")).json()["items"]
    assert [one["version"] for one in history] == [4, 3, 2, 1]
    said = [ANSWER["response"], *["We are looking into it."] * 2, None]
    assert [one["content"]["response"] for one in history] == said
    assert history[1]["reason"] == "By when?"


async def test_R19_what_is_unanswered_is_listed_overdue_first_and_counted_by_body_and_unit(
    board: Board, a_challenge: Make
) -> None:
    later = await board.raised(a_challenge(raised_by_body="ctb", response_due="2026-12-04"))
    late = await board.raised(a_challenge())
    soon = await board.raised(a_challenge(unit="fs_weymouth", response_due="2026-11-23"))
    await board.answered(a_challenge(raised_by_body="ctb"))
    found = (await board.manager.get("/v1/challenges/unanswered")).json()
    assert [one["id"] for one in found["items"]] == [late["id"], soon["id"], later["id"]]
    assert (found["unanswered"], found["overdue"]) == (3, 1), "due today is not overdue"
    assert {one["code"]: (one["unanswered"], one["overdue"]) for one in found["by_body"]} == {
        "dscb": (2, 1),
        "ctb": (1, 0),
    }
    assert {one["code"]: one["unanswered"] for one in found["by_unit"]} == {"family_support": 2, "fs_weymouth": 1}
    assert "Children's Trust Board" in {one["title"] for one in found["by_body"]}
    first = (await board.manager.get("/v1/challenges/unanswered?limit=2")).json()
    rest = (await board.manager.get(f"/v1/challenges/unanswered?limit=2&after={first['next']}")).json()
    assert [one["id"] for one in rest["items"]] == [later["id"]] and first["unanswered"] == 3
    only = (await board.manager.get("/v1/challenges/unanswered?body=ctb&unit=family_support")).json()
    assert [one["id"] for one in only["items"]] == [later["id"]]


async def test_R19_an_accepted_area_for_development_is_closed_only_with_its_action(
    board: Board, a_challenge: Make
) -> None:
    held = await board.answered(a_challenge(area_for_development="Telling partners"), development_action=None)
    decision = {"decision": "accepted", "decided_on": "2026-11-23"}
    refused = await board.put(board.manager, held, "decision", decision)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/development-action-missing")
    change = {"development_action": "ACT-9", "reason": "Raised since."}
    headers = {"If-Match": f'"{held["version"]}"'}
    held = (await board.manager.patch(f"/v1/challenges/{held['id']}", json=change, headers=headers)).json()
    assert (await board.put(board.manager, held, "decision", decision)).json()["development_action"] == "ACT-9"


async def test_R19_a_response_recorded_later_counts_for_the_day_it_went_to_the_board(
    board: Board, a_challenge: Make
) -> None:
    for day, late in (("2026-11-17", False), ("2026-11-18", True)):
        held = await board.answered(a_challenge(), responded_on=day)
        assert (held["responded_on"], held["answered_late"]) == (day, late), "due on 17 November"
        decision = {"decision": "accepted", "decided_on": day}
        assert (await board.put(board.manager, held, "decision", decision)).json()["closed_on"] == day
    held = await board.raised(a_challenge())
    for day in ("2026-10-19", "2026-11-24"):
        refused = await board.put(board.responder, held, "response", ANSWER | {"responded_on": day})
        assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/responded_on"]
    held = (await board.put(board.responder, held, "response", ANSWER)).json()
    refused = await board.put(board.manager, held, "decision", {"decision": "accepted", "decided_on": "2026-11-22"})
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/decided_on"]


async def test_nobody_decides_on_their_own_response(board: Board, a_challenge: Make) -> None:
    held = await board.raised(a_challenge())
    held = (await board.put(board.manager, held, "response", ANSWER)).json()
    assert "decide" not in held["allowed_actions"]
    refused = await board.put(board.manager, held, "decision", {"decision": "accepted", "decided_on": "2026-11-23"})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/own-response")


async def test_the_steps_come_in_their_order_and_a_stale_change_is_refused(board: Board, a_challenge: Make) -> None:
    held = await board.raised(a_challenge())
    assert held["allowed_actions"] == ["edit", "end", "respond"]
    decision = {"decision": "accepted", "decided_on": "2026-11-23"}
    refused = await board.put(board.manager, held, "decision", decision)
    assert refused.json()["type"] == "/problems/challenge-unanswered"
    answered = (await board.put(board.responder, held, "response", ANSWER)).json()
    assert (await board.put(board.responder, held, "response", ANSWER)).status_code == 412
    twice = await board.put(board.responder, answered, "response", ANSWER)
    assert twice.json()["type"] == "/problems/challenge-answered"
    bare = await board.responder.put(f"/v1/challenges/{held['id']}/response", json=ANSWER)
    assert bare.status_code == 428
    ended = await board.put(board.manager, answered, "end", {"outcome": "superseded", "reason": "Asked more widely."})
    assert (ended.json()["status"], ended.json()["outcome"]) == ("closed", "superseded")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [({"raised_by_body": "csdg"}, "/raised_by_body"), ({"raised_by_body": "nobody"}, "/raised_by_body"),
     ({"raised_on": "2026-11-24"}, "/raised_on"), ({"unit": "nowhere"}, "/unit"),
     ({"about": {"kind": "theme", "ref": "nothing"}}, "/about/ref"),
     ({"about": {"kind": "free", "ref": "x"}}, "/about"),
     ({"about": {"kind": "indicator"}}, "/about"), ({"about": {"kind": "service", "ref": "nowhere"}}, "/about/ref"),
     ({"response_due": "2026-10-19"}, "/response_due"), ({"question": ""}, "/question")],
)  # fmt: skip
async def test_what_cannot_be_is_pointed_at(
    board: Board, a_challenge: Make, fields: dict[str, Any], pointer: str
) -> None:
    answer = await board.manager.post("/v1/challenges", json=a_challenge(**fields))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_each_sort_of_subject_can_be_challenged(board: Board, a_challenge: Make) -> None:
    for about in (
        {"kind": "free"}, {"kind": "service", "ref": "fs_weymouth"}, {"kind": "audit", "ref": "AUD-2026-1"},
        {"kind": "indicator", "ref": "rereferrals"},
    ):  # fmt: skip
        assert (await board.raised(a_challenge(about=about)))["about"] == {"ref": None} | about
    found = (await board.manager.get("/v1/challenges?about=indicator&ref=rereferrals&status=open")).json()["items"]
    assert len(found) == 1


async def test_another_units_challenges_are_not_there(feedback: Any, board: Board, a_challenge: Make) -> None:
    held = await board.raised(a_challenge())
    elsewhere = await feedback.client("qa_manager", unit="sen_team")
    for path in ("", "/history"):
        assert (await elsewhere.get(f"/v1/challenges/{held['id']}{path}")).status_code == 404
    assert (await elsewhere.get("/v1/challenges")).json()["items"] == []
    assert (await elsewhere.get("/v1/challenges/unanswered")).json()["unanswered"] == 0
    assert (await elsewhere.post("/v1/challenges", json=a_challenge())).status_code == 422
    assert (await board.put(elsewhere, held, "response", ANSWER)).status_code == 404


async def test_words_that_identify_somebody_are_refused_where_the_setting_says_so(
    start: Any, a_challenge: Make
) -> None:
    feedback = await start("feedback", free_text_identifiers="refuse")
    client = await feedback.client("qa_manager")
    refused = await client.post("/v1/challenges", json=a_challenge(question="Call 01305 550142 about it"))
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/question"]
    assert "01305" not in refused.text


async def test_a_board_taken_from_the_framework_raises_no_more_and_keeps_its_name(
    feedback: Any, board: Board, a_challenge: Make
) -> None:
    await board.raised(a_challenge(raised_by_body="ctb"))
    admin = await feedback.client("admin")
    content = (await admin.get("/v1/framework/boards/ctb")).json()["content"]
    item = {"kind": "boards", "code": "ctb", "content": content | {"challenges": None}}
    assert (await admin.post("/v1/framework/applications", json={"items": [item]})).status_code == 200
    assert (await board.manager.post("/v1/challenges", json=a_challenge(raised_by_body="ctb"))).status_code == 422
    (tally,) = (await board.manager.get("/v1/challenges/unanswered")).json()["by_body"]
    assert tally["title"] == "Children's Trust Board"


async def test_the_log_holds_no_word_of_a_challenge(feedback: Any, board: Board, a_challenge: Make) -> None:
    await board.answered(a_challenge(question="zebracanary"), response="zebracanary")
    await feedback.seal()
    deeds = (await (await feedback.client("admin")).get("/v1/activity")).json()["items"][1:]
    assert [deed["action"] for deed in deeds] == ["challenge.raised", "challenge.answered"]
    assert "zebracanary" not in str(deeds)


async def test_what_a_board_says_of_a_response_is_told_to_the_duty_role_with_all_else_that_was_said(
    feedback: Any, board: Board, a_challenge: Make
) -> None:
    held = await board.answered(a_challenge())
    back = {"decision": "sent_back", "decided_on": "2026-11-23", "words": "One girl told us that he hits me."}
    assert (await board.put(board.manager, held, "decision", back)).status_code == 200
    duty = await feedback.client("duty_officer")
    (flag,) = (await duty.get("/v1/safeguarding-flags?subject_kind=challenge")).json()["items"]
    told = (await duty.get(f"/v1/safeguarding-flags/{flag['id']}")).json()
    assert {one["field"]: one["text"] for one in told["words"]}["board_words"] == back["words"]
    assert (told["subject_ref"], told["unit"]) == (held["id"], held["unit"])


async def test_a_bank_holiday_that_is_worked_is_a_working_day_of_the_board(
    feedback: Any, board: Board, a_challenge: Make
) -> None:
    asked = a_challenge(raised_on="2026-08-20")
    assert (await board.raised(asked))["response_due"] == "2026-09-18"
    client = await feedback.client("admin")
    body = {"day": "2026-08-31", "name": "Summer bank holiday, worked", "worked": True}
    assert (await client.post("/v1/bank-holidays", json=body)).status_code == 201
    assert (await board.raised(asked))["response_due"] == "2026-09-17"
