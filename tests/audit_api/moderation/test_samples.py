"""Samples: drawn at random by a recorded seed, spread over auditors, the same whoever draws."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.audit_api.moderation.draw import Candidate, drawn_order, how_many, share_out
from tests.audit_api.life import faults, learn, slug, stepped
from tests.audit_api.moderation.steps import MODERATOR, an_audit, asked
from tests.conftest import Running

SAMPLE = {"tool": "case_audit", "period": "2026-11", "seed": "november"}
CANDIDATES = st.lists(
    st.tuples(st.uuids(), st.sampled_from("abcdef")), min_size=1, max_size=40, unique_by=lambda one: one[0]
).map(lambda drawn: [Candidate(str(audit), auditor, 0) for audit, auditor in drawn])


@given(CANDIDATES, st.text(min_size=1, max_size=8), st.randoms())
def test_a_draw_is_the_same_in_whatever_order_the_candidates_come(
    candidates: list[Candidate], seed: str, chance: Any
) -> None:
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    assert drawn_order(shuffled, seed) == drawn_order(candidates, seed)


@given(CANDIDATES, st.text(min_size=1, max_size=8), st.integers(1, 100))
def test_no_auditor_is_drawn_twice_while_another_waits(candidates: list[Candidate], seed: str, percent: int) -> None:
    number = how_many(len(candidates), percent, None)
    assert 1 <= number <= len(candidates)
    drawn = Counter(one.auditor for one in drawn_order(candidates, seed)[:number])
    there = Counter(one.auditor for one in candidates)
    for auditor, many in there.items():
        for other, count in drawn.items():
            assert drawn[auditor] >= min(many, count - 1), (auditor, other)


def test_within_an_auditor_the_order_is_that_of_the_hash_of_seed_and_audit() -> None:
    candidates = [Candidate(f"audit-{place}", "a", 0) for place in range(20)]
    by_hand = sorted(candidates, key=lambda one: hashlib.sha256(f"s:{one.audit}".encode()).hexdigest())
    assert drawn_order(candidates, "s") == by_hand


def test_in_time_everybody_is_sampled_whatever_the_seeds() -> None:
    sampled: Counter[str] = Counter()
    for month in range(5):
        candidates = [Candidate(f"{name}-{month}", name, sampled[name]) for name in "abcdefghij"]
        sampled.update(one.auditor for one in drawn_order(candidates, f"month-{month}")[:2])
    assert sampled == Counter("abcdefghij")


def test_graders_share_the_drawn_audits_evenly_and_never_one_they_may_not_grade() -> None:
    audits = [(f"audit-{place}", ["x", "y"] if place % 3 else ["y"]) for place in range(9)]
    given_to = share_out([*audits, ("nobody", [])], "s", {"x": 1})
    assert given_to["nobody"] is None
    assert Counter(given_to[audit] for audit, _ in audits) == {"y": 5, "x": 4}
    assert all(given_to[audit] in independent for audit, independent in audits)


async def _audits(audit: Running, *auditors: str) -> None:
    for place, auditor in enumerate(auditors):
        await an_audit(audit, auditor, case_reference=f"CMS-20{place:04}")


async def test_a_sample_is_recorded_with_seed_and_candidates_so_that_anyone_draws_it_again(audit: Running) -> None:
    await _audits(audit, "a", "a", "a", "b", "c")
    manager = await audit.client("qa_manager")
    body = SAMPLE | {"percent": 41, "moderators": [MODERATOR, MODERATOR | {"grader": "moderator-2"}]}
    answer = await manager.post("/v1/moderation-samples", json=body)
    assert answer.status_code == 201, answer.text
    sample = answer.json()
    assert (sample["eligible"], sample["drawn"], sample["seed"]) == (5, 3, "november")
    candidates = [Candidate(one["audit"], one["auditor"], one["sampled_before"]) for one in sample["candidates"]]
    assert drawn_order(candidates[::-1], sample["seed"]) == candidates
    assert [one["drawn"] for one in sample["candidates"]] == [True] * 3 + [False] * 2
    assert {one["auditor"] for one in sample["candidates"] if one["drawn"]} == {"a", "b", "c"}
    given_to = Counter(one["moderator"] for one in sample["moderations"])
    assert set(given_to) == {"moderator-1", "moderator-2"}
    statuses = Counter(one["status"] for one in (await manager.get("/v1/audits")).json()["items"])
    assert statuses == {"in_moderation": 3, "submitted": 2}
    again = (await manager.get(answer.headers["location"])).json()
    assert again == sample
    listed = (await manager.get("/v1/moderation-samples")).json()["items"]
    assert [(one["id"], one["percent"], one["count"]) for one in listed] == [(sample["id"], 41, None)]
    mine = (await manager.get(f"/v1/moderations?sample={sample['id']}")).json()["items"]
    assert len(mine) == 3
    rest = (await manager.post("/v1/moderation-samples", json=SAMPLE | {"count": 9})).json()
    assert (rest["eligible"], rest["drawn"], rest["passed_over"]) == (2, 2, {"in_moderation": 3})
    assert [one["sampled_before"] for one in rest["candidates"]] == [1, 1]
    none = await manager.post("/v1/moderation-samples", json=SAMPLE | {"count": 1})
    assert (none.status_code, slug(none)) == (409, "nothing-to-sample")


async def test_a_seed_is_made_where_none_is_given_and_what_cannot_be_drawn_is_counted(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    await _audits(audit, "a", "b")
    closed, opened = await an_audit(audit, "c"), await an_audit(audit, "c", case_reference="CMS-209999")
    await learn(audit, closed)
    await stepped(manager, closed, "closures", {})
    await stepped(manager, opened, "reopenings", {"reason": "A grade is wrong."})
    body = {"programme": "monthly_case_audit", "period": "2026-11", "count": 1}
    assert slug(await manager.post("/v1/moderation-samples", json=body)) == "nothing-to-sample"
    sample = (await manager.post("/v1/moderation-samples", json={**SAMPLE, "seed": None, "count": 1})).json()
    assert (sample["eligible"], len(sample["seed"])) == (2, 16)
    assert sample["passed_over"] == {"closed": 1, "in_progress": 1}
    assert [one["status"] for one in sample["moderations"]] == ["unallocated"]


async def test_a_manager_of_the_audited_team_draws_none_of_its_audits(audit: Running) -> None:
    await _audits(audit, "a")
    own = await audit.client("qa_manager", unit="fs_weymouth")
    assert slug(await own.post("/v1/moderation-samples", json=SAMPLE | {"count": 1})) == "nothing-to-sample"
    auditor = await audit.client("auditor")
    assert (await auditor.post("/v1/moderation-samples", json=SAMPLE | {"count": 1})).status_code == 403
    sample = (
        await (await audit.client("qa_manager")).post("/v1/moderation-samples", json=SAMPLE | {"count": 1})
    ).json()
    elsewhere = await audit.client("qa_manager", unit="fs_portland")
    assert (await elsewhere.get(f"/v1/moderation-samples/{sample['id']}")).status_code == 404
    assert (await elsewhere.get("/v1/moderation-samples")).json()["items"] == []


async def test_what_a_sample_is_of_must_be_known(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    for changed, found in (
        ({"tool": "no_such"}, {("/tool", "unknown_code")}),
        ({"unit": "nowhere"}, {("/unit", "unknown_unit")}),
        ({"moderators": [MODERATOR | {"grader_unit": "nowhere"}]}, {("/moderators/0/grader_unit", "unknown_code")}),
    ):
        refused = await manager.post("/v1/moderation-samples", json=SAMPLE | {"count": 1} | changed)
        assert (refused.status_code, faults(refused)) == (422, found)
    for body in (SAMPLE, SAMPLE | {"count": 1, "percent": 5}, {"period": "2026-11", "count": 1}):
        assert (await manager.post("/v1/moderation-samples", json=body)).status_code == 422


async def test_drawing_again_with_the_same_key_draws_once(audit: Running) -> None:
    await _audits(audit, "a", "b")
    manager = await audit.client("qa_manager")
    key = {"Idempotency-Key": "draw-1"}
    first, again = [
        await manager.post("/v1/moderation-samples", json=SAMPLE | {"count": 1}, headers=key) for _ in range(2)
    ]
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    await asked(manager, first.json()["candidates"][1]["audit"])
