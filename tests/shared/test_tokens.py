"""Hostile tokens open nothing, and keys that cannot be read are trusted only for a while."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import jwt
import pytest
from jwt.algorithms import ECAlgorithm
from pydantic import SecretStr

from shared.auth.roles import RoleBook
from shared.auth.sources import keys_from_provider, service_token
from shared.auth.tokens import KeySet, TokenVerifier
from shared.problems import Unauthenticated, Unavailable
from shared.settings import Settings
from tests.shared.hostile_tokens import AUDIENCE, EC_KEY, HOSTILE, ISSUER, OTHER, RSA_KEY, jwks, signed
from tests.shared.little_server import http, listening, says

ROLES = RoleBook({"analyst": frozenset({"indicator:read"}), "admin": frozenset({"framework:apply"})})


def verifier(keys: KeySet | None = None) -> TokenVerifier:
    async def fetch() -> dict[str, Any]:
        return jwks()

    return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys or KeySet(fetch), roles=ROLES)


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_token_is_refused_without_saying_why(name: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await verifier().verify(HOSTILE[name])
    assert refused.value.errors == ()


@pytest.mark.parametrize(("key", "algorithm", "kid"), [(EC_KEY, "ES256", "ec"), (RSA_KEY, "RS256", "rsa")])
async def test_a_good_token_names_the_caller(key: Any, algorithm: str, kid: str) -> None:
    caller = await verifier().verify(signed(key, algorithm, kid, qapf_unit="team_a"))
    assert (caller.subject, caller.unit, caller.scopes) == (
        "someone",
        "team_a",
        frozenset({"indicator:read"}),
    )


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"])
@pytest.mark.parametrize("use", [None, "Bearer"])
async def test_an_access_token_may_say_that_it_is_one(typ: str | None, use: str | None) -> None:
    assert (await verifier().verify(signed(headers={"typ": typ}, typ=use))).subject == "someone"


async def test_a_role_nobody_defined_grants_nothing() -> None:
    caller = await verifier().verify(signed(roles=["superuser"]))
    assert caller.scopes == frozenset()
    assert caller.roles == frozenset()


class Provider:
    def __init__(self) -> None:
        self.now, self.down, self.asked = 0.0, False, 0

    async def fetch(self) -> dict[str, Any]:
        self.asked += 1
        if self.down:
            raise OSError
        return jwks()


async def test_cached_keys_serve_while_the_provider_is_down_but_not_for_ever() -> None:
    provider = Provider()
    check = verifier(KeySet(provider.fetch, lambda: provider.now))
    await check.verify(signed())
    provider.down, provider.now = True, 3600.0
    await check.verify(signed())
    provider.now = 7 * 3600.0
    with pytest.raises(Unavailable):
        await check.verify(signed())


async def test_a_provider_that_never_ends_its_answer_is_given_up_and_shuts_nobody_out_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.auth.tokens._FETCH_SECONDS", 0.05)

    async def dripping() -> dict[str, Any]:
        await asyncio.sleep(60)
        return jwks()

    keys = KeySet(dripping)
    tries = [verifier(keys).verify(signed()) for _ in range(20)]
    async with asyncio.timeout(2):
        answers = await asyncio.gather(*tries, return_exceptions=True)
    assert {type(one) for one in answers} == {Unavailable}


async def test_who_somebody_is_may_be_another_claim_than_sub() -> None:
    check = verifier()
    check._subject_claim = "oid"
    assert (await check.verify(signed(sub="for-this-api-only", oid="an-object-id"))).subject == "an-object-id"
    with pytest.raises(Unauthenticated):
        await check.verify(signed())


async def test_made_up_key_ids_do_not_hammer_the_provider() -> None:
    provider = Provider()
    check = verifier(KeySet(provider.fetch, lambda: provider.now))
    for number in range(50):
        with pytest.raises(Unauthenticated):
            await check.verify(signed(kid=f"made-up-{number}"))
    assert provider.asked == 1


async def test_a_rotated_key_is_found_when_it_is_first_seen() -> None:
    provider = Provider()
    keys = KeySet(provider.fetch, lambda: provider.now)
    keys._keys, keys._fetched_at = {}, 0.0
    provider.now = 30.0
    assert (await verifier(keys).verify(signed())).subject == "someone"


@pytest.mark.parametrize(
    "odd", [{}, {"alg": "none"}, {"alg": ["ES256"]}, {"n": "AQAB", "e": None}, {"kty": ["EC"]}, None]
)
async def test_a_key_of_an_unknown_kind_does_not_shut_out_the_others(odd: dict[str, Any] | None) -> None:
    async def fetch() -> dict[str, Any]:
        unknown = None if odd is None else jwks()["keys"][1] | {"kid": "enc", "alg": "RSA-OAEP"} | odd
        return {"keys": [unknown, *jwks()["keys"]]}

    assert (await verifier(KeySet(fetch)).verify(signed())).subject == "someone"


@pytest.mark.parametrize(
    "document", [{"error": "try again later"}, {"keys": "later"}, {"keys": {"error": 1}}, {"keys": [None]}]
)
async def test_an_answer_that_is_no_set_of_keys_takes_none_away(document: dict[str, Any]) -> None:
    provider = Rotating()
    keys = KeySet(provider.fetch, lambda: provider.now)
    await verifier(keys).verify(signed())
    provider.document = document
    await provider.turn(keys)
    assert (await verifier(keys).verify(signed())).subject == "someone"


async def test_in_production_keys_are_read_over_https_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def discovery(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": "http://issuer.example/keys", "keys": []})

    outside = partial(httpx.AsyncClient, transport=httpx.MockTransport(discovery))
    monkeypatch.setattr(httpx, "AsyncClient", outside)
    with pytest.raises(ValueError, match="without https"):
        await keys_from_provider(Settings(environment="production", oidc_issuer=ISSUER))()


@pytest.mark.parametrize(
    ("granted", "asked"),
    [
        (b'{"access_token": "a", "expires_in": 300}', 1),
        (b'{"access_token": "a", "expires_in": NaN}', 1),
        (b'{"access_token": "a", "expires_in": 1e400}', 1),
        (b'{"access_token": null}', None),
        (b'{"access_token": "a\\r\\nX-Other: b"}', None),
        (b'{"access_token": "\\u00e9"}', None),
    ],
)
async def test_a_token_of_our_own_is_one_and_is_kept_for_a_day_at_most(
    granted: bytes, asked: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[httpx.Request] = []

    def grant(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return httpx.Response(200, content=granted)

    monkeypatch.setattr(httpx, "AsyncClient", partial(httpx.AsyncClient, transport=httpx.MockTransport(grant)))
    settings = Settings(oidc_token_url="https://a.example", oidc_client_id="b", oidc_client_secret=SecretStr("c"))
    token = service_token(settings, "reporting_service")
    if asked is None:
        with pytest.raises(ValueError, match="holds no token"):
            await token()
        return
    assert [await token(), await token(), len(heard)] == ["a", "a", asked]
    tomorrow = time.monotonic() + 90_000
    monkeypatch.setattr("shared.auth.sources.time.monotonic", lambda: tomorrow)
    assert [await token(), len(heard)] == ["a", asked + 1]


@pytest.mark.parametrize("packed", [False, True])
async def test_an_answer_of_the_provider_without_end_is_left_unread(packed: bool) -> None:
    sent, space = 0, b" " * 65_536

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        packing = zlib.compressobj(wbits=31)
        for _ in range(600):
            chunk = packing.compress(space * 100) if packed else space
            writer.write(b"%x\r\n%s\r\n" % (len(chunk), chunk) if chunk else b"")
            await writer.drain()
            # Who is asked and who asks share a loop; what fits a buffer is not waited for.
            await asyncio.sleep(0.001)
            sent += 1

    head = {"Transfer_Encoding": "chunked", "Content_Length": "0", "Content_Encoding": "gzip" if packed else "identity"}
    talk, _ = says(http(b"", **head).replace(b"Content-Length: 0\r\n", b""), then=pour)
    async with listening(talk) as url:
        given = {"oidc_jwks_url": url, "oidc_token_url": url, "oidc_client_id": "q", "oidc_client_secret": "s"}
        settings = Settings(environment="local", oidc_issuer=ISSUER, **given)
        for ask in (keys_from_provider(settings), service_token(settings, "reporting_service")):
            with pytest.raises(ValueError, match="too long"):
                await ask()
    assert sent < 1_200


class Rotating(Provider):
    """A provider that can withdraw a key, and sign with another under the same id."""

    def __init__(self) -> None:
        super().__init__()
        self.document: dict[str, Any] = jwks()

    async def fetch(self) -> dict[str, Any]:
        self.asked += 1
        return self.document

    async def turn(self, keys: KeySet) -> None:
        """Ten minutes later the keys are read again in the background, as the next request finds them old."""
        self.now += 601.0
        await keys.key("ec")
        await keys._refreshing  # type: ignore[misc]


async def test_a_good_token_is_not_verified_again_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    check, token, decode, seen = verifier(), signed(qapf_unit="team_a"), jwt.decode, []
    monkeypatch.setattr(jwt, "decode", lambda *given, **more: seen.append(1) or decode(*given, **more))
    first, second = await check.verify(token, "one"), await check.verify(token, "two")
    assert len(seen) == 1
    assert (first, first.request_id, second.request_id, second.bearer) == (
        replace(second, request_id="one"), "one", "two", token
    )  # fmt: skip
    later = time.time() + 61
    monkeypatch.setattr("shared.auth.tokens.time.time", lambda: later)
    await check.verify(token)
    assert len(seen) == 2


async def test_a_remembered_token_ends_when_it_ends() -> None:
    check = verifier()
    token = signed(exp=datetime.now(UTC) - timedelta(seconds=29))
    await check.verify(token)
    await asyncio.sleep(1.1)
    with pytest.raises(Unauthenticated):
        await check.verify(token)


async def test_a_remembered_token_of_a_withdrawn_key_opens_nothing() -> None:
    provider = Rotating()
    keys = KeySet(provider.fetch, lambda: provider.now)
    check, token = verifier(keys), signed()
    await check.verify(token)
    provider.document["keys"] = provider.document["keys"][1:]
    await provider.turn(keys)
    with pytest.raises(Unauthenticated):
        await check.verify(token)


async def test_a_remembered_token_of_a_key_exchanged_under_its_id_opens_nothing() -> None:
    provider = Rotating()
    keys = KeySet(provider.fetch, lambda: provider.now)
    check, token = verifier(keys), signed()
    await check.verify(token)
    other = json.loads(ECAlgorithm.to_jwk(OTHER.public_key())) | {"kid": "ec", "alg": "ES256", "use": "sig"}
    provider.document["keys"] = [other, *provider.document["keys"][1:]]
    await provider.turn(keys)
    with pytest.raises(Unauthenticated):
        await check.verify(token)
    assert (await check.verify(signed(OTHER))).subject == "someone"


async def test_no_refused_token_is_remembered_and_the_oldest_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.auth.tokens._MOST_REMEMBERED", 3)
    check = verifier()
    for name in ("another's key under our kid", "payload exchanged", "expired"):
        with pytest.raises(Unauthenticated):
            await check.verify(HOSTILE[name])
    assert not check._remembered
    for number in range(5):
        await check.verify(signed(sub=f"someone {number}"))
    assert [one.caller.subject for one in check._remembered.values()] == [f"someone {number}" for number in (2, 3, 4)]
