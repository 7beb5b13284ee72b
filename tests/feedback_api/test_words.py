"""An attack: whatever is asked, nobody without the right to single cases is given a word that nobody approved."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.documents import document_of

Make = Callable[..., dict[str, Any]]
CANARY = "Zebracanary"
APPROVED = "Approvedcanary"
HARM = f"{CANARY} he hits me"


@pytest.fixture
async def known(feedback: Any, a_view: Make, a_complaint: Make, a_compliment: Make) -> dict[str, list[str]]:
    """Canaries in every free text there is, and where the records are found that hold them."""
    admin, other = await feedback.client("admin"), await feedback.client("qa_manager")

    async def post(path: str, body: dict[str, Any], client: Any = admin, version: int | None = None) -> Any:
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        answer = await client.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    for day in range(1, 9):
        await post("/v1/views", a_view(given_on=f"2026-10-{day:02}"))
    words = {"what_works": HARM, "what_should_change": HARM}
    view = await post("/v1/views", a_view(source_ref="V-1", **words))
    edit = {"rating": 3, "reason": HARM}
    await admin.patch(f"/v1/views/{view['id']}", json=edit, headers={"If-Match": '"1"'})
    stage = {
        "stage": "stage_1", "started_on": "2026-11-12", "ended_on": "2026-11-20", "outcome": "upheld",
        "accepted_because": HARM, "extensions": [{"working_days": 5, "reason": HARM, "granted_on": "2026-11-13"}],
    }  # fmt: skip
    learned = dict.fromkeys(("learning", "improvement", "shared_learning", "refusal_reason"), HARM)
    aside = [{"from": "2026-11-13", "to": "2026-11-14", "reason": HARM}]
    await post("/v1/complaints", a_complaint(stages=[stage], set_aside=aside, **learned))
    await admin.patch(
        "/v1/complaints/CSC-2026-0118", json={"themes": ["communication"], "reason": HARM}, headers={"If-Match": '"1"'}
    )
    await post("/v1/compliments", a_compliment(unit="fs_weymouth", words=HARM))
    quoted = {"subject_kind": "view", "subject_ref": view["id"], "field": "what_works"}
    waiting = await post("/v1/quotations", quoted)
    refused = await post("/v1/quotations", quoted)
    await post(f"/v1/quotations/{refused['id']}/refusals", {"reason": CANARY}, other, 1)
    flags = (await admin.get("/v1/safeguarding-flags")).json()["items"]
    for flag in flags[:1]:
        body = {"outcome": "no_concern", "note": CANARY}
        await post(f"/v1/safeguarding-flags/{flag['id']}/outcomes", body, version=flag["version"])
    calm = await post("/v1/views", a_view(what_works=f"{APPROVED} is kind, {CANARY} is not."))
    shared = await post("/v1/quotations", quoted | {"subject_ref": calm["id"], "text": f"{APPROVED} is kind"})
    await post(f"/v1/quotations/{shared['id']}/approvals", {"audience": "public"}, other, 1)
    await feedback.seal()
    return {
        "view_id": [view["id"], calm["id"]], "respond_ref": ["CSC-2026-0118", "CPL-2026-0051"],
        "flag_id": [flag["id"] for flag in flags], "quotation_id": [waiting["id"], refused["id"], shared["id"]],
        "period": ["FY2026-27-Q3", "FY2026-27", "2026-10", "2026-11"], "unit": ["fs_weymouth"],
        "kind": ["channels"], "code": ["review_process"], "slug": ["malformed"],
    }  # fmt: skip


def addresses(document: dict[str, Any], known: dict[str, list[str]]) -> Iterator[tuple[str, dict[str, str]]]:
    """Every GET of the document with every value known for each of its parameters, optional ones left out and given."""
    for path, methods in document["paths"].items():
        asked = methods.get("get", {}).get("parameters", []) if "get" in methods else None
        if asked is None:
            continue
        needed = [one["name"] for one in asked if one["in"] == "path" or one.get("required")]
        optional = [one["name"] for one in asked if one["in"] == "query" and one["name"] in known]
        for names in (needed, list(dict.fromkeys([*needed, *optional]))):
            for values in itertools.product(*(known.get(name, ["2026-10-01"]) for name in names)):
                given = dict(zip(names, values, strict=True))
                query = {name: value for name, value in given.items() if f"{{{name}}}" not in path}
                yield path.format(**given), query


async def walk(client: httpx.AsyncClient, document: dict[str, Any], known: dict[str, list[str]]) -> dict[str, str]:
    """Every answer that is given, by its address."""
    found = {}
    for path, query in addresses(document, known):
        answer = await client.get(path, params=query)
        assert answer.status_code < 500, (path, query, answer.text)
        found[f"{path} {query}"] = answer.text + str(answer.headers)
    return found


@pytest.mark.parametrize(
    ("role", "unit"),
    [
        ("board_reader", None), ("practitioner", "cwd_east"), ("practitioner", None), ("team_manager", "cwd_east"),
        ("ingest_client", None), ("duty_officer", "cwd_east"),
    ],
)  # fmt: skip
async def test_no_word_that_nobody_approved_reaches_a_caller_without_the_right_to_the_case(
    feedback: Any, known: dict[str, list[str]], role: str, unit: str | None
) -> None:
    answers = await walk(await feedback.client(role, unit=unit), document_of("feedback"), known)
    assert len(answers) > 40
    assert [where for where, text in answers.items() if CANARY in text] == []


async def test_the_complaints_words_reach_nobody_without_their_scope_and_the_feed_tells_nobody(
    feedback: Any, known: dict[str, list[str]]
) -> None:
    for role in ("analyst", "head_of_service", "qa_manager", "reporting_service"):
        answers = await walk(await feedback.client(role), document_of("feedback"), known)
        found = {where.split(" ")[0].split("/")[2] for where, text in answers.items() if CANARY in text}
        # Those who see true figures read single views and compliments; the duty role the flags it answers for.
        assert found <= {"views", "compliments", "quotations", "safeguarding-flags"}, (role, found)
        assert ("safeguarding-flags" in found) == (role in ("head_of_service", "qa_manager"))


async def test_the_walk_would_find_the_words_and_approved_ones_are_read_by_all_who_read_feedback(
    feedback: Any, known: dict[str, list[str]]
) -> None:
    answers = await walk(await feedback.client("admin"), document_of("feedback"), known)
    found = {where.split(" ")[0].split("/")[2] for where, text in answers.items() if CANARY in text}
    assert found == {"views", "complaints", "compliments", "quotations", "safeguarding-flags"}
    plain = await walk(await feedback.client("practitioner"), document_of("feedback"), known)
    assert any(APPROVED in text for text in plain.values())
