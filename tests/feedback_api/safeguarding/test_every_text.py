"""Every free text of the service is looked through for harm, and for who could be recognised by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.models import metadata

Make = Callable[..., dict[str, Any]]
HARM = "he hits me"
NAMES = ["Zebediah Quince-Marrow"]
NAMED = "Quince's worker was kind."


async def duty_flags(feedback: Any) -> list[dict[str, Any]]:
    duty = await feedback.client("duty_officer")
    rows = (await duty.get("/v1/safeguarding-flags?status=all")).json()["items"]
    return [(await duty.get(f"/v1/safeguarding-flags/{row['id']}")).json() for row in rows]


def complaint_with(text: str, a_complaint: Make) -> dict[str, dict[str, Any]]:
    """A complaint for each free text it can come with, which holds the text, by its field."""
    stage = {"stage": "stage_1", "started_on": "2026-11-12"}
    extension = {"working_days": 5, "reason": text, "granted_on": "2026-11-13"}
    fields: dict[str, dict[str, Any]] = {
        "refusal_reason": {"eligible": False, "refusal_reason": text},
        "learning": {"learning": text},
        "improvement": {"improvement": text},
        "shared_learning": {"shared_learning": text},
        "stages/0/accepted_because": {"stages": [stage | {"accepted_because": text}]},
        "extensions/0/reason": {"stages": [stage | {"extensions": [extension]}]},
        "freezes/0/reason": {"set_aside": [{"from": "2026-11-13", "reason": text}]},
    }
    return {name: a_complaint(respond_ref=f"CSC-{at}", **more) for at, (name, more) in enumerate(fields.items())}


async def test_each_free_text_of_a_complaint_raises_a_flag_with_its_words(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("ingest_client")
    sent = complaint_with(HARM, a_complaint)
    for body in sent.values():
        assert (await client.post("/v1/complaints", json=body)).status_code == 201
    found = {flag["subject_ref"]: flag for flag in await duty_flags(feedback)}
    told = {body["respond_ref"]: field for field, body in sent.items()}
    assert {ref: [one["field"] for one in flag["words"]] for ref, flag in found.items()} == {
        ref: [field] for ref, field in told.items()
    }
    assert {flag["source"] for flag in found.values()} == {"respond"}


async def test_what_a_complaint_is_later_told_raises_it_and_what_it_said_before_does_not_again(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("complaints_manager")
    await client.post("/v1/complaints", json=a_complaint())
    path, version = "/v1/complaints/CSC-2026-0118", iter(range(1, 20))

    async def send(method: str, where: str, body: dict[str, Any]) -> None:
        answer = await client.request(method, where, json=body, headers={"If-Match": f'"{next(version)}"'})
        assert answer.status_code == 200, answer.text

    await send("PATCH", path, {"learning": HARM})
    (flag,) = await duty_flags(feedback)
    await send("PATCH", path, {"improvement": "Workers ring back.", "unit": "cwd_east"})
    (same,) = await duty_flags(feedback)
    assert (same["told_at"], same["unit"]) == (flag["told_at"], "cwd_east")
    assert [event["kind"] for event in same["events"]] == ["raised"]
    await send("POST", f"{path}/extensions", {"working_days": 5, "reason": "I want to die", "granted_on": "2026-11-13"})
    await send("POST", f"{path}/freezes", {"from": "2026-11-14", "reason": "touched me"})
    (after,) = await duty_flags(feedback)
    assert after["reasons"] == ["hurt_by_someone", "self_harm", "sexual_harm"]
    await send("PATCH", path, {"learning": "Calm.", "reason": "he hits me again"})
    assert [event["kind"] for event in (await duty_flags(feedback))[0]["events"]] == ["raised", *["raised_again"] * 3]


async def test_the_words_of_a_compliment_raise_a_flag_when_it_comes_and_when_it_is_corrected(
    feedback: Any, a_compliment: Make
) -> None:
    client = await feedback.client("ingest_client")
    await client.post("/v1/compliments", json=a_compliment(words="Kind."))
    assert await duty_flags(feedback) == []
    await client.post("/v1/compliments", json=a_compliment(words=f"Kind, though {HARM}"))
    (flag,) = await duty_flags(feedback)
    assert (flag["subject_kind"], flag["subject_ref"]) == ("compliment", "CPL-2026-0051")
    assert [one["words"][0]["text"] for one in flag["earlier"]] == ["Kind."]


async def test_the_reason_of_a_correction_is_looked_through_too(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    view = (await client.post("/v1/views", json=a_view())).json()
    body = {"rating": 2, "reason": f"She says {HARM}"}
    await client.patch(f"/v1/views/{view['id']}", json=body, headers={"If-Match": '"1"'})
    (flag,) = await duty_flags(feedback)
    assert flag["earlier"][0]["words"] == [{"field": "reason", "text": f"She says {HARM}"}]


async def test_names_of_the_record_are_warned_of_in_every_text_and_kept_nowhere(
    feedback: Any, a_view: Make, a_complaint: Make, a_compliment: Make
) -> None:
    client = await feedback.client("admin")
    posts = [
        ("/v1/views", a_view(what_works=NAMED), "/what_works"),
        ("/v1/complaints", a_complaint(learning=NAMED), "/learning"),
        ("/v1/compliments", a_compliment(words=NAMED), "/words"),
    ]
    for path, body, pointer in posts:
        answer = await client.post(path, json=body | {"names_on_record": NAMES})
        assert {"pointer": pointer, "code": "name"} in answer.json()["warnings"], path
        assert "Zebediah" not in answer.text
    rows = {"items": [a_view(what_should_change=NAMED, names_on_record=NAMES)]}
    report = (await client.post("/v1/views/imports", json=rows)).json()
    assert report["rows"][0]["warnings"] == [{"pointer": "/what_should_change", "code": "name"}]
    async with feedback.database.snapshot() as session:
        for table in metadata.sorted_tables:
            text = f"SELECT count(*) FROM \"{table.name}\" AS one WHERE one::text ILIKE '%zebediah%'"
            assert (await session.execute(sa.text(text))).scalar_one() == 0, table.name


async def test_the_same_record_with_other_names_is_no_correction(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    for names in ([], NAMES, ["Somebody Else"]):
        await client.post("/v1/views", json=a_view(source_ref="V-1", names_on_record=names))
    assert (await client.get("/v1/views")).json()["items"][0]["version"] == 1


@pytest.mark.parametrize("path", ["views", "complaints", "compliments", "views/imports"])
async def test_names_of_the_record_are_refused_where_the_setting_says_so(
    start: Any, a_view: Make, a_complaint: Make, a_compliment: Make, path: str
) -> None:
    feedback = await start("feedback", free_text_identifiers="refuse")
    client = await feedback.client("admin")
    view = a_view(what_works=NAMED, names_on_record=NAMES)
    body = {
        "views": view,
        "complaints": a_complaint(improvement=NAMED, names_on_record=NAMES),
        "compliments": a_compliment(words=NAMED, names_on_record=NAMES),
        "views/imports": {"items": [view]},
    }[path]
    answer = await client.post(f"/v1/{path}", json=body)
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["errors"]] == ["identifier_name"]
    assert "uince" not in answer.text and "Zebediah" not in answer.text


async def test_identifiers_are_refused_in_every_text_of_a_complaint(start: Any, a_complaint: Make) -> None:
    feedback = await start("feedback", free_text_identifiers="refuse")
    client = await feedback.client("admin")
    for field, body in complaint_with("Ring 07700 900123", a_complaint).items():
        answer = await client.post("/v1/complaints", json=body)
        assert [one["code"] for one in answer.json().get("errors", [])] == ["identifier_phone"], field
