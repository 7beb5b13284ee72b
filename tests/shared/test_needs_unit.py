"""A role that needs a unit grants nothing to a token without one, which would else be the whole council's."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from shared.auth.local_issuer import LocalIssuer
from shared.auth.roles import list_roles
from tests.conftest import Running, Start

ROLES = Path(__file__).resolve().parents[2] / "framework" / "dorset" / "roles.yaml"
NEEDING = {role.code for role in list_roles(ROLES) if role.needs_unit}


@pytest.fixture
async def feedback(start: Start) -> Running:
    return await start("feedback", roles_file=ROLES)


async def holder(feedback: Running, issuer: LocalIssuer, *roles: str, unit: str | None = None) -> httpx.AsyncClient:
    client = await feedback.client(None)
    client.headers["Authorization"] = f"Bearer {issuer.token('somebody', roles, unit)}"
    return client


def test_those_who_always_belong_somewhere_need_a_unit() -> None:
    assert {"practitioner", "team_manager", "agency_contributor"} == NEEDING


async def test_a_token_without_the_unit_its_role_needs_gets_nothing_and_says_what_is_missing(
    feedback: Running, issuer: LocalIssuer
) -> None:
    client = await holder(feedback, issuer, "team_manager")
    for path in ("/v1/summary?period=FY2026-27-Q2", "/v1/views", "/v1/organisation/units"):
        refused = await client.get(path)
        assert refused.status_code == 403
        assert (refused.json()["type"], refused.json()["missing_claim"]) == ("/problems/unit-missing", "qapf_unit")
        assert "`qapf_unit`" in refused.json()["detail"] and "team_manager" in refused.json()["detail"]
    assert (await client.post("/v1/views", json={})).status_code == 403
    me = (await client.get("/v1/me")).json()
    assert (me["roles"], me["scopes"], me["roles_without_unit"]) == ([], [], ["team_manager"])


async def test_with_its_unit_the_role_is_what_it_is(feedback: Running, issuer: LocalIssuer) -> None:
    client = await holder(feedback, issuer, "team_manager", unit="fs_weymouth")
    assert (await client.get("/v1/views")).status_code == 200
    lacking = await client.get("/v1/complaints")
    assert (lacking.status_code, lacking.json()["needed_scope"]) == (403, "feedback:complaints")
    assert (await client.get("/v1/me")).json()["roles_without_unit"] == []


async def test_another_role_of_the_same_token_is_not_held_back_and_lends_nothing(
    feedback: Running, issuer: LocalIssuer
) -> None:
    client = await holder(feedback, issuer, "team_manager", "board_reader", "duty_officer")
    assert (await client.get("/v1/safeguarding-flags")).status_code == 200
    assert (await client.get("/v1/views")).json()["type"] == "/problems/unit-missing"
    me = (await client.get("/v1/me")).json()
    assert (me["roles"], me["roles_without_unit"]) == (["board_reader", "duty_officer"], ["team_manager"])
