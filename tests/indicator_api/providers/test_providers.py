"""Schools and settings over HTTP: their page, the registers they stand in, and who may see them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import Running

SCHOOL: dict[str, Any] = {
    "name": "Example Hill Primary School",
    "kind": "school",
    "reference": "999001",
    "unit": "children_who_are_disabled",
}
AT = "/v1/providers/example_hill"
GRADE = {
    "framework": "ofsted_report_card_2025",
    "judgement": "safeguarding",
    "grade": "not_met",
    "judged_on": "2026-09-24",
}
CONCERN: dict[str, Any] = {
    "provider_register": "schools_causing_concern",
    "category": "safeguarding",
    "at_risk": True,
    "opened_on": "2026-09-01",
}
Client = httpx.AsyncClient


async def made(indicator: Running, **changes: Any) -> Client:
    analyst = await indicator.client("analyst")
    answer = await analyst.put(AT, json=SCHOOL | changes)
    assert answer.status_code == 201, answer.text
    return analyst


async def opened(client: Client, **changes: Any) -> httpx.Response:
    answer = await client.post(f"{AT}/concerns", json=CONCERN | changes)
    assert answer.status_code == 201, answer.text
    return answer


def pointer(answer: httpx.Response) -> tuple[int, str, str]:
    fault = answer.json()["errors"][0]
    return answer.status_code, fault["pointer"], fault["code"]


async def test_a_providers_page_shows_hard_data_beside_what_was_seen_there_R86(indicator: Running) -> None:
    analyst = await made(indicator)
    assert (await analyst.post(f"{AT}/judgements", json=GRADE)).status_code == 201
    figure = {"indicator": "absence", "period": "AY2024-25", "value": 7.4, "source_ref": "School census"}
    assert (await analyst.post(f"{AT}/figures", json=figure)).status_code == 201
    note = {"kind": "visit", "noted_on": "2026-10-13", "words": "Lessons calm; two posts vacant."}
    assert (await analyst.post(f"{AT}/notes", json=note)).status_code == 201
    page = (await analyst.get(AT)).json()
    assert [one["grade"] for one in page["judgements"]] == ["not_met"]
    assert [(one["indicator"], one["display"]) for one in page["figures"]] == [("absence", "7.40%")]
    assert [one["words"] for one in page["notes"]] == ["Lessons calm; two posts vacant."]
    # The grade calls for an entry, and nobody has made one yet.
    assert (page["called_for"], page["open_concerns"]) == (["schools_causing_concern"], [])
    await opened(analyst)
    page = (await analyst.get(AT)).json()
    assert (page["called_for"], page["open_concerns"], page["at_risk"]) == ([], ["schools_causing_concern"], True)


async def test_an_entry_tells_what_is_missing_until_it_is_there_R54(indicator: Running) -> None:
    analyst = await made(indicator)
    answer = await opened(analyst)
    entry = answer.json()
    missing = ["not_reported_to_members", "report_to_members_overdue", "support_missing", "review_missing"]
    assert (entry["flags"], entry["reviews_missing"]) == (missing, ["AY2026-27-HT1"])
    place = f"/v1/concerns/{entry['id']}"
    review = {"period": "AY2026-27-HT1", "held_on": "2026-10-20", "outcome": "better"}
    assert (await analyst.post(f"{place}/reviews", json=review)).status_code == 201
    change = {
        "category": "safeguarding",
        "at_risk": False,
        "support": [{"what": "Adviser two days a week", "from_day": "2026-10-01"}],
        "reported_to_members_on": "2026-11-05",
    }
    assert (await analyst.put(place, json=change)).status_code == 428
    changed = await analyst.put(place, json=change, headers={"If-Match": answer.headers["etag"]})
    assert (changed.status_code, changed.json()["flags"], changed.json()["version"]) == (200, [], 2)
    stale = await analyst.put(place, json=change, headers={"If-Match": answer.headers["etag"]})
    assert stale.status_code == 412
    row = (await analyst.get("/v1/concerns", params={"open_only": True})).json()["items"][0]
    assert (row["provider_name"], row["flags"]) == (SCHOOL["name"], [])


async def test_the_overview_counts_six_reviews_a_school_year_and_who_belongs_in_the_register_R54(
    indicator: Running,
) -> None:
    analyst = await made(indicator)
    entry = (await opened(analyst, opened_on="2025-09-02")).json()
    for part in (1, 2, 4):
        review = {"period": f"AY2025-26-HT{part}", "held_on": "2026-03-20", "outcome": "unchanged"}
        assert (await analyst.post(f"/v1/concerns/{entry['id']}/reviews", json=review)).status_code == 201
    other = "/v1/providers/another_hill"
    await analyst.put(other, json=SCHOOL | {"reference": "999002", "name": "Another Hill"})
    await analyst.post(f"{other}/judgements", json=GRADE)
    asked = {"provider_register": "schools_causing_concern", "year": "AY2025-26"}
    found = (await analyst.get("/v1/concerns/overview", params=asked)).json()
    assert [one["held"] for one in found["periods"]] == [1, 1, 0, 1, 0, 0]
    assert sum(one["missing"] for one in found["periods"]) == 3
    assert (found["open"], found["not_reported_to_members"], found["called_for"]) == (1, 1, ["another_hill"])
    asked["year"] = "FY2025-26"
    assert (await analyst.get("/v1/concerns/overview", params=asked)).status_code == 422


async def test_a_provider_stands_once_in_a_register_and_may_come_back_after_it_was_closed(indicator: Running) -> None:
    analyst = await made(indicator)
    answer = await opened(analyst)
    again = await analyst.post(f"{AT}/concerns", json=CONCERN)
    assert (again.status_code, again.json()["type"].rsplit("/", 1)[-1]) == (409, "already-in-register")
    place, etag = f"/v1/concerns/{answer.json()['id']}", answer.headers["etag"]
    closure = {"closed_on": "2026-11-20", "because": "Safeguarding met at the monitoring visit."}
    closed = await analyst.post(f"{place}/closure", json=closure, headers={"If-Match": etag})
    assert (closed.status_code, closed.json()["allowed_actions"]) == (201, [])
    late = await analyst.post(
        f"{place}/reviews", json={"period": "AY2026-27-HT1", "held_on": "2026-10-20", "outcome": "better"}
    )
    assert late.status_code == 409
    await opened(analyst, opened_on="2026-11-21")


async def test_sent_again_nothing_changes_and_a_correction_is_kept_beside_what_it_corrects(indicator: Running) -> None:
    analyst = await made(indicator)
    assert (await analyst.post(f"{AT}/judgements", json=GRADE)).status_code == 201
    assert (await analyst.post(f"{AT}/judgements", json=GRADE)).status_code == 200
    corrected = await analyst.post(f"{AT}/judgements", json=GRADE | {"grade": "met"})
    assert [one["grade"] for one in corrected.json()["judgements"]] == ["met"]
    figure = {"indicator": "absence", "period": "AY2024-25", "value": 7.4}
    assert (await analyst.post(f"{AT}/figures", json=figure)).status_code == 201
    assert (await analyst.post(f"{AT}/figures", json=figure)).status_code == 200
    answer = await analyst.post(f"{AT}/figures", json=figure | {"value": 7.6})
    assert [one["value"] for one in answer.json()["figures"]] == [7.6]


async def test_a_changed_provider_needs_the_version_that_was_read(indicator: Running) -> None:
    analyst = await made(indicator)
    renamed = SCHOOL | {"name": "Example Hill Academy"}
    assert (await analyst.put(AT, json=renamed)).status_code == 428
    etag = (await analyst.get(AT)).headers["etag"]
    answer = await analyst.put(AT, json=renamed, headers={"If-Match": etag})
    assert (answer.status_code, answer.json()["name"]) == (200, "Example Hill Academy")
    assert (await analyst.put(AT, json=SCHOOL, headers={"If-Match": etag})).status_code == 412
    same = await analyst.put(AT, json=renamed, headers={"If-Match": answer.headers["etag"]})
    assert (same.status_code, same.headers["etag"]) == (200, answer.headers["etag"])
    taken = await analyst.put("/v1/providers/another_hill", json=SCHOOL)
    assert (taken.status_code, taken.json()["type"].rsplit("/", 1)[-1]) == (409, "provider-reference-taken")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("concerns", CONCERN | {"provider_register": "nowhere"}, ("/provider_register", "unknown_code")),
        ("concerns", CONCERN | {"provider_register": "early_years_providers_of_concern"},
         ("/provider_register", "provider_kind")),
        ("concerns", CONCERN | {"category": "weather"}, ("/category", "unknown_code")),
        ("concerns", CONCERN | {"opened_on": "2026-12-24"}, ("/opened_on", "in_future")),
        ("concerns", CONCERN | {"reported_to_members_on": "2026-08-01"}, ("/reported_to_members_on", "day")),
        ("judgements", GRADE | {"judged_on": "1950-01-01"}, ("/judged_on", "too_early")),
        ("figures", {"indicator": "absence", "period": "2026-04", "value": 1}, ("/period", "period_kind")),
        ("figures", {"indicator": "absence", "period": "AY2024-25"}, ("/value", "value_or_status")),
        ("figures", {"indicator": "nothing", "period": "AY2024-25", "value": 1}, ("/indicator", "unknown_code")),
        ("notes", {"kind": "visit", "noted_on": "2026-12-24", "words": "Later."}, ("/noted_on", "in_future")),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_with_a_pointer(
    indicator: Running, path: str, body: dict[str, Any], expected: tuple[str, str]
) -> None:
    analyst = await made(indicator)
    assert pointer(await analyst.post(f"{AT}/{path}", json=body)) == (422, *expected)


async def test_a_note_that_could_name_somebody_is_refused_where_the_council_says_so(start: Any) -> None:
    indicator = await start("indicator", free_text_identifiers="refuse")
    analyst = await made(indicator)
    note = {"kind": "visit", "noted_on": "2026-10-13", "words": "Write to head@example.org about it."}
    assert pointer(await analyst.post(f"{AT}/notes", json=note)) == (422, "/words", "identifier_email")


async def test_a_provider_of_another_unit_is_not_there(indicator: Running) -> None:
    await made(indicator)
    entry = (await opened(await indicator.client("analyst"))).json()
    inside = await indicator.client("team_manager", "children_who_are_disabled")
    outside = await indicator.client("team_manager", "fs_weymouth")
    assert (await inside.get(AT)).status_code == 200
    for path in (AT, f"{AT}/notes", f"/v1/concerns/{entry['id']}"):
        assert (await outside.get(path)).status_code == 404
    assert (await outside.get("/v1/providers")).json()["items"] == []
    assert (await outside.get("/v1/concerns")).json()["items"] == []
    assert (await outside.post(f"{AT}/concerns", json=CONCERN)).status_code == 404


async def test_a_small_number_of_one_school_is_hidden_from_those_without_the_scope(indicator: Running) -> None:
    analyst = await made(indicator)
    figure = {"indicator": "referrals_monthly", "period": "2026-10", "value": 3}
    assert (await analyst.post(f"{AT}/figures", json=figure)).json()["figures"][0]["value"] == 3
    practitioner = await indicator.client("practitioner")
    (seen,) = (await practitioner.get(AT)).json()["figures"]
    assert (seen["value"], seen["value_status"], seen["recorded_at"]) == (None, "c", None)
    # Whether a figure was there already would tell whoever may only send figures that a guess was right.
    sender = await indicator.client("ingest_client")
    for guess in (3, 4, 4):
        answer = await sender.post(f"{AT}/figures", json=figure | {"value": guess})
        assert (answer.status_code, answer.json()["figures"][0]["value"]) == (201, None)


async def test_lists_filter_by_kind_register_and_risk_and_page_by_code(indicator: Running) -> None:
    analyst = await made(indicator)
    for number in (2, 3):
        other = SCHOOL | {"reference": f"99900{number}", "kind": "early_years_setting"}
        assert (await analyst.put(f"/v1/providers/setting_{number}", json=other)).status_code == 201
    await opened(analyst)

    async def codes(**query: Any) -> list[str]:
        return [one["code"] for one in (await analyst.get("/v1/providers", params=query)).json()["items"]]

    assert await codes() == ["example_hill", "setting_2", "setting_3"]
    assert await codes(kind="early_years_setting") == ["setting_2", "setting_3"]
    assert await codes(provider_register="schools_causing_concern") == ["example_hill"]
    assert await codes(at_risk=False) == ["setting_2", "setting_3"]
    first = (await analyst.get("/v1/providers", params={"limit": 2})).json()
    assert await codes(after=first["next"]) == ["setting_3"]
