"""One-time tokens: told once when they are issued, spent once, and forgotten as they are spent.

Nothing joins what is submitted to the token that let it in. Of a secret only the digest is kept, and spending wipes
that out: whoever knows which person was given which secret finds no trace of it afterwards. All that stays is that one
more token of its batch was used, on a day.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID, uuid4

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.errors import TokenNotUsable
from services.feedback_api.models import SubmissionToken, TokenBatch, table_of
from services.feedback_api.references import UNITS, Named, require_known
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.database import driver_connection
from shared.ids import new_id

Kind = Literal["view", "survey"]
_BATCH, _TOKEN = table_of(TokenBatch), table_of(SubmissionToken)
# Without the letters that are taken for digits, since a token may be copied from a sheet of paper.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BETWEEN = " \t\r\n-"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys(_BETWEEN, None))
_LENGTH, _GROUP = 20, 5  # a hundred bits
_LONGEST = 100
_WRITTEN = {"0": "[0O]", "1": "[1IL]"}
# A word sent in the place of a token is nobody's, and may stand in many texts.
_SHORTEST_TAKEN_OUT = 6

# One statement for a good token and for a bad one. Two that bring the same token meet at its row: the second finds it
# without the digest and so not at all.
_SPEND = """UPDATE submission_token SET digest = NULL, used_on = $1
FROM token_batch AS batch
WHERE submission_token.digest = $2 AND batch.id = submission_token.batch_id AND batch.kind = $3
  AND batch.expires_at > $4 AND batch.revoked_at IS NULL
RETURNING batch.about, batch.unit, batch.channel, batch.respondent_group"""


@dataclass(frozen=True)
class Terms:
    """What tokens are issued for; `about` is the code of the wave where they are for a survey."""

    kind: Kind
    unit: str
    expires_at: datetime
    about: str | None = None
    channel: str | None = None
    respondent_group: str | None = None


@dataclass(frozen=True)
class Spent:
    """What a spent token was issued for; nothing by which to find it again."""

    unit: str
    about: str | None
    channel: str | None
    respondent_group: str | None


@dataclass(frozen=True)
class Issued:
    """A new batch and its secrets, which are told now and never again."""

    batch_id: UUID
    secrets: list[str]


async def issue(session: AsyncSession, caller: Caller, terms: Terms, count: int, now: datetime) -> Issued:
    """Issue so many tokens within the caller's units; raises Malformed where a code of the terms cannot be used."""
    await require_known(session, caller, _codes_of(terms, now))
    batch_id = new_id()
    batch = {
        "id": batch_id, "version": 1, "kind": terms.kind, "about": terms.about, "unit": terms.unit,
        "channel": terms.channel, "respondent_group": terms.respondent_group, "issued": count,
        "issued_by": caller.subject, "issued_at": now, "expires_at": terms.expires_at,
    }  # fmt: skip
    told = [_new_secret() for _ in range(count)]
    # Stored in the order of their digests: that of the secrets is often that of a list of people.
    digests = sorted(digest_of(secret) for secret in told)
    await session.execute(sa.insert(_BATCH).values(batch))
    rows = [{"id": uuid4(), "batch_id": batch_id, "digest": digest} for digest in digests]
    await session.execute(sa.insert(_TOKEN), rows)
    data = {"kind": terms.kind, "about": terms.about, "count": count, "channel": terms.channel}
    content = _content(batch)
    await record_activity(
        session, caller, "tokens.issued", "token_batch", batch_id, content=content, unit=terms.unit, data=data
    )
    return Issued(batch_id, told)


async def spend(session: AsyncSession, secret: str, kind: Kind, now: datetime) -> Spent:
    """Use a token up and learn what it was for; raises TokenNotUsable, the same for every token that is not good.

    What is stored for it goes into the same transaction: rolled back, the token is good again.
    """
    return await spend_on(await driver_connection(session), secret, kind, now)


async def spend_on(connection: asyncpg.Connection, secret: str, kind: Kind, now: datetime) -> Spent:
    """The same on the driver, in a transaction that has begun."""
    row = await connection.fetchrow(_SPEND, local_date(now), digest_of(secret), kind, now)
    if row is None:
        raise TokenNotUsable()
    return Spent(**row)


async def look_at(session: AsyncSession, secret: str, kind: Kind, now: datetime) -> Spent:
    """What a token is for, without using it up; raises TokenNotUsable, the same for every token that is not good."""
    statement = (
        sa.select(_BATCH.c.unit, _BATCH.c.about, _BATCH.c.channel, _BATCH.c.respondent_group)
        .join(_TOKEN, _TOKEN.c.batch_id == _BATCH.c.id)
        .where(_TOKEN.c.digest == digest_of(secret), _BATCH.c.kind == kind, _BATCH.c.expires_at > now)
        .where(_BATCH.c.revoked_at.is_(None))
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise TokenNotUsable()
    return Spent(row.unit, row.about, row.channel, row.respondent_group)


def digest_of(secret: str) -> bytes:
    """The digest by which a token is known, however it was typed: small letters, spaces and dashes are no matter."""
    read = secret[:_LONGEST].upper().translate(_READ_AS)
    return hashlib.sha256(read.encode("utf-8", "replace")).digest()


def without_token(text: str, secret: str) -> str:
    """A text without the token, which somebody may have copied into it, however it was typed there."""
    written = _written(secret[:_LONGEST])
    return written.sub("[token]", text) if written else text


@lru_cache(maxsize=1)
def _written(secret: str) -> re.Pattern[str] | None:
    """Every way to write a token. What may stand between its letters is none of them: nothing is looked at twice."""
    read = secret.upper().translate(_READ_AS)
    if len(read) < _SHORTEST_TAKEN_OUT:
        return None
    letters = (_WRITTEN.get(one) or re.escape(one) for one in read)
    return re.compile(f"[{_BETWEEN}]*+".join(letters), flags=re.IGNORECASE)


def _new_secret() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def _codes_of(terms: Terms, now: datetime) -> list[Named]:
    today = local_date(now)
    named = [
        Named("/unit", UNITS, terms.unit, today),
        Named("/channel", "channels", terms.channel or "", today),
        Named("/respondent_group", "respondent_groups", terms.respondent_group or "", today),
    ]
    return [one for one in named if one.code]


def _content(batch: dict[str, Any]) -> dict[str, Any]:
    days = {name: batch[name].isoformat() for name in ("issued_at", "expires_at")}
    return batch | days | {"id": str(batch["id"])}
