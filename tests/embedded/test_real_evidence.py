"""Reports assembled from the three real services, not from stand-ins: every question is one they answer."""

from __future__ import annotations

from typing import Any

QUARTER = "FY2026-27-Q2"
PACKS = (
    "csdg_performance_quarterly", "audit_findings_quarterly", "complaints_quarterly",
    "cypp_and_corporate_plan_quarterly", "dscb_compliance_quarterly", "specialist_teaching_quarterly",
)  # fmt: skip


async def test_every_section_of_evidence_is_filled_by_the_real_services(made_run: Any) -> None:
    client = await made_run("admin")
    produced = await client.post("/feedback/v1/complaints/reports/editions", json={"period": QUARTER})
    assert produced.status_code == 201, produced.text
    lacking: dict[str, list[str]] = {}
    sections: dict[str, dict[str, Any]] = {}
    for report in PACKS:
        listed = await client.get("/reporting/v1/occurrences", params={"report": report, "period": QUARTER})
        made = await client.post(f"/reporting/v1/occurrences/{listed.json()['items'][0]['id']}/assemblies")
        assert made.status_code == 201, made.text
        document = (await client.get(f"/reporting/v1/reports/{made.json()['id']}")).json()
        sections |= {one["kind"]: one for one in document["sections"]}
        if document["missing"]:
            lacking[report] = document["missing"]
    assert lacking == {}
    assert sections["commitments"]["items"][0]["target"] == 18
    assert sections["surveys"]["items"][0]["missing"]
    assert {one["type"] for one in sections["actions"]["items"]} >= {"action", "body_actions"}
    assert any("complaints report was produced" in text for text in sections["complaints"]["caveats"])
