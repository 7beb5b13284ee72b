"""Hostile tokens open nothing, and keys that cannot be read are trusted only for a while."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from shared.auth.roles import RoleBook
from shared.auth.sources import keys_from_provider
from shared.auth.tokens import KeySet, TokenVerifier
from shared.problems import Unauthenticated, Unavailable
from shared.settings import Settings

ISSUER, AUDIENCE = "https://issuer.example", "qapf"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
OTHER = ec.generate_private_key(ec.SECP256R1())
ROLES = RoleBook({"analyst": frozenset({"indicator:read"}), "admin": frozenset({"framework:apply"})})


def jwks() -> dict[str, Any]:
    return {
        "keys": [
            {
                **json.loads(ECAlgorithm.to_jwk(EC_KEY.public_key())),
                "kid": "ec",
                "alg": "ES256",
                "use": "sig",
            },
            {
                **json.loads(RSAAlgorithm.to_jwk(RSA_KEY.public_key())),
                "kid": "rsa",
                "alg": "RS256",
                "use": "sig",
            },
        ]
    }


def claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    base = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "someone", "iat": now, "exp": now + timedelta(minutes=5),
        "roles": ["analyst"],
    }  # fmt: skip
    base.update(changes)
    return {name: value for name, value in base.items() if value is not None}


def signed(
    key: Any = EC_KEY, algorithm: str = "ES256", kid: str | None = "ec", headers: Any = None, **changes: Any
) -> str:
    named = {} if kid is None else {"kid": kid}
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={**named, **(headers or {})})


def verifier(keys: KeySet | None = None) -> TokenVerifier:
    async def fetch() -> dict[str, Any]:
        return jwks()

    return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys or KeySet(fetch), roles=ROLES)


def unsigned(header: dict[str, Any], body: dict[str, Any] | None = None) -> str:
    def part(content: dict[str, Any]) -> str:
        return (
            base64.urlsafe_b64encode(json.dumps(content, default=lambda d: d.timestamp()).encode()).decode().rstrip("=")
        )

    return f"{part(header)}.{part(body or claims())}."


def b64(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def deep() -> str:
    return base64.urlsafe_b64encode(b'{"alg":"ES256","kid":' + b"[" * 2000 + b"]" * 2000 + b"}").decode().rstrip("=")


PUBLIC_PEM = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def signed_by_hand(secret: bytes, kid: str) -> str:
    """HS256 as an attacker would make it: the library itself refuses to use a public key as a secret."""
    head = unsigned({"alg": "HS256", "typ": "JWT", "kid": kid}).rstrip(".")
    mac = hmac.new(secret, head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


NOW = datetime.now(UTC)
HOSTILE = {
    "alg none": unsigned({"alg": "none", "kid": "ec"}),
    "alg None": unsigned({"alg": "None", "kid": "ec"}),
    "no alg": unsigned({"kid": "ec"}),
    "HS256 with the public key": signed_by_hand(PUBLIC_PEM, "rsa"),
    "HS256 with a secret": jwt.encode(claims(), "secret" * 10, algorithm="HS256", headers={"kid": "ec"}),
    "HS256 with the JWK as secret": signed_by_hand(json.dumps(jwks()["keys"][0]).encode(), "ec"),
    "another's key under our kid": signed(OTHER),
    "unknown kid": signed(kid="nope"),
    "no kid": signed(kid=None),
    "kid of the other algorithm": signed(kid="rsa"),
    "crit header": signed(headers={"crit": ["exp"], "exp": 1}),
    "jku header with another key": signed(OTHER, headers={"jku": "https://evil.example/keys"}),
    "x5u header with another key": signed(OTHER, headers={"x5u": "https://evil.example/cert"}),
    "jwk header with another key": signed(
        OTHER, kid="mine", headers={"jwk": json.loads(ECAlgorithm.to_jwk(OTHER.public_key()))}
    ),
    "wrong audience": signed(aud="other"),
    "no audience": signed(aud=None),
    "wrong issuer": signed(iss="https://evil.example"),
    "issuer with a slash": signed(iss=ISSUER + "/"),
    "no issuer": signed(iss=None),
    "no expiry": signed(exp=None),
    "expired": signed(exp=NOW - timedelta(minutes=2)),
    "not yet": signed(nbf=NOW + timedelta(hours=1)),
    "issued tomorrow": signed(iat=NOW + timedelta(days=1)),
    "no subject": signed(sub=None),
    "a number as subject": signed(sub=7),
    "roles as an object": signed(roles={"admin": True}),
    "unit as a list": signed(qapf_unit=["a"]),
    "empty unit": signed(qapf_unit=""),
    "a unit with a NUL": signed(qapf_unit="fs_weymouth\x00"),
    "a unit as a number": signed(qapf_unit=7),
    "an empty subject": signed(sub=""),
    "a subject of 201 characters": signed(sub="x" * 201),
    "a subject with a NUL": signed(sub="some\x00one"),
    "a subject with a line end": signed(sub="someone\nadmin"),
    "a subject that cannot be written": signed(sub="some\ud800one"),
    "the system as subject": signed(sub="system:clock"),
    "audiences as an object": signed(aud={"qapf": True}),
    "expiry as a word": signed(exp="tomorrow"),
    "expiry beyond all numbers": unsigned({"alg": "ES256", "kid": "ec"}, claims() | {"exp": 1e400}) + "AAAA",
    "kid as a path": signed(kid="../../etc/passwd"),
    "kid as a list": f"{b64({'alg': 'ES256', 'kid': ['ec']})}.{signed().split('.', 1)[1]}",
    "b64 false": signed(headers={"b64": False, "crit": ["b64"]}),
    "encrypted for us": f"{b64({'alg': 'RSA-OAEP', 'enc': 'A256GCM', 'kid': 'rsa'})}.a.b.c.d",
    "PS256 with our key": signed(RSA_KEY, "PS256", "rsa"),
    "ES256 over another curve": signed(ec.generate_private_key(ec.SECP384R1()), "ES384"),
    "a signature of zeros": ".".join([*signed().split(".")[:2], "A" * 86]),
    "header twice over": f"{b64({'alg': 'ES256', 'kid': 'ec'})}.{signed()}",
    "a thousand levels deep": f"{deep()}.{signed().split('.', 1)[1]}",
    "a megabyte": signed(padding="x" * 1_000_000),
    "two dots": "..",
    "not base64": "a.b.c",
    "empty": "",
    "signature cut off": signed()[:-10],
    "payload exchanged": ".".join(
        [signed().split(".")[0], signed(roles=["admin"]).split(".")[1], signed().split(".")[2]]
    ),
}


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


async def test_a_key_of_an_unknown_kind_does_not_shut_out_the_others() -> None:
    async def fetch() -> dict[str, Any]:
        encrypting = jwks()["keys"][1] | {"kid": "enc", "alg": "RSA-OAEP"}
        del encrypting["use"]
        return {"keys": [encrypting, *jwks()["keys"]]}

    assert (await verifier(KeySet(fetch)).verify(signed())).subject == "someone"


async def test_in_production_keys_are_read_over_https_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def discovery(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": "http://issuer.example/keys", "keys": []})

    outside = partial(httpx.AsyncClient, transport=httpx.MockTransport(discovery))
    monkeypatch.setattr(httpx, "AsyncClient", outside)
    with pytest.raises(ValueError, match="without https"):
        await keys_from_provider(Settings(environment="production", oidc_issuer=ISSUER))()


class Rotating(Provider):
    """A provider that can withdraw a key, and sign with another under the same id."""

    def __init__(self) -> None:
        super().__init__()
        self.published = jwks()["keys"]

    async def fetch(self) -> dict[str, Any]:
        self.asked += 1
        return {"keys": self.published}

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
    provider.published = provider.published[1:]
    await provider.turn(keys)
    with pytest.raises(Unauthenticated):
        await check.verify(token)


async def test_a_remembered_token_of_a_key_exchanged_under_its_id_opens_nothing() -> None:
    provider = Rotating()
    keys = KeySet(provider.fetch, lambda: provider.now)
    check, token = verifier(keys), signed()
    await check.verify(token)
    other = json.loads(ECAlgorithm.to_jwk(OTHER.public_key())) | {"kid": "ec", "alg": "ES256", "use": "sig"}
    provider.published = [other, *provider.published[1:]]
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
