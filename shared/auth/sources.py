"""Where keys and service tokens come from: an OIDC provider, or the local issuer's files."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx

from shared.auth.local_issuer import LocalIssuer
from shared.auth.roles import read_roles
from shared.auth.tokens import FetchKeys, KeySet, TokenVerifier
from shared.settings import Settings, SettingsError
from shared.trust import further_trust

_TIMEOUT = httpx.Timeout(5.0)
_TOKEN = re.compile(r"[!-~]+")
_LONGEST_SECONDS = 86_400.0
# Many times what any provider sends.
_LONGEST_ANSWER = 1024 * 1024
ServiceToken = Callable[[], Awaitable[str]]


def keys_from_file(path: Path) -> FetchKeys:
    async def fetch() -> dict[str, Any]:
        document: dict[str, Any] = json.loads(path.read_text())  # noqa: ASYNC240 - a small local file
        return document

    return fetch


def keys_from_provider(settings: Settings, trust: ssl.SSLContext | None = None) -> FetchKeys:
    """The configured key address, or the one the issuer's discovery document names."""

    async def fetch() -> dict[str, Any]:
        async with _client(trust) as client:
            address = settings.oidc_jwks_url
            if address is None:
                issuer = str(settings.oidc_issuer).rstrip("/")
                named = await _answer(client.stream("GET", f"{issuer}/.well-known/openid-configuration"))
                if named["issuer"] != settings.oidc_issuer:
                    raise ValueError("the discovery document is another issuer's")
                address = str(named["jwks_uri"])
                if settings.environment == "production" and not address.startswith("https://"):
                    raise ValueError("the provider names an address of its keys without https")
            return await _answer(client.stream("GET", address))

    return fetch


def _client(trust: ssl.SSLContext | None) -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, verify=trust or True)


async def _answer(asking: AbstractAsyncContextManager[httpx.Response]) -> dict[str, Any]:
    """What the provider answers, unpacked only as far as an answer of its kind may go."""
    async with asking as answer:
        answer.raise_for_status()
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > _LONGEST_ANSWER:
                raise ValueError("the provider's answer is too long")
    document: dict[str, Any] = json.loads(body)
    return document


def build_verifier(settings: Settings) -> TokenVerifier:
    """Raises SettingsError when no issuer is configured: a service never runs open."""
    if settings.oidc_issuer is None:
        raise SettingsError(
            "QAPF_OIDC_ISSUER is not set: name the identity provider whose tokens this service accepts "
            "(docs/operations.md), or use `make run` for a local one"
        )
    # Looked at wherever the keys come from: a file that cannot be used stops every service, not some later call.
    trust = further_trust(settings)
    source = keys_from_file(settings.oidc_jwks_file) if settings.oidc_jwks_file else keys_from_provider(settings, trust)
    return TokenVerifier(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        keys=KeySet(source),
        roles=read_roles(settings.roles_file),
        roles_claim=settings.oidc_roles_claim,
        unit_claim=settings.oidc_unit_claim,
        subject_claim=settings.oidc_subject_claim,
    )


def service_token(settings: Settings, role: str) -> ServiceToken:
    """A source of this service's own token, for calls that no person asked for; kept until shortly before it ends."""
    trust = further_trust(settings)
    kept: dict[str, Any] = {"token": "", "until": float("-inf")}

    async def from_provider() -> tuple[str, float]:
        secret = settings.client_secret()
        if settings.oidc_token_url is None or settings.oidc_client_id is None or secret is None:
            raise SettingsError(
                "QAPF_OIDC_TOKEN_URL, QAPF_OIDC_CLIENT_ID and QAPF_OIDC_CLIENT_SECRET(_FILE) are needed "
                "for calls between services"
            )
        scope = settings.oidc_scope or f"{settings.oidc_audience}/.default"
        async with _client(trust) as client:
            asking = client.stream(
                "POST",
                settings.oidc_token_url,
                data={"grant_type": "client_credentials", "scope": scope},
                auth=(settings.oidc_client_id, secret),
            )
            granted = await _answer(asking)
            token, seconds = granted["access_token"], granted.get("expires_in", 300)
            if not isinstance(token, str) or not _TOKEN.fullmatch(token):
                raise ValueError("the provider's answer holds no token")
            # In this order: what is no number at all is not kept for ever.
            return token, min(_LONGEST_SECONDS, float(seconds))

    async def token() -> str:
        if time.monotonic() >= kept["until"]:
            if settings.local_issuer_key_file is not None:
                issuer = LocalIssuer(settings.local_issuer_key_file, str(settings.oidc_issuer), settings.oidc_audience)
                fresh, seconds = issuer.token(f"service:{role}", [role]), 3600.0
            else:
                fresh, seconds = await from_provider()
            kept.update(token=fresh, until=time.monotonic() + seconds - min(60.0, seconds / 2))
        return str(kept["token"])

    return token
