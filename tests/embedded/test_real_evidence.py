"""Reports assembled from the three real services, not from stand-ins: every question is one they answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.reporting_api.year.counting import REPORTS

QUARTER = "FY2026-27-Q2"
QUARTERLY = (
    "csdg_performance_quarterly", "audit_findings_quarterly", "complaints_quarterly",
    "cypp_and_corporate_plan_quarterly", "dscb_compliance_quarterly", "specialist_teaching_quarterly",
)  # fmt: skip
# Together with the quarterly ones every kind of section is assembled at least once.
PACKS = [
    *((report, QUARTER) for report in QUARTERLY), ("provider_information_half_termly", "AY2026-27-HT1"),
    ("dscb_annual_report", "FY2026-27"), ("dfe_returns_annual", "RY2027"), ("dscb_schedule_annual", "FY2026-27"),
]  # fmt: skip


async def complaints_report(client: Any, period: str) -> None:
    produced = await client.post("/feedback/v1/complaints/reports/editions", json={"period": period})
    assert produced.status_code == 201, produced.text


async def assembled(client: Any, report: str, period: str) -> dict[str, Any]:
    """The draft of a report."""
    listed = await client.get("/reporting/v1/occurrences", params={"report": report, "period": period})
    made = await client.post(f"/reporting/v1/occurrences/{listed.json()['items'][0]['id']}/assemblies")
    assert made.status_code == 201, made.text
    document: dict[str, Any] = (await client.get(f"/reporting/v1/reports/{made.json()['id']}")).json()
    return document


async def test_every_kind_of_section_is_filled_by_the_real_services_and_twice_alike(made_run: Any) -> None:
    client, reporting = await made_run("admin"), made_run.root.state.apps["reporting"].state
    for neighbour in reporting.neighbours.values():
        # What is asked here is whether they can answer, not whether this machine is busy.
        neighbour._deadline = 60
    await complaints_report(client, QUARTER)
    lacking: dict[str, list[str]] = {}
    sections: dict[str, dict[str, Any]] = {}
    for report, period in PACKS:
        if period == "FY2026-27" and report == "dscb_annual_report":
            # One clock for all four.
            reporting.clock.advance(timedelta(days=250))
            await complaints_report(client, period)
        document = await assembled(client, report, period)
        again = await assembled(client, report, period)
        assert (report, again["content_hash"]) == (report, document["content_hash"])
        sections |= {one["kind"]: one for one in document["sections"]}
        if document["missing"]:
            lacking[report] = document["missing"]
    assert lacking == {}
    assert sections.keys() == {one["kind"] for report in REPORTS.values() for one in report["sections"]}
    assert sections["commitments"]["items"][0]["target"] == 18
    assert sections["surveys"]["items"][0]["missing"]
    assert {one["type"] for one in sections["actions"]["items"]} >= {"action", "body_actions"}
    assert any("complaints report was produced" in text for text in sections["complaints"]["caveats"])
