"""What is written about a case while it is erased leaves with it, or is refused: nothing about it stays behind."""

from __future__ import annotations

import asyncio

import pytest

from services.audit_api.actions import service
from shared.privacy import erasing
from tests.audit_api.actions.steps import ACTION, slug
from tests.audit_api.escalations.test_escalations import CONCERN
from tests.audit_api.papers import send, whole
from tests.audit_api.privacy.test_case_erasure import CASE, WORDS, texts
from tests.conftest import Running
from tests.meanwhile import Pause, end_or_wait

_ERASURE = {
    "subject": {"by": "case", "reference": CASE}, "ground": "unlawful", "request_reference": "DPO-2026-015",
}  # fmt: skip


async def test_an_action_raised_while_its_case_is_erased_leaves_with_it(
    audit: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, officer = await audit.client(), await audit.client("data_protection_officer")
    finding = (await send(admin, whole()))["findings"][0]["id"]
    storing = Pause(service.record_activity)
    monkeypatch.setattr(service, "record_activity", storing)
    body = ACTION | {"title": WORDS, "evidence": [{"kind": "finding", "ref": finding}]}
    raising = asyncio.create_task(admin.post("/v1/actions", json=body))
    await storing.reached.wait()
    erasure = asyncio.create_task(officer.post("/v1/privacy/erasures", json=_ERASURE))
    await end_or_wait(audit, erasure)
    storing.go_on()
    assert (await raising).status_code == 201
    assert (await erasure).json()["records"] == {"action": 1, "audit": 1}
    left = await texts(audit)
    assert WORDS not in left and finding not in left


async def test_who_refers_to_what_is_just_being_erased_is_told_that_it_is_gone(
    audit: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, officer = await audit.client(), await audit.client("data_protection_officer")
    made = await send(admin, whole())
    ending = Pause(erasing._forget_holds)
    monkeypatch.setattr(erasing, "_forget_holds", ending)
    erasure = asyncio.create_task(officer.post("/v1/privacy/erasures", json=_ERASURE))
    await ending.reached.wait()
    action = ACTION | {"evidence": [{"kind": "finding", "ref": made["findings"][0]["id"]}]}
    raising = asyncio.create_task(admin.post("/v1/actions", json=action))
    concern = CONCERN | {"about": {"kind": "audit", "reference": made["id"]}, "title": WORDS}
    concerning = asyncio.create_task(admin.post("/v1/escalations", json=concern))
    await end_or_wait(audit, raising, concerning)
    ending.go_on()
    assert (await erasure).status_code in (200, 201)
    refused = await raising
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unknown_finding")
    refused = await concerning
    assert (refused.status_code, slug(refused)) == (409, "conflicting-change"), refused.text
    assert WORDS not in await texts(audit)
