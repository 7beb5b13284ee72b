"""What people write about reports: identifiers are refused where the council says so, and numbers held back."""

from __future__ import annotations

from typing import Any

import pytest

from services.reporting_api.document import HELD_BACK
from tests.conftest import Running
from tests.reporting_api.conftest import Desk
from tests.reporting_api.schedule_calls import materialise, occurrences

CONTACT = "Ring 07700 900123 about it."


@pytest.fixture
async def strict(desk: Desk) -> Desk:
    desk.reporting.app.state.settings = desk.reporting.app.state.settings.model_copy(
        update={"free_text_identifiers": "refuse"}
    )
    return desk


@pytest.mark.parametrize(
    ("step", "body", "pointer"),
    [
        ("edit", {"sections": [{"code": "feedback", "narrative": CONTACT}]}, "/sections/0/narrative"),
        ("edit", {"headlines": ["All is well.", CONTACT]}, "/headlines/1"),
        ("edit", {"key_actions": [{"text": CONTACT, "evidence": ["R44"]}]}, "/key_actions/0/text"),
        ("comments", {"text": CONTACT}, "/text"),
        ("supersessions", {"reason": CONTACT}, "/reason"),
    ],
)
async def test_a_text_that_could_identify_a_person_is_refused_where_the_council_refuses_them(
    strict: Desk, step: str, body: dict[str, Any], pointer: str
) -> None:
    refused = await strict.step((await strict.draft())["id"], step, body)
    assert refused.status_code == 422, refused.text
    assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]
    assert "07700" not in refused.text


async def test_the_reason_of_a_late_report_is_screened_too(strict: Desk) -> None:
    one = await strict.occurrence("csdg_monthly", "2026-09")
    body = {"cause": "other", "reason": CONTACT}
    refused = await (await strict.client("analyst")).post(f"/v1/occurrences/{one['id']}/lateness", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reason")


async def test_a_reason_that_tells_a_number_is_held_back_from_whoever_may_not_see_small_ones(
    reporting: Running,
) -> None:
    client = await reporting.client("analyst")
    await materialise(client)
    late = (await occurrences(client, report="csdg_monthly", status="late"))[0]
    path = f"/v1/occurrences/{late['id']}"
    body = {"cause": "staff_absent", "reason": "Two families had to be seen first."}
    assert (await client.post(f"{path}/lateness", json=body)).status_code == 201
    reader = await reporting.client("board_reader")
    assert (await client.get(path)).json()["lateness"][0]["reason"] == body["reason"]
    assert (await reader.get(path)).json()["lateness"][0]["reason"] == HELD_BACK
    listed = (await occurrences(reader, report="csdg_monthly", status="late"))[0]
    assert listed["lateness"][0]["reason"] == HELD_BACK
