"""Whom somebody who may be in trouble can call now: what every answer to the public carries, a refusal too."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from pydantic import Field

from services.feedback_api.limits import PublicLimits
from shared.database import Database
from shared.problems import BrokenRule, Malformed, TooLarge, UnsupportedMedia
from shared.schemas.base import OutModel

# One that names units is for those and what stands below them. A number that is not real yet is told to nobody.
_CONTACTS = """
WITH RECURSIVE above(code, parent) AS (
  SELECT code, parent FROM org_unit WHERE code = $1::text
  UNION SELECT higher.code, higher.parent FROM org_unit higher JOIN above ON higher.code = above.parent)
SELECT content::text FROM framework_item
WHERE kind = 'contacts' AND NOT retired AND content->>'placeholder' IS DISTINCT FROM 'true'
  AND (coalesce(content->'units', '[]') = '[]' OR content->'units' ?| ARRAY(SELECT code FROM above))
ORDER BY CAST(content->>'order' AS integer), code
"""


class ContactOut(OutModel):
    """Somebody to call."""

    name: str
    phone: str
    when_to_call: str
    hours: str
    emergency: bool = Field(default=False, description="for immediate danger")


async def contacts_for(connection: asyncpg.Connection, unit: str | None) -> list[ContactOut]:
    """Whom to call, the most urgent first: those for everybody, and those for this unit."""
    rows = await connection.fetch(_CONTACTS, unit)
    return [_contact(json.loads(row["content"])) for row in rows]


@asynccontextmanager
async def telling_whom_to_call(database: Database, limits: PublicLimits) -> AsyncIterator[None]:
    """Whoever is turned away for what they sent is told whom to call all the same."""
    try:
        yield
    except (BrokenRule, Malformed, TooLarge, UnsupportedMedia) as refusal:
        async with limits.place(), database.writing() as work:
            contacts = await contacts_for(await work.begin(), None)
        refusal.extra["call_now"] = [one.model_dump() for one in contacts]
        raise


def _contact(content: dict[str, Any]) -> ContactOut:
    return ContactOut(**{name: content[name] for name in ContactOut.model_fields if name in content})
