"""Recording and correcting views: one path for a single post and for a batch of thousands."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import Flagged, raise_flag, raise_flags
from services.feedback_api.histories import SOURCE, decided_here
from services.feedback_api.models import View, ViewHistory, ViewLink, table_of
from services.feedback_api.quoting import follow_record
from services.feedback_api.references import UNITS, Known, Named
from services.feedback_api.standing import STANDING
from services.feedback_api.views.queries import Links, lock_held
from services.feedback_api.views.schemas import WORDS, ViewEdit, ViewIn, ViewLinkIn
from services.feedback_api.views.store import store_new
from shared.activity.record import deed_values, record_activity
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.free_text import reads_like_harm
from shared.ids import new_id
from shared.problems import Fault, Malformed
from shared.work import Work

State = Literal["created", "corrected", "unchanged", "in_use"]
_VIEW = table_of(View)
_LINK = table_of(ViewLink)
_HISTORY = table_of(ViewHistory)
# Found in what is said; what was found once stays.
_OF_WORDS = {"safeguarding_flag", "flag_reasons"}
_PLAIN = tuple(name for name in ViewIn.model_fields if name not in ("links", "names_on_record"))
_KEPT = ("id", "version", "recorded_by", "recorded_at", "changed_at", "source_hash", "import_id")


@dataclass(frozen=True)
class Sent:
    """A view as it was sent, with the sorts of harm its words may speak of."""

    body: ViewIn
    reasons: list[str]


@dataclass
class Recorded:
    """What became of one view that was sent: the row as it now stands, and its links."""

    state: State
    view: dict[str, Any]
    links: Links


def codes_of(view: ViewIn | ViewEdit, on: date) -> list[Named]:
    """The codes a view names, which must be in force on the day it was given."""
    named = [
        Named("/channel", "channels", view.channel or "", on),
        Named("/respondent_group", "respondent_groups", view.respondent_group or "", on),
        Named("/unit", UNITS, view.unit or "", on),
        *(Named(f"/themes/{at}", "themes", theme, on) for at, theme in enumerate(view.themes or [])),
    ]
    return [one for one in named if one.code]


def date_faults(given_on: date, today: date) -> list[Fault]:
    return [Fault("/given_on", "in_future", "this day has not come yet")] if given_on > today else []


def harm_in(body: ViewIn) -> list[str]:
    return reads_like_harm(body.what_works, body.what_should_change)


def as_row(sent: Sent, caller: Caller, now: datetime, import_id: UUID | None = None) -> dict[str, Any]:
    """A new row of the table from what was sent."""
    body = sent.body
    # Names are looked for and forgotten: not even a digest of them is kept.
    said = body.model_dump(mode="json", exclude_unset=True, exclude={"names_on_record"})
    return {name: getattr(body, name) for name in _PLAIN} | {
        "id": new_id(),
        "source_hash": hashlib.sha256(canonical(said)).digest(),
        "safeguarding_flag": bool(sent.reasons),
        "flag_reasons": sent.reasons,
        "import_id": import_id,
        "version": 1,
        "recorded_by": caller.subject,
        "recorded_at": now,
        "changed_at": now,
    }


def links_in(links: Sequence[ViewLinkIn]) -> Links:
    """Links in the order in which they are read back."""
    return sorted((str(link.kind), link.ref) for link in links)


async def record_views(
    session: AsyncSession, caller: Caller, views: Sequence[Sent], known: Known, now: datetime,
    import_id: UUID | None = None,
) -> list[Recorded]:  # fmt: skip
    """Store what is new, correct what its source changed, leave alone what it only sent again.

    The views have been checked. Concurrent senders of one reference meet at its unique constraint.
    """
    rows = [as_row(sent, caller, now, import_id) for sent in views]
    # A fixed order of insertion keeps two batches that share references from waiting in a ring.
    ordered = sorted(rows, key=lambda row: (row["source"], row["source_ref"] or ""))
    statement = insert(_VIEW).on_conflict_do_nothing(index_elements=["source", "source_ref"]).returning(_VIEW.c.id)
    created = set((await session.execute(statement, ordered)).scalars()) if ordered else set()
    held = await lock_held(session, [row for row in rows if row["id"] not in created])
    answers: list[Recorded] = []
    fresh: list[dict[str, Any]] = []
    for sent, row in zip(views, rows, strict=True):
        links = links_in(sent.body.links)
        if row["id"] in created:
            answers.append(Recorded("created", row, links))
            fresh += [{"view_id": row["id"], "kind": kind, "ref": ref} for kind, ref in links]
        else:
            answers.append(await _meet(session, caller, known, held[row["source"], row["source_ref"]], row, links))
    if fresh:
        await session.execute(sa.insert(_LINK), fresh)
    new = [answer.view for answer in answers if answer.state == "created"]
    flagged = [Flagged("view", str(view["id"]), view["unit"], view["flag_reasons"]) for view in new]
    await raise_flags(session, flagged, now)
    return answers


async def record_view(work: Work, caller: Caller, sent: Sent, now: datetime) -> Recorded:
    """Store one view with its deed. Most are new and need nobody's look: those go in by one statement."""
    named = codes_of(sent.body, sent.body.given_on)
    standing = await STANDING.known(work)
    if not sent.reasons and not standing.known_to(caller).faults(named):
        row, links = as_row(sent, caller, now), links_in(sent.body.links)
        deed = deed_values(caller, "view.recorded", "view", row["id"], **_told(row, links))
        if await store_new(work, row, links, standing.state, deed):
            return Recorded("created", row, links)
    known = (await STANDING.current(work)).known_to(caller)
    if faults := known.faults(named):
        raise Malformed("A code cannot be used; see errors.", errors=faults)
    session = await work.session()
    (done,) = await record_views(session, caller, [sent], known, now)
    if done.state in ("created", "corrected"):
        action = "view.recorded" if done.state == "created" else "view.corrected"
        await note(session, caller, action, done.view, done.links)
    return done


async def _meet(
    session: AsyncSession, caller: Caller, known: Known, held: tuple[dict[str, Any], Links],
    row: dict[str, Any], links: Links,
) -> Recorded:  # fmt: skip
    view, had = held
    # Whoever sent it may correct it; else only those who handle complaints, and only within their units.
    own = caller.may("feedback:complaints") or view["recorded_by"] == caller.subject
    if not own or (known.allowed is not None and view["unit"] not in known.allowed):
        return Recorded("in_use", view, had)
    if view["source_hash"] == row["source_hash"]:
        return Recorded("unchanged", view, had)
    sent = content_of(row, links)
    # What a person decided here stands, unless the source changed that very field.
    stays: set[str] = set()
    if view["version"] > 1:
        stays = await decided_here(session, _HISTORY, _HISTORY.c.view_id, view["id"], content_of(view, had), sent)
    changes = {name: value for name, value in row.items() if name not in _KEPT and name not in stays - _OF_WORDS}
    changes |= {"source_hash": row["source_hash"]}
    links = had if "links" in stays else links
    changed = await change_view(session, caller, view, had, changes, links, row["changed_at"], SOURCE)
    return Recorded("corrected", changed, links)


async def change_view(
    session: AsyncSession, caller: Caller, view: dict[str, Any], had: Links,
    changes: dict[str, Any], links: Links, now: datetime, reason: str | None,
) -> dict[str, Any]:  # fmt: skip
    """Write a new version over a locked view and keep the old one; a flag once raised stays raised."""
    after = view | changes
    # What a source sent was looked through before the transaction began.
    found = changes.get("flag_reasons")
    if found is None:
        found = reads_like_harm(after["what_works"], after["what_should_change"])
    new = [one for one in found if one not in view["flag_reasons"]]
    after |= {
        "flag_reasons": [*view["flag_reasons"], *new],
        "safeguarding_flag": view["safeguarding_flag"] or bool(new),
        "version": view["version"] + 1,
        "changed_at": now,
    }
    await session.execute(
        sa.insert(_HISTORY).values(
            view_id=view["id"], version=view["version"], content=content_of(view, had), reason=reason,
            valid_from=view["changed_at"], superseded_at=now, superseded_by=caller.subject,
        )
    )  # fmt: skip
    await session.execute(sa.update(_VIEW).where(_VIEW.c.id == view["id"]).values(after))
    was, now_is = view | {"said_on": view["given_on"]}, after | {"said_on": after["given_on"]}
    await follow_record(session, caller, "view", view["id"], was, now_is, now)
    if links != had:
        await session.execute(sa.delete(_LINK).where(_LINK.c.view_id == view["id"]))
        if links:
            values = [{"view_id": view["id"], "kind": kind, "ref": ref} for kind, ref in links]
            await session.execute(sa.insert(_LINK), values)
    reworded = bool(found) and any(view[name] != after[name] for name in WORDS)
    said = [] if reason == SOURCE else reads_like_harm(reason)
    reasons = [*after["flag_reasons"], *(one for one in said if one not in after["flag_reasons"])]
    await raise_flag(session, "view", view["id"], after["unit"], reasons, now, reworded=reworded)
    return after


def content_of(view: dict[str, Any], links: Links) -> dict[str, Any]:
    """What a view says, as plain JSON."""
    content = {name: value for name, value in view.items() if name not in _KEPT}
    return content | {"given_on": view["given_on"].isoformat(), "links": [list(link) for link in links]}


async def note(session: AsyncSession, caller: Caller, action: str, view: dict[str, Any], links: Links) -> None:
    """Record the deed: codes and numbers only, the words only as a digest."""
    await record_activity(session, caller, action, "view", view["id"], **_told(view, links))


def _told(view: dict[str, Any], links: Links) -> dict[str, Any]:
    data = {name: view[name] for name in ("channel", "respondent_group", "sentiment", "rating", "themes", "version")}
    return {"content": content_of(view, links), "unit": view["unit"], "data": data}
