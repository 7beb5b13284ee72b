"""Words that read like harm raise a flag from whichever field of whichever body of the feedback service they come."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.documents import document_of
from tests.embedded.test_request_examples import BEFORE, OPEN_COMPLAINT, Caller, Operation, Step, operations

HARM = "he hits me at home"
FLAGS = "/feedback/v1/safeguarding-flags?status=all&limit=200"
NOBODY = {
    "took_place": False, "method": None, "asked": None, "who": [], "why_nobody": "x", "what_follows": "x",
}  # fmt: skip
# What a field needs beside it that the example of its operation does not have; None takes a field out.
BESIDE: dict[tuple[str, str], dict[str, Any]] = {
    ("record_complaint", "/refusal_reason"): {"eligible": False},
    ("record_complaint", "/stages/0/accepted_because"): {"stages": [{"stage": "stage_1", "started_on": "2026-10-05"}]},
    ("record_complaint", "/stages/0/extensions/0/reason"): {
        "stages": [
            {
                "stage": "stage_1",
                "started_on": "2026-10-05",
                "extensions": [{"working_days": 5, "reason": "x", "granted_on": "2026-10-06"}],
            }
        ]
    },
    ("record_complaint", "/set_aside/0/reason"): {"set_aside": [{"from": "2026-10-06", "reason": "x"}]},
    ("edit_complaint", "/refusal_reason"): {"eligible": False},
    ("record_advocacy_offer", "/reason"): {"answer": "not_applicable", "provider": None},
    ("appoint_person", "/reason"): {"replaces": "{person_id}", "person": "ip-015"},
    ("change_remedy", "/withdrawn_because"): {"done_on": None, "evidence": None},
    ("submit_view", "/what_works"): {"token": "{token}"},
    ("submit_view", "/what_should_change"): {"token": "{token}"},
    **{
        (name, f"/{field}"): NOBODY
        for name in ("record_participation", "edit_participation")
        for field in ("why_nobody", "what_follows")
    },
    # Without a change nothing is changed, whatever the reason.
    ("edit_participation", "/reason"): {"asked": "What else?"},
    ("edit_change", "/reason"): {"did": "The gate is open."},
}
# What must be there before an operation, where that is more than before its example.
FIRST = {
    "edit_complaint": [Step("record_complaint", OPEN_COMPLAINT)],
    "separate_complaint": [*BEFORE["merge_complaint"], Step("merge_complaint")],
    "separate_compliment": [*BEFORE["merge_compliment"], Step("merge_compliment")],
    "submit_view": [Step("issue_tokens")],
}
_STAFF = "of the council's own making, about no person"
# Fields in which nobody is flagged, and why.
WITHOUT = {
    ("add_bank_holiday", "/name"): _STAFF,
    ("produce_complaints_report", "/period"): "a code",
    ("produce_complaints_report", "/reason"): "why a report is produced anew",
    ("show_survey_form", "*"): "codes and a token",
    ("submit_survey_response", "*"): "codes and a token; answers in words are tested below",
    ("submit_view", "/token"): "a token",
    ("suggest_themes", "/text"): "nothing is kept of it: the words come again with the record they belong to",
    ("resolve_difference", "/reason"): "why two lists differ; of the complaint itself nothing is written",
    ("decide_safeguarding_flag", "/note"): "the duty role itself writes it",
    ("reopen_safeguarding_flag", "/reason"): "the duty role itself writes it",
    ("plan_survey_wave", "*"): _STAFF,
    ("edit_survey_wave", "/title"): _STAFF,
    ("record_survey_response", "/pair_code"): "hashed and not kept",
    ("import_survey_responses", "/items/0/pair_code"): "hashed and not kept",
    ("place_hold", "/reason"): "why records are kept, in the words of the data protection officer",
    ("lift_hold", "/because"): "why records are kept no longer, in the words of the data protection officer",
    ("merge_submission", "/reason"): "another submission is needed; tested with the quarantine",
    ("decide_on_response", "/words"): "another person is needed; tested with the challenges",
    ("revoke_tokens", "/reason"): "why a batch of tokens is worth nothing",
    ("import_reviews", ""): "a file of codes",
}


def texts(schema: dict[str, Any], schemas: dict[str, Any], at: str = "") -> Iterator[str]:
    """The pointer of every string of a body in which one may write as one likes."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from texts(one, schemas, at)
    if schema.get("type") == "string" and not {"pattern", "format", "enum", "const"} & set(schema):
        yield at
    for name, one in schema.get("properties", {}).items():
        # Names to look for are stored nowhere.
        if name != "names_on_record":
            yield from texts(one, schemas, f"{at}/{name}")
    if "items" in schema:
        yield from texts(schema["items"], schemas, f"{at}/0")


def put(body: dict[str, Any], pointer: str, text: str) -> dict[str, Any]:
    """The body with the text in that field."""
    copy: Any = json.loads(json.dumps(body))
    *way, last = pointer.split("/")[1:]
    at = copy
    for part in way:
        at = at[int(part)] if isinstance(at, list) else at[part]
    at[last] = text
    return dict(copy)


class Fresh(Caller):
    """Sends examples under references of their own, so that each stands for the first time."""

    run = 0

    async def send(self, name: str, body: tuple[str, Any] | None, chosen: dict[str, str]) -> httpx.Response:
        if body is not None and not isinstance(body[1], str):
            # A reference that was kept from an answer has its number already.
            own = re.sub(
                r'"((?:CSC|CPL|V|LRN|ACT|LGSCO)[ -]\d+[ -][\d -]*\d)"', rf'"\1X{self.run}"', json.dumps(body[1])
            )
            body = body[0], json.loads(own)
        return await super().send(name, body, chosen)


@pytest.fixture
async def client(made_run: Any) -> httpx.AsyncClient:
    found: httpx.AsyncClient = await made_run("admin")
    return found


async def tellings(duty: httpx.AsyncClient) -> int:
    """How often the duty role has been told of anything."""
    total, path = 0, FLAGS
    while path:
        page = (await duty.get(path)).json()
        total += sum(one["version"] for one in page["items"])
        path = f"{FLAGS}&after={page['next']}" if page["next"] else ""
    return total


async def test_harm_in_any_field_of_any_body_is_told_to_the_duty_role(
    client: httpx.AsyncClient, made_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, steps in FIRST.items():
        monkeypatch.setitem(BEFORE, name, steps)
    duty = await made_run("duty_officer")
    document = document_of("feedback")
    schemas = document["components"]["schemas"]
    known = {one.name: one for one in operations(document, "/feedback")}
    caller, silent, tried = Fresh(client, known), [], set()
    # What is sent without a login last: others take the oldest that waits, which is not to be flagged yet.
    for one in sorted(known.values(), key=lambda one: one.name == "submit_view"):
        for pointer in sorted(fields(document, one, schemas)):
            if {(one.name, pointer), (one.name, "*")} & WITHOUT.keys():
                tried |= {(one.name, pointer), (one.name, "*")} & WITHOUT.keys()
                continue
            caller.run += 1
            if (one.name, pointer) == ("appoint_person", "/reason"):
                monkeypatch.setitem(BEFORE, one.name, [*BEFORE[one.name], Step(one.name)])
            await caller.prepare(one.name)
            before = await tellings(duty)
            example = body_of(one, known)
            beside = {
                name: caller.kept.get(str(value).strip("{}"), value)
                for name, value in BESIDE.get((one.name, pointer), {}).items()
            }
            said = put(example | beside, pointer, f"{HARM}, she said {caller.run} times")
            answer = await caller.send(one.name, ("application/json", said), {})
            if not answer.is_success or await tellings(duty) == before:
                silent.append(f"{one.name} {pointer}: {answer.status_code} {answer.text[:300]}")
            tried.add((one.name, pointer))
    assert silent == [], "\n".join(silent)
    assert tried >= WITHOUT.keys() | BESIDE.keys()


def body_of(one: Operation, known: dict[str, Operation]) -> dict[str, Any]:
    """The first example of an operation; of an import, that of a single record."""
    return one.bodies[0][1] if one.bodies else {"items": [known["record_view"].bodies[0][1]]}  # type: ignore[no-any-return]


def fields(document: dict[str, Any], one: Operation, schemas: dict[str, Any]) -> set[str]:
    found = document["paths"][one.path.removeprefix("/feedback")][one.method.lower()].get("requestBody", {})
    return {at for content in found.get("content", {}).values() for at in texts(content["schema"], schemas)}
