"""Words put forward while what they were said in is erased leave with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.feedback_api.sharing import service
from tests.conftest import Running
from tests.feedback_api.privacy.test_privacy import CANARY, erasure, everything
from tests.meanwhile import Pause, end_or_wait

Act = Callable[..., Awaitable[Any]]


@pytest.mark.parametrize("stored", [True, False])
async def test_words_put_forward_while_their_view_is_erased_do_not_stay(
    feedback: Running, propose: Act, record: Act, monkeypatch: pytest.MonkeyPatch, stored: bool
) -> None:
    view, officer = await record(CANARY), await feedback.client("data_protection_officer")
    # Held before its words are stored, or when the record was read and is not yet held.
    name = "put_forward" if stored else "_hold"
    storing = Pause(getattr(service, name))
    monkeypatch.setattr(service, name, storing)
    proposing = asyncio.create_task(propose(view))
    await storing.reached.wait()
    subject = {"by": "record", "kind": "view", "reference": view}
    erasing = asyncio.create_task(officer.post("/v1/privacy/erasures", json=erasure(subject)))
    await end_or_wait(feedback, erasing)
    storing.go_on()
    assert (await proposing).status_code == (201 if stored else 404)
    done = (await erasing).json()
    assert done["records"] == ({"quotation": 1, "view": 1} if stored else {"view": 1})
    assert CANARY not in await everything(feedback)
