"""A real OpenID provider on a socket: people sign in, a service asks for itself, keys turn, the provider goes away."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from shared.auth.sources import service_token
from shared.clients.neighbour import Neighbour
from shared.clients.side_by_side import Neighbours
from shared.platform_routes import MeOut
from tests.conftest import Running, Start
from tests.embedded.provider import AUDIENCE, BACK, Client, Provider, User, serving_provider

VERIFIER = "a-word-of-at-least-forty-three-characters-that-only-the-front-end-knows"


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    made.users = {
        "manager": User("pairwise-1", ["team_manager"], "fs_weymouth"),
        "admin": User("pairwise-2", ["admin"]),
    }
    made.clients = {
        "front": Client("front"),
        "reporting": Client("reporting", "s3cret", ["reporting_service"]),
        "posting": Client("posting", "s3cret", ["ingest_client"]),
    }
    with serving_provider(made) as made.server:  # type: ignore[attr-defined]
        yield made


@pytest.fixture
async def service(start: Start, provider: Provider) -> Running:
    """A service that knows nothing of its provider but the issuer, as in production."""
    return await start(
        "indicator",
        oidc_issuer=provider.issuer, oidc_audience=AUDIENCE, oidc_jwks_file=None, local_issuer_key_file=None,
        oidc_unit_claim="extn.qapf_unit", oidc_subject_claim="oid",
        oidc_client_id="reporting", oidc_client_secret="s3cret", oidc_token_url=f"{provider.issuer}/token",
    )  # fmt: skip


async def signed_in(provider: Provider, who: str) -> str:
    """Authorisation code with PKCE, as a front end does it."""
    challenge = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code", "client_id": "front", "redirect_uri": BACK, "state": "x", "login_hint": who,
        "scope": f"openid {AUDIENCE}/.default", "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    async with httpx.AsyncClient(base_url=provider.issuer) as browser:
        sent_back = await browser.get("/authorize", params=asked)
        code = parse_qs(urlsplit(sent_back.headers["location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "client_id": "front", "redirect_uri": BACK, "code": code}
        stolen = await browser.post("/token", data=form | {"code_verifier": "x" * 50})
        assert stolen.status_code == 400
        answer = await browser.post("/token", data=form | {"code_verifier": VERIFIER})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def me(service: Running, token: str) -> httpx.Response:
    client = await service.client(None)
    return await client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})


async def test_people_who_sign_in_are_known_by_role_unit_and_object_id(provider: Provider, service: Running) -> None:
    found = (await me(service, await signed_in(provider, "manager"))).json()
    assert (found["subject"], found["roles"], found["unit"]) == ("oid-of-team_manager", ["team_manager"], "fs_weymouth")
    whole = (await me(service, await signed_in(provider, "admin"))).json()
    assert (whole["roles"], whole["unit"]) == (["admin"], None)
    units = await (await service.client(None)).get(
        "/v1/organisation/units", headers={"Authorization": f"Bearer {await signed_in(provider, 'manager')}"}
    )
    assert [one["code"] for one in units.json()["items"]] == ["fs_weymouth"]


async def test_the_service_asks_for_a_token_of_its_own_once_and_a_caller_keeps_his(
    provider: Provider, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = service_token(service.app.state.settings, "reporting_service")
    async with Neighbours(Neighbour("indicator", asgi_app=service.app, token=token)) as neighbours:
        neighbour = neighbours["indicator"]
        mine = (await neighbour.get("/v1/me", None, MeOut)).data
        assert (mine.roles, mine.unit) == (["reporting_service"], None)
        caller = await signed_in(provider, "manager")
        his = (await neighbour.get("/v1/me", None, MeOut, token=caller)).data
        assert (his.roles, his.unit) == (["team_manager"], "fs_weymouth")
    provider.clients["reporting"].secret = "turned"
    assert await token() == await token()
    with pytest.raises(httpx.HTTPStatusError):
        await service_token(service.app.state.settings, "reporting_service")()


async def test_keys_turn_without_a_restart_and_a_withdrawn_one_opens_nothing(
    provider: Provider, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.auth.tokens._ASK_AGAIN_SECONDS", 0.0)
    old = await signed_in(provider, "manager")
    assert (await me(service, old)).status_code == 200
    for kind in ("ES256", "RS256"):
        provider.rotate(kind)
        fresh = await signed_in(provider, "manager")
        assert [(await me(service, one)).status_code for one in (fresh, old)] == [200, 200]
    provider.withdraw()
    monkeypatch.setattr("shared.auth.tokens._FRESH_SECONDS", 0.0)
    await me(service, fresh)
    await service.app.state.verifier._keys._refreshing
    assert [(await me(service, one)).status_code for one in (fresh, old)] == [200, 401]


async def test_while_the_provider_is_away_known_keys_serve_for_hours_and_then_nobody(
    provider: Provider, service: Running
) -> None:
    token, keys = await signed_in(provider, "manager"), service.app.state.verifier._keys
    assert (await me(service, token)).status_code == 200
    await asyncio.to_thread(provider.server.shutdown)  # type: ignore[attr-defined]
    provider.server.server_close()  # type: ignore[attr-defined]
    now = keys._monotonic()
    for hours, status in ((1, 200), (5.9, 200), (6.1, 503)):
        keys._monotonic = lambda hours=hours: now + hours * 3600
        answer = await me(service, token)
        assert answer.status_code == status, (hours, answer.text)
    assert int(answer.headers["retry-after"]) > 0


async def test_another_issuers_discovery_document_is_not_believed(provider: Provider, service: Running) -> None:
    token = await signed_in(provider, "manager")
    provider.issuer = "https://elsewhere.example"
    assert (await me(service, token)).status_code == 503
