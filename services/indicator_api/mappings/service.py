"""Saving mappings, and making one ready to read a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.errors import UnfitMapping
from services.indicator_api.mappings import queries
from services.indicator_api.mappings.reading import Reading
from services.indicator_api.mappings.rules import faults_of
from services.indicator_api.mappings.schemas import MappingIn
from services.indicator_api.models import metadata
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import IfMatch, Precondition
from shared.problems import Fault, Forbidden, NotFound
from shared.tables import framework_item

_mapping, _version = metadata.tables["source_mapping"], metadata.tables["source_mapping_version"]
_MOST_FAULTS = 100


@dataclass(frozen=True)
class MappingInUse:
    """A mapping in the version that reads a file."""

    code: str
    version: int
    reading: Reading


def check_whole_council(caller: Caller) -> None:
    """Raises Forbidden: every unit's files may be read through a mapping."""
    if caller.unit is not None:
        raise Forbidden("A mapping is the whole council's: a token for one organisation unit cannot change it.")


async def save_mapping(
    session: AsyncSession, caller: Caller, code: str, mapping: MappingIn, seen: Precondition, now: datetime
) -> bool:
    """Store a mapping as its next version, unless it says what it said; whether there was none before."""
    check_whole_council(caller)
    row = await queries.find_mapping(session, code, lock=True)
    is_new = row is None or row.deleted
    seen.check(None if row is None or row.deleted else row.version)
    faults = [*faults_of(mapping), *await _unknown_codes(session, mapping)]
    if faults:
        raise UnfitMapping("Nothing was saved; see errors.", errors=faults[:_MOST_FAULTS])
    content = mapping.model_dump(mode="json")
    if is_new or (row is not None and row.content != content):
        await _store(session, caller, code, row, content, now, deleted=False)
    return is_new


async def delete_mapping(session: AsyncSession, caller: Caller, code: str, seen: IfMatch, now: datetime) -> None:
    """No file is read through it any more; its versions stay, for imports name them."""
    check_whole_council(caller)
    row = await queries.find_mapping(session, code, lock=True)
    if row is None or row.deleted:
        raise NotFound()
    seen.check(row.version)
    await _store(session, caller, code, row, row.content, now, deleted=True)


async def mapping_in_use(session: AsyncSession, code: str, version: int | None = None) -> MappingInUse | None:
    """The mapping files are read through now, or one that a job was posted with; None where there is none."""
    row = await (queries.find_mapping(session, code) if version is None
                 else queries.find_version(session, code, version))  # fmt: skip
    if row is None or row.deleted:
        return None
    mapping = MappingIn.model_validate(row.content)
    numbers = await queries.read_la_numbers(session) if mapping.area_by == "la_number" else {}
    return MappingInUse(row.code, row.version, Reading(mapping, numbers))


async def _store(
    session: AsyncSession,
    caller: Caller,
    code: str,
    before: sa.Row[Any] | None,
    content: dict[str, Any],
    now: datetime,
    *,
    deleted: bool,
) -> None:
    version = 1 if before is None else before.version + 1
    values = {"version": version, "content": content, "deleted": deleted, "changed_by": caller.subject,
              "changed_at": now}  # fmt: skip
    if before is None:
        await session.execute(sa.insert(_mapping).values(code=code, **values))
    else:
        await session.execute(sa.update(_mapping).where(_mapping.c.code == code).values(**values))
    await session.execute(sa.insert(_version).values(code=code, **values))
    action = "mapping.deleted" if deleted else "mapping.saved"
    await record_activity(session, caller, action, "mapping", code, content=content, data={"version": version})


async def _unknown_codes(session: AsyncSession, mapping: MappingIn) -> list[Fault]:
    """The source system and the constant indicators that are not applied."""
    named = {"/source_system": ("source_systems", mapping.source_system)}
    for where, constants in (
        ("/constants", mapping.constants),
        *((f"/figures/{at}/constants", one.constants) for at, one in enumerate(mapping.figures)),
    ):
        if "indicator" in constants:
            named[f"{where}/indicator"] = ("indicators", constants["indicator"])
    table = framework_item
    codes = {code for _, code in named.values()}
    known = sa.select(table.c.kind, table.c.code).where(table.c.code.in_(codes), ~table.c.retired)
    applied = {tuple(row) for row in await session.execute(known)}
    words = {"source_systems": "a source system", "indicators": "an indicator"}
    return [
        Fault(pointer, "unknown_code", f"this is not the code of {words[kind]} that is applied")
        for pointer, (kind, code) in named.items()
        if (kind, code) not in applied
    ]
