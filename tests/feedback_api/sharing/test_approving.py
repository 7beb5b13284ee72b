"""Nobody's words reach a board before another person has approved them, redacted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.quoting import quotations

Make = Callable[..., dict[str, Any]]
Act = Callable[..., Awaitable[Any]]
SAID = "My worker Tom tells me what happens next."


def slug(answer: Any) -> str:
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


async def test_words_are_put_forward_redacted_approved_by_another_and_then_read(
    propose: Act, act: Act, crowd: Act, record: Act, read: Act
) -> None:
    await crowd(5)
    made = (await propose(await record(SAID))).json()
    assert (made["status"], made["text"], made["allowed_actions"]) == ("proposed", SAID, ["redact"])
    assert await read() == []
    redacted = (await act(made["id"], "redact", "admin", text="My worker tells me what happens next.")).json()
    assert [(one["change"], one["text"]) for one in redacted["pieces"]][1] == ("left_out", "Tom ")
    own = await act(made["id"], "approvals", "admin", audience="boards")
    assert (own.status_code, slug(own)) == (409, "same-hand")
    done = (await act(made["id"], "approvals", audience="boards")).json()
    assert (done["status"], done["approved_by"], done["expires_on"]) == ("approved", "test-qa_manager", "2028-11-01")
    assert [event["kind"] for event in done["events"]] == ["proposed", "redacted", "approved"]
    assert await read() == [
        {
            "text": "My worker tells me what happens next.", "said_in": "view", "family": "children_and_families",
            "respondent_group": "young_person", "themes": ["communication"], "quarter": "FY2026-27-Q3",
            "unit": "fs_weymouth",
        }
    ]  # fmt: skip
    again = await act(made["id"], "redact", "admin", text="My worker.")
    assert slug(again) == "quotation-settled"


async def test_without_the_two_person_rule_one_person_may_do_both(
    feedback: Any, propose: Act, act: Act, record: Act
) -> None:
    async with feedback.database.transaction() as session:
        changed = "content = content || jsonb_build_object('two_persons', false)"
        await session.execute(sa.text(f"UPDATE framework_item SET {changed} WHERE kind = 'sharing_rules'"))
    made = (await propose(await record("Kind."))).json()
    await act(made["id"], "redact", "admin", text="[They were] kind.")
    assert (await act(made["id"], "approvals", "admin", audience="team")).status_code == 200


async def test_what_was_said_for_inside_use_only_is_never_put_forward(propose: Act, record: Act) -> None:
    answer = await propose(await record(SAID, consent="internal_only"))
    assert (answer.status_code, slug(answer)) == (409, "consent-forbids")


async def test_a_compliment_needs_its_consent_said_and_a_complaint_only_gives_what_was_learned(
    feedback: Any, a_compliment: Make, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    await client.post("/v1/compliments", json=a_compliment(words="Kind."))
    await client.post("/v1/complaints", json=a_complaint(learning="Ring.", eligible=False, refusal_reason="Late."))
    compliment = {"subject_kind": "compliment", "subject_ref": "CPL-2026-0051", "field": "words"}
    answer = await client.post("/v1/quotations", json=compliment)
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/consent"]
    assert (await client.post("/v1/quotations", json=compliment | {"consent": "anonymous"})).status_code == 201
    complaint = {"subject_kind": "complaint", "subject_ref": "CSC-2026-0118"}
    for field, status in [("learning", 201), ("refusal_reason", 422), ("improvement", 422)]:
        assert (await client.post("/v1/quotations", json=complaint | {"field": field})).status_code == status


@pytest.mark.parametrize(
    ("said", "text", "code"),
    [
        ("Ring me on 07700 900123.", None, "phone"),
        ("Kind.", "Very kind.", "not_their_words"),
        ("Quince was kind.", None, "name"),
    ],
)
async def test_identifiers_names_and_other_words_hold_the_approval_up(
    propose: Act, act: Act, record: Act, said: str, text: str | None, code: str
) -> None:
    made = (await propose(await record(said), text=text, names_on_record=["Zebediah Quince"])).json()
    assert made["blocked"] == [code]
    answer = await act(made["id"], "approvals", audience="boards")
    assert (answer.status_code, slug(answer)) == (409, "words-blocked")
    assert [one["code"] for one in answer.json()["errors"]] == [code]
    assert "Quince" not in answer.text and "07700" not in answer.text
    await act(made["id"], "redact", "admin", text="[left out]", names_on_record=["Zebediah Quince"])
    assert (await act(made["id"], "approvals", audience="boards")).status_code == 200


async def test_a_name_that_was_found_stands_until_the_names_are_given_again(
    propose: Act, act: Act, record: Act
) -> None:
    made = (await propose(await record("Quince was kind."), names_on_record=["Quince"])).json()
    again = (await act(made["id"], "redact", "admin", text="Quince was kind.")).json()
    assert again["blocked"] == ["name"]
    clear = (await act(made["id"], "redact", "admin", text="[My worker] was kind.", names_on_record=["Quince"])).json()
    assert clear["blocked"] == []
    answer = await act(made["id"], "approvals", audience="boards", names_on_record=["Ann Worker"])
    assert slug(answer) == "words-blocked"


async def test_words_that_read_like_harm_wait_for_the_duty_role_and_leave_again_when_more_is_said(
    feedback: Any, propose: Act, act: Act, crowd: Act, record: Act, read: Act
) -> None:
    await crowd(5)
    view = await record("He hits me but my worker is kind.")
    made = (await propose(view, text="my worker is kind.")).json()
    assert made["blocked"] == ["safeguarding"]
    assert slug(await act(made["id"], "approvals", audience="boards")) == "words-blocked"
    duty = await feedback.client("duty_officer")

    async def decide() -> None:
        (flag,) = (await duty.get("/v1/safeguarding-flags")).json()["items"]
        body = {"outcome": "already_known", "note": "The social worker knows."}
        headers = {"If-Match": f'"{flag["version"]}"'}
        answer = await duty.post(f"/v1/safeguarding-flags/{flag['id']}/outcomes", json=body, headers=headers)
        assert answer.status_code == 200

    await decide()
    assert (await act(made["id"], "approvals", audience="boards")).status_code == 200
    assert len(await read()) == 1
    admin = await feedback.client("admin")
    more = {"what_should_change": "I want to die"}
    await admin.patch(f"/v1/views/{view}", json=more, headers={"If-Match": '"1"'})
    assert await read() == []
    await decide()
    assert len(await read()) == 1


async def test_consent_taken_back_and_words_corrected_take_the_quotation_back(
    feedback: Any, propose: Act, act: Act, crowd: Act, record: Act, read: Act
) -> None:
    await crowd(5)
    admin = await feedback.client("admin")
    for change in ({"consent": "internal_only"}, {"what_works": "I never said that."}):
        view = await record(SAID)
        made = (await propose(view)).json()
        await act(made["id"], "approvals", audience="public")
        assert len(await read()) == 1
        await admin.patch(f"/v1/views/{view}", json=change, headers={"If-Match": '"1"'})
        assert await read() == []
        held = (await admin.get(f"/v1/quotations/{made['id']}")).json()
        assert (held["status"], held["events"][-1]["kind"]) == ("withdrawn", "withdrawn")
        assert slug(await act(made["id"], "withdrawals", reason="Again.")) == "quotation-not-live"


async def test_a_quotation_follows_its_view_to_another_unit(
    feedback: Any, propose: Act, act: Act, crowd: Act, record: Act, read: Act
) -> None:
    await crowd(5, unit="cwd_east")
    view = await record(SAID)
    made = (await propose(view)).json()
    await act(made["id"], "approvals", audience="boards")
    admin = await feedback.client("admin")
    await admin.patch(f"/v1/views/{view}", json={"unit": "cwd_east", "themes": []}, headers={"If-Match": '"1"'})
    assert [(one["unit"], one["themes"]) for one in await read()] == [("cwd_east", [])]


async def test_words_are_refused_and_taken_back_with_a_reason_and_expire(
    feedback: Any, propose: Act, act: Act, crowd: Act, record: Act, read: Act
) -> None:
    await crowd(5)
    no = (await propose(await record("First."))).json()["id"]
    assert (await act(no, "refusals", reason="Too plain whose it is.")).json()["status"] == "refused"
    back = (await propose(await record("Second."))).json()["id"]
    await act(back, "approvals", audience="boards")
    short = (await propose(await record("Third."))).json()["id"]
    assert (await act(short, "approvals", audience="boards", expires_on="2026-11-01")).status_code == 422
    await act(short, "approvals", audience="boards", expires_on="2026-11-24")
    assert {one["text"] for one in await read()} == {"Second.", "Third."}
    await act(back, "withdrawals", reason="The family moved.")
    assert {one["text"] for one in await read()} == {"Third."}
    feedback.clock.advance(timedelta(days=2))
    assert await read() == []


async def test_an_audience_reads_what_was_approved_for_it_or_for_a_wider_one(
    propose: Act, act: Act, crowd: Act, record: Act, read: Act
) -> None:
    await crowd(5)
    for audience in ("team", "service", "boards", "public"):
        made = (await propose(await record(audience))).json()
        await act(made["id"], "approvals", audience=audience)
    seen = {who: {one["text"] for one in await read(audience=who)} for who in ("team", "service", "boards", "public")}
    assert seen == {
        "team": {"team", "service", "boards", "public"}, "service": {"service", "boards", "public"},
        "boards": {"boards", "public"}, "public": {"public"},
    }  # fmt: skip


async def test_the_learning_of_a_complaint_reaches_the_summary_only_once_another_has_approved_it(
    feedback: Any, a_complaint: Make, act: Act
) -> None:
    manager = await feedback.client("complaints_manager")
    ended = {"stage": "stage_1", "started_on": "2026-11-12", "ended_on": "2026-11-20", "outcome": "upheld"}
    learned = {"learning": "L.", "improvement": "I.", "shared_learning": "Ring first."}

    async def changed(query: str = "") -> Any:
        return (await manager.get(f"/v1/summary?period=2026-11{query}")).json()["changed"]

    await manager.post("/v1/complaints", json=a_complaint(stages=[ended], **learned))
    assert await changed() == []
    (waiting,) = (await manager.get("/v1/quotations?status=proposed")).json()["items"]
    assert slug(await act(waiting["id"], "approvals", "complaints_manager", audience="boards")) == "same-hand"
    approved = (await act(waiting["id"], "approvals", audience="boards")).json()
    assert (approved["original"], approved["pieces"], approved["subject_ref"]) == (None, [], None)
    assert await changed() == ["Ring first."]
    # Of one complaint in a team it would tell whose it is.
    assert await changed("&unit=fs_weymouth") == []
    body = {"shared_learning": "Ring before the letter."}
    await manager.patch("/v1/complaints/CSC-2026-0118", json=body, headers={"If-Match": '"1"'})
    assert await changed() == []
    held = (await manager.get("/v1/quotations")).json()["items"]
    assert [one["status"] for one in held] == ["withdrawn", "proposed"]


async def test_nothing_is_approved_that_the_record_does_not_say_any_more(
    feedback: Any, propose: Act, act: Act, record: Act
) -> None:
    made = (await propose(await record(SAID))).json()
    async with feedback.database.transaction() as session:
        await session.execute(sa.text("UPDATE view SET what_works = 'Other.'"))
    assert slug(await act(made["id"], "approvals", audience="boards")) == "words-gone"


async def test_another_unit_s_quotations_are_not_there_and_those_who_read_no_cases_see_none(
    feedback: Any, propose: Act, record: Act
) -> None:
    made = (await propose(await record(SAID))).json()
    for role, unit, status in [
        ("practitioner", "fs_weymouth", 200), ("practitioner", "cwd_east", 404), ("practitioner", None, 404),
        ("ingest_client", None, 404), ("qa_manager", None, 200), ("analyst", None, 403),
    ]:  # fmt: skip
        client = await feedback.client(role, unit=unit)
        assert (await client.get(f"/v1/quotations/{made['id']}")).status_code == status, (role, unit)
        listed = await client.get("/v1/quotations")
        assert len(listed.json().get("items", [])) == (status == 200), (role, unit)
    elsewhere = {"subject_kind": "view", "subject_ref": made["subject_ref"], "field": "what_works"}
    other = await feedback.client("practitioner", unit="cwd_east")
    assert (await other.post("/v1/quotations", json=elsewhere)).status_code == 404
    council = await feedback.client("practitioner")
    assert (await council.post("/v1/quotations", json=elsewhere)).status_code == 403


async def test_the_database_itself_lets_nothing_be_approved_without_a_person(
    feedback: Any, propose: Act, record: Act
) -> None:
    await propose(await record(SAID))
    with pytest.raises(sa.exc.IntegrityError):
        async with feedback.database.transaction() as session:
            await session.execute(sa.update(quotations).values(status="approved", audience="boards"))


@pytest.mark.parametrize("ref", ["no-id", "00000000-0000-7000-8000-000000000000"])
async def test_a_record_that_is_not_there_has_nothing_to_share(propose: Act, ref: str) -> None:
    assert (await propose(ref)).status_code == 404
