"""The secrets of webhooks as they lie in the database: sealed under the newest of the keys, opened with any."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.receivers import c, webhooks
from shared.problems import BrokenRule
from shared.settings import Settings, SettingsError

# A release before this one kept secrets of this length as they are; sealed ones are longer.
_PLAIN_LENGTH = 32


class NoWebhookKey(BrokenRule):
    """No secret is kept as it is: set QAPF_WEBHOOK_KEYS_FILE, keep the file safe, and send this again."""

    slug, title = "no-webhook-key", "This service has no key for the secrets of webhooks"


class SecretUnreadable(Exception):
    """None of the keys opens it: the key it was sealed with is needed, or another secret for that receiver."""


class SecretSafe:
    """Seals and opens; made of no keys it refuses to seal, and opens only what was never sealed."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [Fernet(key) for key in keys]

    def seal(self, secret: bytes) -> bytes:
        if not self._keys:
            raise NoWebhookKey()
        return self._keys[0].encrypt(secret)

    def open(self, kept: bytes) -> bytes:
        if len(kept) == _PLAIN_LENGTH:
            return kept
        try:
            return MultiFernet(self._keys).decrypt(kept)
        except (InvalidToken, ValueError):  # with no key at all it is the second
            raise SecretUnreadable from None

    def is_newest(self, kept: bytes) -> bool:
        """Whether it is sealed under the newest key."""
        try:
            return len(kept) != _PLAIN_LENGTH and bool(self._keys[0].decrypt(kept))
        except InvalidToken:
            return False

    async def seal_anew(self, session: AsyncSession) -> int:
        """Bring every secret under the newest key; what no key opens stays. Returns how many were sealed."""
        if not self._keys:
            return 0
        count = 0
        statement = sa.select(webhooks).where(c.status != "removed").with_for_update(skip_locked=True)
        for row in (await session.execute(statement)).all():
            held = {"secret": row.secret, "earlier_secret": row.earlier_secret}
            try:
                sealed = {
                    name: self.seal(self.open(kept))
                    for name, kept in held.items()
                    if kept is not None and not self.is_newest(kept)
                }
            except SecretUnreadable:
                continue
            if sealed:
                await session.execute(sa.update(webhooks).where(c.id == row.id).values(**sealed))
                count += 1
        return count


def safe_of(settings: Settings) -> SecretSafe:
    """With the keys of the settings; raises SettingsError where one is none."""
    try:
        return SecretSafe(settings.webhook_keys())
    except ValueError:
        raise SettingsError("QAPF_WEBHOOK_KEYS_FILE: each line is a key of 32 random bytes in base64url") from None


@asynccontextmanager
async def open_webhook_secrets(app: FastAPI) -> AsyncIterator[None]:
    """Put the safe on `app.state.webhook_secrets`; a file that cannot be used stops the start."""
    app.state.webhook_secrets = safe_of(app.state.settings)
    yield


def webhook_secrets(request: Request) -> SecretSafe:
    """The safe as a route asks for it."""
    safe: SecretSafe = request.app.state.webhook_secrets
    return safe
