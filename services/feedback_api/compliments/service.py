"""Recording compliments by their reference, and reading them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.compliments.errors import ComplimentReferenceInUse
from services.feedback_api.compliments.schemas import ComplimentIn, ComplimentRow, may_correct
from services.feedback_api.flagging import flag_words
from services.feedback_api.histories import SOURCE, decided_here
from services.feedback_api.models import Compliment, ComplimentHistory, Recategorisation, table_of
from services.feedback_api.quoting import follow_record
from services.feedback_api.references import UNITS, Named, require_known, units_in_view
from services.feedback_api.subjects import words_in
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.clock import local_date
from shared.ids import new_id
from shared.keyset import before
from shared.organisation.units import require_visible, visible_units
from shared.paging import Cursor
from shared.problems import Fault, Malformed, NotFound

_TABLE = table_of(Compliment)


def _codes(body: ComplimentIn) -> list[Named]:
    on = body.received_on
    named = [
        Named("/unit", UNITS, body.unit, on),
        Named("/agency", "agencies", body.agency or "", on),
        Named("/respondent_group", "respondent_groups", body.respondent_group or "", on),
        *(Named(f"/themes/{at}", "themes", theme, on) for at, theme in enumerate(body.themes)),
    ]
    return [one for one in named if one.code]


async def record_compliment(
    session: AsyncSession, caller: Caller, body: ComplimentIn, now: datetime
) -> tuple[dict[str, Any], Literal["created", "corrected", "unchanged"]]:
    """Store a new compliment, correct one its source changed, leave alone one only sent again."""
    if body.received_on > local_date(now):
        fault = Fault("/received_on", "in_future", "this day has not come yet")
        raise Malformed("The date cannot be; see errors.", errors=[fault])
    await require_known(session, caller, _codes(body))
    # Names are looked for and forgotten: not even a digest of them is kept.
    said = body.model_dump(mode="json", exclude_unset=True, exclude={"names_on_record"})
    sent = hashlib.sha256(canonical(said)).digest()
    row = body.model_dump(exclude={"names_on_record"}) | {
        "id": new_id(), "source_hash": sent, "version": 1, "recorded_by": caller.subject, "recorded_at": now,
        "changed_at": now,
    }  # fmt: skip
    statement = insert(_TABLE).values(row).on_conflict_do_nothing(index_elements=["respond_ref"])
    if (await session.execute(statement.returning(_TABLE.c.id))).scalar_one_or_none() is not None:
        await flag_words(session, "compliment", body.respond_ref, row["unit"], {}, words_in(row), now)
        await note(session, caller, "compliment.recorded", row)
        return row, "created"
    held = await find(session, body.respond_ref, lock=True)
    assert held is not None
    allowed = await visible_units(session, caller)
    if not may_correct(held, caller) or (allowed is not None and held["unit"] not in allowed):
        raise ComplimentReferenceInUse()
    if held["source_hash"] == sent:
        return held, "unchanged"
    said = body.model_dump(exclude_unset=True, exclude={"names_on_record"})
    return await _correct(session, caller, held, said | {"source_hash": sent}, now), "corrected"


async def _correct(
    session: AsyncSession, caller: Caller, held: dict[str, Any], changes: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """What a person decided here stands, unless the source changed that very field."""
    kept = table_of(ComplimentHistory)
    present = content_of(held)
    sent = {name: value for name, value in content_of(held | changes).items() if name in changes}
    stays = await decided_here(session, kept, kept.c.compliment_id, held["id"], present, sent)
    changes = {name: value for name, value in changes.items() if name not in stays}
    after = await change(session, caller, held, changes, now, SOURCE)
    await note(session, caller, "compliment.corrected", after)
    return after


async def change(
    session: AsyncSession, caller: Caller, held: dict[str, Any], changes: dict[str, Any], now: datetime, reason: str
) -> dict[str, Any]:
    """Write the next version and put what the compliment said before into its history."""
    after = held | changes | {"version": held["version"] + 1, "changed_at": now}
    await session.execute(
        sa.insert(table_of(ComplimentHistory)).values(
            compliment_id=held["id"], version=held["version"], content=content_of(held), reason=reason,
            valid_from=held["changed_at"], superseded_at=now, superseded_by=caller.subject,
        )
    )  # fmt: skip
    await session.execute(sa.update(_TABLE).where(_TABLE.c.id == held["id"]).values(after))
    said = held | {"said_on": held["received_on"]}, after | {"said_on": after["received_on"]}
    await follow_record(session, caller, "compliment", held["respond_ref"], *said, now)
    words = words_in(after if reason == SOURCE else after | {"reason": reason})
    await flag_words(session, "compliment", held["respond_ref"], after["unit"], words_in(held), words, now)
    return after


def content_of(row: dict[str, Any]) -> dict[str, Any]:
    """What a compliment says, as plain JSON."""
    names = ("received_on", "unit", "agency", "respondent_group", "themes", "words")
    merged = {"merged_into": str(row["merged_into"])} if row.get("merged_into") else {}
    return {name: row[name] for name in names} | {"received_on": row["received_on"].isoformat()} | merged


async def note(session: AsyncSession, caller: Caller, action: str, row: dict[str, Any]) -> None:
    """Record the deed: codes and numbers only, the words only as a digest."""
    data = {"themes": row["themes"], "agency": row["agency"], "version": row["version"]}
    await record_activity(
        session, caller, action, "compliment", row["respond_ref"], content=content_of(row), unit=row["unit"], data=data
    )


async def find(session: AsyncSession, respond_ref: str, *, lock: bool = False) -> dict[str, Any] | None:
    """The compliment of a reference, whoever may see it."""
    statement = sa.select(_TABLE).where(_TABLE.c.respond_ref == respond_ref)
    row = (await session.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    return None if row is None else dict(row)


async def find_compliment(session: AsyncSession, caller: Caller, respond_ref: str) -> dict[str, Any]:
    """Raises NotFound where there is none, or it belongs to units the caller does not see."""
    row = await find(session, respond_ref)
    if row is None:
        raise NotFound()
    await require_visible(session, caller, row["unit"])
    return row


async def list_rows(
    session: AsyncSession, caller: Caller, unit: str | None, theme: str | None, first: date | None,
    last: date | None, at: Cursor,
) -> Sequence[sa.Row[Any]]:  # fmt: skip
    """One page and a row more of the compliments the caller may see, newest first."""
    columns = [_TABLE.c[name] for name in ComplimentRow.model_fields]
    done = table_of(Recategorisation).c
    became = sa.exists().where(done.kind == "compliment", done.ref == _TABLE.c.respond_ref, done.undone_at.is_(None))
    statement = sa.select(*columns).where(before(at, _TABLE.c.received_on, _TABLE.c.id))
    statement = statement.where(_TABLE.c.merged_into.is_(None), ~became)
    units = await units_in_view(session, caller, unit)
    if units is not None:
        statement = statement.where(_TABLE.c.unit == sa.any_(sa.literal(units, sa.ARRAY(sa.Text))))
    if theme is not None:
        statement = statement.where(_TABLE.c.themes.contains([theme]))
    if first is not None:
        statement = statement.where(_TABLE.c.received_on >= first)
    if last is not None:
        statement = statement.where(_TABLE.c.received_on <= last)
    statement = statement.order_by(_TABLE.c.received_on.desc(), _TABLE.c.id.desc()).limit(at.fetch)
    return (await session.execute(statement)).all()
