"""The reconciliation with the complaints system (R59)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]


@pytest.fixture
async def filled(feedback: Any, a_complaint: Make, a_compliment: Make) -> Any:
    client = await feedback.client("admin")
    for ref, day in (("A", "2026-09-30"), ("B", "2026-10-01"), ("C", "2026-11-20")):
        await client.post("/v1/complaints", json=a_complaint(respond_ref=ref, received_on=day))
    await client.post("/v1/compliments", json=a_compliment(respond_ref="K"))
    return feedback


async def test_R59_counts_by_month_stand_beside_the_source_s_own(filled: Any) -> None:
    client = await filled.client("complaints_manager")
    counts = (await client.get("/v1/reconciliation?from=2026-09-01&to=2026-11-30")).json()
    assert counts == {
        "from": "2026-09-01",
        "to": "2026-11-30",
        "months": [
            {"month": "2026-09", "complaints": 1, "compliments": 0},
            {"month": "2026-10", "complaints": 1, "compliments": 1},
            {"month": "2026-11", "complaints": 1, "compliments": 0},
        ],
        "complaints": 3,
        "compliments": 1,
    }


async def test_R59_what_is_missing_on_either_side_is_named(filled: Any) -> None:
    client = await filled.client("complaints_manager")
    body = {"from": "2026-10-01", "to": "2026-10-31", "complaints": ["A", "X"], "compliments": ["K"]}
    found = (await client.post("/v1/reconciliation", json=body)).json()
    assert found["complaints"] == {
        "in_source": 2, "here": 1, "missing_here": ["X"], "missing_in_source": ["B"], "received_outside": ["A"],
    }  # fmt: skip
    assert found["compliments"]["missing_here"] == found["compliments"]["missing_in_source"] == []
    assert found["agrees"] is False
    agreed = (await client.post("/v1/reconciliation", json=body | {"complaints": ["B"]})).json()
    assert agreed["agrees"] is True
    await filled.seal()
    deeds = (await (await filled.client("admin")).get("/v1/activity?subject_type=reconciliation")).json()["items"]
    assert [deed["data"] for deed in deeds] == [
        {"complaints": 3, "compliments": 0},
        {"complaints": 0, "compliments": 0},
    ]


async def test_only_what_the_caller_sees_is_compared(filled: Any) -> None:
    client = await filled.client("complaints_manager", unit="hearing_support")
    counts = (await client.get("/v1/reconciliation?from=2026-09-01&to=2026-11-30")).json()
    assert (counts["complaints"], counts["compliments"]) == (0, 1)
    body = {"from": "2026-10-01", "to": "2026-10-31", "complaints": ["B"], "compliments": []}
    assert (await client.post("/v1/reconciliation", json=body)).json()["complaints"]["missing_here"] == ["B"]
    practitioner = await filled.client("practitioner")
    assert (await practitioner.get("/v1/reconciliation?from=2026-09-01&to=2026-11-30")).status_code == 403
    assert (await practitioner.post("/v1/reconciliation", json=body)).status_code == 403


@pytest.mark.parametrize("query", ["from=2026-10-02&to=2026-10-01", "from=1990-01-01&to=2026-01-01", "from=2026-10-01"])
async def test_a_span_that_cannot_be_is_refused(feedback: Any, query: str) -> None:
    client = await feedback.client("admin")
    assert (await client.get(f"/v1/reconciliation?{query}")).status_code == 422
