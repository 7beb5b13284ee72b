"""Suggesting themes for records, and keeping what people decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import ThemeDecision, table_of
from services.feedback_api.references import Named, require_known
from services.feedback_api.themes.records import Record, set_themes
from services.feedback_api.themes.schemas import DecisionOut, RecordSuggestionsOut, SuggestionsOut, ThemeDecisionIn
from services.feedback_api.themes.taxonomy import read_classifier, read_taxonomy, register
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.ids import new_id

_DECISION = table_of(ThemeDecision)


async def suggest_for(session: AsyncSession, record: Record) -> RecordSuggestionsOut:
    """What the classifier suggests for a record as it stands, by the taxonomy of its day."""
    taxonomy = await read_taxonomy(session, record.day)
    classifier = await read_classifier(session, taxonomy)
    found = SuggestionsOut.of(classifier, taxonomy.titles, record.words)
    decided = sa.select(sa.func.max(_DECISION.c.decided_at)).where(*_about(record))
    return RecordSuggestionsOut(
        **dict(found), themes=list(record.themes), decided_at=(await session.execute(decided)).scalar_one()
    )


def _about(record: Record) -> tuple[sa.ColumnElement[bool], ...]:
    return _DECISION.c.subject_kind == record.kind.name, _DECISION.c.subject_id == record.id


async def decide(
    session: AsyncSession, caller: Caller, record: Record, body: ThemeDecisionIn, now: datetime
) -> DecisionOut:
    """Give a locked record the themes a person chose, and keep what had been suggested before they chose."""
    codes: Sequence[tuple[str, list[str]]] = (("confirmed", body.confirmed), ("rejected", body.rejected))
    named = [Named(f"/{name}/{at}", "themes", code, record.day) for name, of in codes for at, code in enumerate(of)]
    await require_known(session, caller, named)
    classifier = await read_classifier(session, await read_taxonomy(session, record.day))
    suggested = [one.theme for one in classifier.suggest(*record.words.values())]
    version = record.version
    if set(body.confirmed) != set(record.themes):
        version = await set_themes(session, caller, record, body.confirmed, now, "themes decided")
    learned_through = await register(session, classifier, now)
    earlier = sa.select(sa.exists().where(*_about(record)))
    row: dict[str, Any] = {
        "id": new_id(), "subject_kind": record.kind.name, "subject_id": record.id, "unit": record.unit,
        "subject_version": record.version, "suggested": suggested, "chosen": body.confirmed,
        "rejected": body.rejected, "first": not (await session.execute(earlier)).scalar_one(),
        "classifier": classifier.version, "learned_through": learned_through, "decided_by": caller.subject,
        "decided_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(_DECISION).values(row))
    told = {"themes": body.confirmed, "suggested": suggested, "classifier": classifier.version, "version": version}
    await record_activity(
        session, caller, f"{record.kind.name}.themes_decided", record.kind.name, record.ref, content=told,
        unit=record.unit, data=told,
    )  # fmt: skip
    return DecisionOut(
        id=row["id"], kind=record.kind.name, ref=record.ref, version=version, themes=body.confirmed,
        suggested=suggested, added=[code for code in body.confirmed if code not in suggested],
        dropped=[code for code in suggested if code not in body.confirmed], rejected=body.rejected,
        classifier=classifier.version, decided_by=caller.subject, decided_at=now,
    )  # fmt: skip
