"""Who reads a complaints report, and whose words are in it for whom."""

from __future__ import annotations

from typing import Any

import pytest

from tests.feedback_api.complaint_reports.conftest import QUARTER

EDITIONS = "/v1/complaints/reports/editions"
CANARY = "zebracanary"


@pytest.mark.parametrize("role", ["practitioner", "team_manager", "auditor", "ingest_client", "board_reader"])
async def test_R60_a_report_has_true_figures_and_so_is_only_for_those_who_may_see_them(
    autumn: Any, closed: Any, post: Any, role: str
) -> None:
    await post(autumn, closed("A"))
    await (await autumn.client("admin")).post(EDITIONS, json={"period": QUARTER})
    for unit in (None, "fs_weymouth"):
        refused = await (await autumn.client(role, unit=unit)).get(f"/v1/complaints/reports?period={QUARTER}")
        assert (refused.status_code, refused.json()["needed_scope"]) == (403, "feedback:figures")


@pytest.mark.parametrize("role", ["qa_manager", "head_of_service", "analyst"])
async def test_R60_words_and_references_are_only_for_those_who_handle_complaints(
    autumn: Any, closed: Any, a_complaint: Any, post: Any, read: Any, role: str
) -> None:
    refused = {"eligible": False, "refusal_reason": CANARY}
    await post(
        autumn,
        closed("SECRET-A", learning=CANARY, improvement=CANARY, shared_learning=CANARY),
        closed("SECRET-B", learning=CANARY),
        a_complaint(respond_ref="SECRET-C", received_on="2026-07-02", **refused),
    )
    await (await autumn.client("admin")).post(EDITIONS, json={"period": QUARTER})
    found = await read(autumn, role)
    assert CANARY not in str(found) and "SECRET" not in str(found)
    assert found["learning"]["learned"] is None and found["refusals"] is None
    assert "SECRET-B" in str(await read(autumn))


async def test_a_team_sees_only_its_own_part(autumn: Any, closed: Any, post: Any, read: Any) -> None:
    await post(autumn, closed("A"), closed("B", unit="cwd_east"))
    await (await autumn.client("admin")).post(EDITIONS, json={"period": QUARTER})
    found = await read(autumn, "complaints_manager", unit="cwd_east")
    assert (found["unit"], found["complaints"]["received"]) == ("cwd_east", 1)
    assert [one["respond_ref"] for one in found["learning"]["missing_by_owner"][0]["complaints"]] == ["B"]
    council = await (await autumn.client("reporting_service")).get(f"/v1/complaints/reports?period={QUARTER}")
    assert council.json()["complaints"]["received"] == 2
