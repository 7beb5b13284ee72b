"""R27: what staff think of audit goes from a survey to a series, through the public APIs alone."""

from __future__ import annotations

from typing import Any


async def test_R27_attitude_to_audit_travels_from_the_staff_survey_to_the_indicator_service(embedded: Any) -> None:
    client = await embedded("admin")
    days = {"opens_on": "2026-11-23", "closes_on": "2026-12-11"}
    staff = {"survey": "staff_survey", "unit": "childrens_services", **days}
    wave = (await client.post("/feedback/v1/survey-waves", json=staff)).json()
    path = f"/feedback/v1/survey-waves/{wave['id']}"
    answers = [
        {"unit": unit, "respondent_group": "practitioner", "answers": {"audit_helps": point}}
        for unit in ("fs_weymouth", "cwd_east")
        for point in [5] * 9 + [2] * 6
    ]
    taken = await client.post(f"{path}/responses/imports", json={"items": answers})
    assert taken.json()["created"] == 30, taken.text
    await client.post(f"{path}/closing", headers={"If-Match": '"1"'})

    figures = (await client.get("/feedback/v1/survey-indicators?period=FY2026-27")).json()
    report = await client.post("/indicator/v1/observations/imports", json=figures)
    assert report.status_code == 200, report.text
    assert (report.json()["created"], report.json()["rejected"]) == (len(figures["items"]), 0), report.text

    for area, share in (("E06000059", 60.0), ("fs_weymouth", 60.0)):
        read = await client.get(f"/indicator/v1/indicators/attitude_to_audit/series?area={area}")
        (series,) = read.json()["areas"]
        assert [point["value"] for point in series["points"]] == [share], read.text
    again = (await client.post("/indicator/v1/observations/imports", json=figures)).json()
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, len(figures["items"]))
