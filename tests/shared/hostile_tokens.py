"""Tokens that must open nothing, and the keys of the issuer they pretend to be of."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE = "https://issuer.example", "qapf"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
OTHER = ec.generate_private_key(ec.SECP256R1())


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
    "expiry of four hundred digits": signed(exp=10**400),
    "an infinite expiry": signed(exp=float("inf")),
    "kid as a path": signed(kid="../../etc/passwd"),
    "kid as a list": f"{b64({'alg': 'ES256', 'kid': ['ec']})}.{signed().split('.', 1)[1]}",
    **{
        f"a {kind} by its head": signed(headers={"typ": kind})
        for kind in ("logout+jwt", "dpop+jwt", "secevent+jwt", "application/secevent+jwt", "rt+jwt", "jwt;x", 7)
    },
    **{f"of the use {use}": signed(typ=use) for use in ("ID", "Refresh", "Offline", "Logout", "DPoP", "", ["Bearer"])},
    "an ID token of Cognito": signed(token_use="id"),
    "an ID token of ForgeRock": signed(tokenName="id_token"),
    "an ID token by its hash of another": signed(at_hash="x", nonce="y"),
    "a logout token by its event": signed(events={"http://schemas.openid.net/event/backchannel-logout": {}}),
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
