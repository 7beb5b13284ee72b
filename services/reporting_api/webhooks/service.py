"""Keeps the receivers of webhooks: made, changed, given another secret, removed."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.definitions import UnknownBoard, read_definitions
from services.reporting_api.models import Delivery
from services.reporting_api.public_addresses import is_public
from services.reporting_api.receivers import c, webhooks
from services.reporting_api.registry import table_of
from services.reporting_api.webhook_secrets import SecretSafe
from services.reporting_api.webhooks.errors import ReceiverNotAllowed
from services.reporting_api.webhooks.schemas import WebhookEdit, WebhookIn
from shared.activity.record import record_activity
from shared.activity.sealer import read_head
from shared.auth.caller import Caller
from shared.ids import new_id
from shared.problems import Fault, Malformed

# Long enough to bring the new secret to every receiver's configuration.
OVERLAP = timedelta(hours=24)
_AT_REST: dict[str, Any] = {"failures": 0, "failing_since": None, "not_before": None, "disabled_reason": None}
_deliveries = table_of(Delivery)
_d = _deliveries.c


def _counted(status: str) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).where(_d.webhook == c.id, _d.status == status).scalar_subquery()


SELECT = sa.select(
    webhooks,
    _counted("waiting").label("waiting"),
    _counted("given_up").label("given_up"),
    sa.select(sa.func.max(_d.acknowledged_at)).where(_d.webhook == c.id).scalar_subquery().label("last_acknowledged"),
)


async def read_webhook(session: AsyncSession, webhook: UUID) -> Any:
    """A webhook that the caller was found to see, with the counts of its deliveries."""
    return (await session.execute(SELECT.where(c.id == webhook))).one()


def check_address(url: str, *, private: bool) -> None:
    """Refuse what would be refused at every sending; where a name leads is looked at each time it is sent to."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        literal = ip_address(host) if host.strip("0123456789.") == "" or ":" in host else None
    except ValueError:
        host, literal, parts = "", None, urlsplit("")
    good = host and parts.scheme in (("http", "https") if private else ("https",))
    if not good or parts.username is not None or parts.fragment or (literal and not private and not is_public(literal)):
        raise ReceiverNotAllowed(errors=[Fault("/url", "receiver", "give an https address outside private networks")])


async def _board_codes(session: AsyncSession, names: Sequence[str]) -> list[str]:
    known, found, faults = await read_definitions(session), [], []
    for place, name in enumerate(names):
        try:
            found.append(known.board(name).code)
        except UnknownBoard:
            faults.append(Fault(f"/boards/{place}", "unknown_board", "give a board's code, name or alias"))
    if faults:
        raise Malformed("There is no board of this name; see errors.", errors=faults)
    return list(dict.fromkeys(found))


def new_secret() -> bytes:
    return secrets.token_bytes(32)


def written(secret: bytes) -> str:
    """A secret as Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(secret).decode()}"


async def make_webhook(
    session: AsyncSession, caller: Caller, body: WebhookIn, safe: SecretSafe, *, private: bool
) -> tuple[UUID, bytes]:
    """A new receiver, told of what happens from now on or after the position it names."""
    check_address(body.url, private=private)
    boards = await _board_codes(session, body.boards)
    webhook, secret, head = new_id(), new_secret(), await read_head(session)
    await session.execute(
        sa.insert(webhooks).values(
            id=webhook, name=body.name, url=body.url, events=list(dict.fromkeys(body.events)), boards=boards,
            unit=caller.unit, status="active", secret=safe.seal(secret), failures=0, version=1,
            created_by=caller.subject, position=head.position if body.after is None else min(body.after, head.position),
        )
    )  # fmt: skip
    data = {"events": sorted(set(body.events)), "boards": boards}
    await record_activity(session, caller, "webhook.made", "webhook", webhook, unit=caller.unit, data=data)
    return webhook, secret


async def change_webhook(session: AsyncSession, caller: Caller, row: Any, body: WebhookEdit, *, private: bool) -> None:
    values: dict[str, Any] = body.model_dump(exclude_none=True)
    if body.url is not None:
        check_address(body.url, private=private)
    if body.boards is not None:
        values["boards"] = await _board_codes(session, body.boards)
    if body.status is not None:
        values |= _AT_REST
    elif body.url is not None and row.status != "disabled":
        values |= {**_AT_REST, "disabled_reason": row.disabled_reason}
    await _set(session, row, values)
    fields = {"fields": sorted(body.model_fields_set)}
    await record_activity(session, caller, "webhook.changed", "webhook", row.id, unit=row.unit, data=fields)


async def rotate_secret(session: AsyncSession, caller: Caller, row: Any, now: datetime, safe: SecretSafe) -> bytes:
    """Another secret; the one before signs as well for a day, so that no receiver misses an event."""
    secret = new_secret()
    values = {"secret": safe.seal(secret), "earlier_secret": row.secret, "earlier_secret_until": now + OVERLAP}
    await _set(session, row, values)
    await record_activity(session, caller, "webhook.secret_rotated", "webhook", row.id, unit=row.unit)
    return secret


async def remove_webhook(session: AsyncSession, caller: Caller, row: Any) -> None:
    """Nothing is sent to it any more; what it acknowledged stays on record, its secrets do not."""
    gone = {"secret": b"", "earlier_secret": None, "earlier_secret_until": None}
    await _set(session, row, {"status": "removed", **gone, **_AT_REST})
    await record_activity(session, caller, "webhook.removed", "webhook", row.id, unit=row.unit)


async def _set(session: AsyncSession, row: Any, values: dict[str, Any]) -> None:
    await session.execute(sa.update(webhooks).where(c.id == row.id).values(**values, version=row.version + 1))
