"""Verifying bearer tokens of any OIDC provider by issuer, audience and published keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeGuard

import jwt
from jwt import PyJWK

from shared.auth.caller import Caller
from shared.auth.roles import RoleBook
from shared.logging import get_logger
from shared.problems import Unauthenticated, Unavailable

_log = get_logger(__name__)
_ALGORITHMS = ("RS256", "ES256")
_MAX_TOKEN = 16_384
_FRESH_SECONDS = 600.0
_ASK_AGAIN_SECONDS = 10.0
_TRUST_SECONDS = 6 * 3600.0
_LEEWAY_SECONDS = 30
_REMEMBER_SECONDS = 60.0
_MOST_REMEMBERED = 1_000
_LONGEST_NAME = 200
# What the head of an access token may call it (RFC 7519, RFC 9068), and the claims of a sign-in or an event alone.
_ACCESS_TYPES = ("jwt", "at+jwt")
_NEVER_OF_ACCESS = ("at_hash", "c_hash", "events")
# However slowly the provider answers: its keys are asked for with a lock held.
_FETCH_SECONDS = 10.0

FetchKeys = Callable[[], Awaitable[dict[str, Any]]]


class KeySet:
    """The provider's public keys, kept for a bounded time and asked for again when a key is unknown."""

    def __init__(self, fetch: FetchKeys, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = float("-inf")
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    def _age(self) -> float:
        return self._monotonic() - self._fetched_at

    async def key(self, kid: str) -> PyJWK | None:
        """The key of that id; None when the provider does not publish it."""
        if kid not in self._keys or self._age() > _TRUST_SECONDS:
            await self._refresh()
        elif self._age() > _FRESH_SECONDS and (self._refreshing is None or self._refreshing.done()):
            # A known key still opens: nobody waits for a provider that may be hanging.
            self._refreshing = asyncio.create_task(self._refresh())
        if self._age() > _TRUST_SECONDS:
            # The provider has been out of reach for hours: a key it withdrew meanwhile must not open doors.
            raise Unavailable("The identity provider's keys cannot be read.", retry_after=30)
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        async with self._lock:
            # Tokens with made-up key ids must not make us hammer the provider.
            if self._monotonic() - self._asked_at < _ASK_AGAIN_SECONDS:
                return
            self._asked_at = self._monotonic()
            try:
                async with asyncio.timeout(_FETCH_SECONDS):
                    published = await self._fetch()
                keys = {}
                for item in published["keys"]:
                    # One key of a kind we do not know must not shut out the others; where there are such alone, what
                    # was published is no set of keys, and those from before stand.
                    with suppress(jwt.PyJWTError, NotImplementedError, AttributeError, TypeError):
                        if item.get("kty") in ("RSA", "EC") and item.get("kid") and item.get("use", "sig") == "sig":
                            keys[str(item["kid"])] = PyJWK(item)
                if published["keys"] and not keys:
                    raise ValueError("none of these is a key")
            except Exception as error:
                _log.warning("keys_unavailable", error=type(error).__name__)
                return
            self._keys, self._fetched_at = keys, self._monotonic()


@dataclass(frozen=True, slots=True)
class _Verified:
    """Who a token was found to be of, by which key, and until when it need not be looked at again."""

    caller: Caller
    kid: str
    key: PyJWK
    until: float


class TokenVerifier:
    """Turns a bearer token into a Caller, or says no.

    A good token is remembered by its digest: for a minute at most, never past its end, and only while the very key
    that verified it is still the one published. A refused one is looked at each time.
    """

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        keys: KeySet,
        roles: RoleBook,
        roles_claim: str = "roles",
        unit_claim: str = "qapf_unit",
        subject_claim: str = "sub",
    ) -> None:
        self._issuer, self._audience, self._keys, self._roles = issuer, audience, keys, roles
        self.unit_claim = unit_claim
        self._roles_claim, self._subject_claim = roles_claim, subject_claim
        self._remembered: dict[bytes, _Verified] = {}

    async def verify(self, token: str, request_id: str | None = None) -> Caller:
        """Raises Unauthenticated for every token that is not wholly right, without saying which part was wrong."""
        if len(token) > _MAX_TOKEN:
            raise refused()
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._remembered.get(digest)
        if known is None or known.until <= time.time() or await self._keys.key(known.kid) is not known.key:
            known = await self._look_at(token)
            self._remember(digest, known)
        return known.caller.in_request(token, request_id)

    def _remember(self, digest: bytes, found: _Verified) -> None:
        self._remembered.pop(digest, None)
        if len(self._remembered) >= _MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[digest] = found

    async def _look_at(self, token: str) -> _Verified:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in _ALGORITHMS or "crit" in header:
                raise refused()
            kid = str(header.get("kid", ""))
            key = await self._keys.key(kid)
            if key is None or key.algorithm_name != header["alg"]:
                raise refused()
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm_name],
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub", "iss", "aud"]},
            )
            if not _is_for_access(header, claims):
                raise refused()
            ends = float(claims["exp"]) + _LEEWAY_SECONDS
        # A number of any length is JSON, but no moment.
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError):
            raise refused() from None
        until = min(ends, time.time() + _REMEMBER_SECONDS)
        return _Verified(self._caller(claims), kid, key, until)

    def _caller(self, claims: dict[str, Any]) -> Caller:
        named = claims.get(self._roles_claim) or []
        subject, unit = claims.get(self._subject_claim), claims.get(self.unit_claim)
        if isinstance(named, str):
            named = named.split()
        # A unit claim of the wrong kind must not be read as "no unit", which means the whole council.
        if not isinstance(named, list) or not (unit is None or _is_name(unit)):
            raise refused()
        # Cut short two people would be one, and what the services do themselves is recorded as `system:`.
        if not _is_name(subject) or subject.startswith("system:"):
            raise refused()
        claimed = frozenset(str(role) for role in named)
        unplaced = self._roles.unplaced(claimed, unit)
        roles = claimed - unplaced
        return Caller(
            subject=subject,
            roles=roles & frozenset(self._roles.roles),
            scopes=self._roles.scopes_of(roles),
            unit=unit,
            unplaced=unplaced,
        )


def _is_for_access(header: dict[str, Any], claims: dict[str, Any]) -> bool:
    """Whether nothing says that the token is of another kind, which the same key signs; many providers do not say.

    Keycloak, Cognito and ForgeRock say it among the claims.
    """
    kind, use = header.get("typ", "JWT"), claims.get("typ", "Bearer")
    if not isinstance(kind, str) or not isinstance(use, str):
        return False
    if claims.get("token_use", "access") != "access" or claims.get("tokenName", "access_token") != "access_token":
        return False
    named = kind.lower().removeprefix("application/") in _ACCESS_TYPES and use.lower() == "bearer"
    return named and claims.keys().isdisjoint(_NEVER_OF_ACCESS)


def _is_name(value: Any) -> TypeGuard[str]:
    """Whether a claim is something that a record can hold and a log line can show."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()


def refused() -> Unauthenticated:
    return Unauthenticated(
        "Send `Authorization: Bearer` with a current token of the configured issuer.",
        headers={"WWW-Authenticate": 'Bearer realm="qapf"'},
    )
