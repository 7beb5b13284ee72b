"""The courier: makes deliveries of what was sealed and sends those that are due, on every replica."""

from __future__ import annotations

import asyncio
import base64
from uuid import UUID

from fastapi import FastAPI
from standardwebhooks import Webhook

from services.reporting_api.deliveries import queue
from services.reporting_api.deliveries.sending import Sender
from services.reporting_api.webhook_secrets import SecretSafe
from shared.clock import Clock
from shared.database import Database
from shared.logging import get_logger
from shared.settings import Settings
from shared.trust import further_trust

_IDLE_SECONDS = 2.0
_log = get_logger(__name__)


class Courier:
    """One replica's courier; each receiver is served in order, and none waits for another."""

    def __init__(self, database: Database, clock: Clock, sender: Sender, safe: SecretSafe) -> None:
        self._database, self._clock, self._sender, self._safe = database, clock, sender, safe
        self._sealed = False

    async def round(self) -> list[UUID]:
        """Make what deliveries there are to make; the receivers that are due."""
        if not self._sealed:
            async with self._database.transaction() as session:
                await self._safe.seal_anew(session)
            self._sealed = True
        await queue.hand_out(self._database, self._clock.now())
        return await queue.receivers_due(self._database, self._clock.now())

    async def serve(self, webhook: UUID) -> None:
        """Send what is due to a receiver until nothing is, or until it is to be left alone for a while."""
        while (held := await queue.claim(self._database, webhook, self._clock.now())) is not None:
            now = self._clock.now()
            headers = {
                "webhook-id": str(held.event),
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": " ".join(
                    Webhook(base64.b64encode(self._safe.open(key)).decode()).sign(str(held.event), now, held.body)
                    for key in held.secrets
                ),
            }
            outcome = await self._sender.send(held.url, held.body.encode(), headers, now)
            async with self._database.transaction() as session:
                await queue.conclude(session, held, outcome, self._clock.now())

    async def serve_all(self) -> None:
        """One round of all that are due."""
        await asyncio.gather(*map(self.serve, await self.round()))


async def run_deliveries(app: FastAPI) -> None:
    """Deliver until cancelled. What was sent and not yet noted when the process dies is sent again, the same event."""
    settings: Settings = app.state.settings
    async with Sender(private=settings.webhook_private_addresses, tls=further_trust(settings)) as sender:
        courier = Courier(app.state.database, app.state.clock, sender, app.state.webhook_secrets)
        serving: dict[UUID, asyncio.Task[None]] = {}
        try:
            while True:
                try:
                    for webhook in await courier.round():
                        if webhook not in serving:
                            serving[webhook] = asyncio.create_task(courier.serve(webhook))
                except Exception as error:
                    _log.warning("deliveries_wait", error=type(error).__name__)
                await asyncio.sleep(_IDLE_SECONDS)
                for webhook in [one for one, task in serving.items() if task.done()]:
                    if (failure := serving.pop(webhook).exception()) is not None:
                        _log.warning("delivery_lost", error=type(failure).__name__)
        finally:
            for task in serving.values():
                task.cancel()
            await asyncio.gather(*serving.values(), return_exceptions=True)
