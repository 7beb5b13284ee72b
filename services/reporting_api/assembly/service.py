"""Stores what was assembled: a first draft, or a refreshed one with what people wrote kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.assembly.brief import Brief
from services.reporting_api.assembly.compose import compose
from services.reporting_api.assembly.draft import Draft, read_draft
from services.reporting_api.assembly.errors import AwaitsMeeting, NoLongerDraft, NotYetOwed, OccurrenceWithdrawn
from services.reporting_api.assembly.evidence import Evidence, Got
from services.reporting_api.assembly.material import Material
from services.reporting_api.assembly.movements import movements
from services.reporting_api.definitions import boards_of
from services.reporting_api.document import lay_over
from services.reporting_api.models import SourceReading
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrence_table
from services.reporting_api.telling import hold
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.ids import new_id
from shared.organisation.units import visible_units
from shared.problems import NotFound
from shared.schemas.board_report import BoardReport

# A draft that lacks a source is tried again after this long, then after twice that, up to eight times that.
REFRESH_AFTER = timedelta(minutes=15)
_DOUBLED_AT_MOST = 3
# Reasons for which asking again is no use.
_FOR_GOOD = ("not_offered", "no_area")
_reading: sa.Table = SourceReading.__table__  # type: ignore[attr-defined]


@dataclass
class _Level:
    """One level of disclosure: the report, the draft it follows, and its content as it is stored.

    Once it is settled, what people wrote lies over the report.
    """

    report: BoardReport
    before: BoardReport | None
    content: str = ""
    moved: list[dict[str, Any]] | None = None
    hash: str = ""


async def find_occurrence(session: AsyncSession, caller: Caller, wanted: UUID, *, lock: bool = False) -> Any:
    """The occurrence, held until the end of the transaction if `lock`; raises NotFound out of the caller's scope."""
    statement = sa.select(occurrence_table).where(occurrence.id == wanted)
    if lock:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).one_or_none()
    allowed = await visible_units(session, caller)
    if row is None or (allowed is not None and row.unit not in allowed):
        raise NotFound()
    return row


async def open_edition(session: AsyncSession, row: Any, today: date) -> Any | None:
    """The draft to refresh, or None where a first one is to be made; raises where neither may be."""
    if row.withdrawn_on is not None:
        raise OccurrenceWithdrawn()
    if row.due_on is None:
        raise AwaitsMeeting()
    if row.opens_on > today:
        raise NotYetOwed(f"It is owed from {row.opens_on.isoformat()}.")
    statement = editions.SELECT.where(editions.c.occurrence == row.id, editions.c.status == "draft")
    draft = (await session.execute(statement)).one_or_none()
    if draft is None and row.stage in ("submitted", "signed_off", "published"):
        raise NoLongerDraft()
    return draft


async def drafted_as_of(session: AsyncSession, occurrence: UUID) -> datetime | None:
    """Up to when the draft of an occurrence tells; None where there is none."""
    revision = editions.revision_table.c
    statement = (
        sa.select(revision.content["as_of"].astext)
        .join(editions.table, sa.and_(editions.c.id == revision.report, editions.c.revision == revision.revision))
        .where(editions.c.occurrence == occurrence, editions.c.status == "draft")
    )
    found = (await session.execute(statement)).scalar_one_or_none()
    return None if found is None else datetime.fromisoformat(found)


async def store_assembly(session: AsyncSession, caller: Caller, row: Any, material: Material, today: date) -> UUID:
    """Store the content of a locked occurrence; returns the edition's id."""
    brief, draft = material.brief, await open_edition(session, row, today)
    held = await _held(session, draft, material.draft) if draft else None
    report = draft.id if draft else new_id()
    own, copy = _levels(material, str(report), draft.edition if draft else 1, held)
    edits = held.edits if held else {}
    await _settle(session, own, edits, brief.threshold)
    if copy is not None:
        await _settle(session, copy, edits, brief.threshold, copy=True)
    if draft is None:
        await _begin(session, caller, row, brief, report, (own.hash, copy.hash if copy else None))
    revision = draft.revision + 1 if draft else 1
    await session.execute(
        sa.insert(editions.revision_table).values(
            report=report, revision=revision, cause="assembly", content=_as_json(own.content),
            protected=_as_json(copy.content) if copy else None, edits=edits, content_hash=own.hash,
            created_by=caller.subject,
            moved=own.moved, protected_moved=copy.moved if copy else None,
        )
    )  # fmt: skip
    if draft is not None:
        await session.execute(
            sa.update(editions.table)
            .where(editions.c.id == report)
            .values(
                revision=revision, version=editions.c.version + 1, content_hash=own.hash,
                protected_hash=copy.hash if copy else None, disclosure="protected" if brief.protected else "full",
                boards=boards_of(brief.report), title=brief.report.title,
            )
        )  # fmt: skip
    await _mark_drafted(session, row, _try_again(own.report, row.assemblies, brief.now))
    await _remember_readings(session, material.evidence, brief.now)
    await record_activity(
        session, caller, "report.refreshed" if draft else "report.assembled", "report", report, unit=row.unit,
        content=own.hash, data={"report": row.report, "period": row.period, "missing": len(own.report.missing)},
    )  # fmt: skip
    return report


async def _held(session: AsyncSession, draft: Any, read: Draft | None) -> Draft | None:
    """The content of a locked draft: as it was read before, where it still stands so."""
    same = read is not None and (read.report, read.revision) == (draft.id, draft.revision)
    return read if same else await read_draft(session, draft.occurrence)


def _levels(material: Material, report: str, edition: int, held: Draft | None) -> tuple[_Level, _Level | None]:
    """The content for the report's own board, and a copy with small numbers hidden where that board sees them."""
    brief = material.brief

    def one(protected: bool, before: BoardReport | None) -> _Level:
        made = compose(material, report_id=report, edition=edition, protected=protected, before=before)
        if held is not None:
            made.supersession_reason = held.content.supersession_reason
        return _Level(made, before)

    # A draft of another level is no basis: kept sections would carry its numbers over.
    same = held if held and held.content.disclosure == ("protected" if brief.protected else "full") else None
    own = one(brief.protected, same.content if same else None)
    return own, None if brief.protected else one(True, same.protected if same else None)


async def _settle(
    session: AsyncSession, level: _Level, edits: dict[str, Any], threshold: int, *, copy: bool = False
) -> None:
    """Leave of a protected level what may be told beside all that was told before; then what moved, and the hash.

    Nothing is said to have moved in a first draft, nor in one of another level of disclosure.
    """
    if level.report.disclosure == "protected":
        await hold(session, level.report, threshold, copy=copy)
    if level.before is not None:
        level.moved = [one.model_dump(mode="json") for one in movements(level.before, level.report)]
    level.content = level.report.model_dump_json()
    level.hash = lay_over(level.report, edits, threshold, copy=copy).content_hash


def _as_json(content: str) -> sa.ColumnElement[Any]:
    return sa.cast(sa.literal(content, sa.Text()), JSONB)


async def _begin(
    session: AsyncSession, caller: Caller, row: Any, brief: Brief, report: UUID, hashes: tuple[str, str | None]
) -> None:
    await session.execute(
        sa.insert(editions.table).values(
            id=report, occurrence=row.id, report=row.report, period=row.period, edition=1, status="draft",
            title=brief.report.title, boards=boards_of(brief.report), unit=row.unit,
            disclosure="protected" if brief.protected else "full", revision=1, content_hash=hashes[0],
            protected_hash=hashes[1], version=1, created_by=caller.subject,
        )
    )  # fmt: skip


def _try_again(report: BoardReport, assemblies: int, now: datetime) -> datetime | None:
    """When a draft that lacks a source, or shows one as it was, is assembled again; an outage may last a week."""
    lost = any(source.availability != "available" for section in report.sections for source in section.sources) or any(
        section.availability == "unavailable" and section.unavailable_reason not in _FOR_GOOD
        for section in report.sections
    )
    return now + REFRESH_AFTER * 2 ** min(assemblies, _DOUBLED_AT_MOST) if lost else None


async def _mark_drafted(session: AsyncSession, row: Any, again: datetime | None) -> None:
    await session.execute(
        sa.update(occurrence_table)
        .where(occurrence.id == row.id)
        .values(
            stage="published" if row.stage == "published" else "draft", assemblies=occurrence.assemblies + 1,
            refresh_after=again, version=occurrence.version + 1,
        )
    )  # fmt: skip


async def _remember_readings(session: AsyncSession, evidence: Evidence, now: datetime) -> None:
    """Keep when each source last answered well, for the day it does not."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for question, found in evidence.answers.items():
        service, endpoint = question.endpoint
        row: dict[str, Any] = {"service": service, "endpoint": endpoint}
        if isinstance(found, Got):
            row |= {"as_of": found.as_of, "last_good_at": now, "last_failed_at": None, "last_reason": None}
        else:
            row |= {"as_of": None, "last_good_at": None, "last_failed_at": now, "last_reason": found.reason}
        rows[question.endpoint] = row
    if not rows:
        return
    upsert = insert(_reading)
    new, old = upsert.excluded, _reading.c
    ordered = [rows[key] for key in sorted(rows)]
    await session.execute(
        upsert.on_conflict_do_update(
            index_elements=["service", "endpoint"],
            set_={
                name: sa.func.coalesce(new[name], old[name])
                for name in ("as_of", "last_good_at", "last_failed_at", "last_reason")
            },
        ),
        ordered,
    )
