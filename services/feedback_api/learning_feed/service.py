"""Sharing what agencies learned, and recording what units made of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import flag_words
from services.feedback_api.learning_feed.errors import LearningReferenceInUse, LearningWithdrawn
from services.feedback_api.learning_feed.queries import find_learning
from services.feedback_api.learning_feed.schemas import (
    AgencyLearningIn,
    EvaluationIn,
    EvaluationOut,
    SharedLearningOut,
    SharedLearningRow,
)
from services.feedback_api.models import AgencyLearning, LearningEvaluation, LearningEvaluationHistory, table_of
from services.feedback_api.references import Named, require_known, units_in_view
from services.feedback_api.subjects import words_in
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import Precondition
from shared.ids import new_id
from shared.organisation.units import require_visible
from shared.problems import Fault, Forbidden, Malformed, NotFound
from shared.tables import org_unit

_LEARNING, _EVALUATION = table_of(AgencyLearning), table_of(LearningEvaluation)
_KEPT = ("agency", "source_ref", "themes", "learned_on", "learning")


def row_of(row: sa.Row[Any], caller: Caller) -> SharedLearningRow:
    """A row of the feed as it goes out."""
    actions = ["evaluate"] if caller.may("feedback:learning") else []
    if row.origin == "agency" and caller.unit is None and caller.may("feedback:complaints"):
        actions.append("withdraw")
    plain = {name: getattr(row, name) for name in SharedLearningRow.model_fields if name != "allowed_actions"}
    return SharedLearningRow(**plain, allowed_actions=actions)


async def read_learning(
    session: AsyncSession, caller: Caller, learning_id: UUID, today: date, *, waiting: bool = False
) -> SharedLearningOut:
    """One piece with what the units the caller sees made of it; raises NotFound."""
    units = await units_in_view(session, caller, None)
    row = await find_learning(session, units, learning_id, today, waiting=waiting)
    if row is None:
        raise NotFound()
    statement = sa.select(LearningEvaluation).where(_EVALUATION.c.learning_id == learning_id)
    if units is not None:
        statement = statement.where(_EVALUATION.c.unit.in_(units))
    found = (await session.execute(statement.order_by(_EVALUATION.c.unit))).scalars()
    evaluations = [EvaluationOut.of(one) for one in found]
    plain = row_of(row, caller).model_dump()
    return SharedLearningOut(**plain, evaluations=evaluations, learned_on=row.learned_on)


async def share(session: AsyncSession, caller: Caller, body: AgencyLearningIn, now: datetime) -> tuple[UUID, bool]:
    """Share what an agency learned; the same again changes nothing. Raises LearningReferenceInUse."""
    if body.learned_on > local_date(now):
        fault = Fault("/learned_on", "in_future", "this day has not come yet")
        raise Malformed("The date cannot be; see errors.", errors=[fault])
    named = [Named("/agency", "agencies", body.agency, body.learned_on)]
    named += [Named(f"/themes/{at}", "themes", theme, body.learned_on) for at, theme in enumerate(body.themes)]
    await require_known(session, caller, named)
    row = body.model_dump() | {"id": new_id(), "shared_by": caller.subject, "shared_at": now}
    statement = insert(_LEARNING).values(row).on_conflict_do_nothing(index_elements=["agency", "source_ref"])
    if (await session.execute(statement.returning(_LEARNING.c.id))).scalar_one_or_none() is not None:
        await flag_words(session, "agency_learning", str(row["id"]), None, {}, words_in(row), now)
        data = {"agency": body.agency, "themes": body.themes}
        await record_activity(
            session, caller, "learning.shared", "shared_learning", row["id"], content=body.model_dump(mode="json"),
            data=data,
        )  # fmt: skip
        return row["id"], True
    same = sa.select(_LEARNING).where(_LEARNING.c.agency == body.agency, _LEARNING.c.source_ref == body.source_ref)
    held = (await session.execute(same)).mappings().one()
    if held["withdrawn_at"] is not None or any(held[name] != row[name] for name in _KEPT):
        raise LearningReferenceInUse()
    return held["id"], False


async def withdraw(session: AsyncSession, caller: Caller, learning_id: UUID, reason: str, now: datetime) -> None:
    """Take what an agency shared out of the feed; raises Forbidden, NotFound or LearningWithdrawn."""
    if caller.unit is not None:
        raise Forbidden("What is shared is every unit's: a token for one organisation unit cannot take it away.")
    held = await session.get(AgencyLearning, learning_id, with_for_update=True)
    if held is None:
        raise NotFound()
    if held.withdrawn_at is not None:
        raise LearningWithdrawn()
    held.withdrawn_at, held.withdrawn_reason = now, reason
    await session.flush()
    await flag_words(session, "agency_learning", str(learning_id), None, {}, {"reason": reason}, now)
    data = {"agency": held.agency}
    await record_activity(
        session, caller, "learning.withdrawn", "shared_learning", learning_id, content={"reason": reason}, data=data
    )


async def evaluate(
    session: AsyncSession, caller: Caller, learning_id: UUID, unit: str, body: EvaluationIn, seen: Precondition,
    now: datetime,
) -> tuple[LearningEvaluation, bool]:  # fmt: skip
    """Record what a unit made of it; raises NotFound for learning not shared, or a unit not the caller's."""
    await require_visible(session, caller, unit)
    known = sa.select(org_unit.c.code).where(org_unit.c.code == unit).with_for_update(key_share=True)
    if (await session.execute(known)).scalar_one_or_none() is None:
        raise NotFound()
    if await find_learning(session, None, learning_id, local_date(now)) is None:
        raise NotFound()
    held = await session.get(LearningEvaluation, (learning_id, unit), with_for_update=True)
    seen.check(held.version if held else None)
    if held is not None and (held.relevant, held.what_we_did) == (body.relevant, body.what_we_did):
        return held, False
    new = held is None
    kept = held or LearningEvaluation(
        learning_id=learning_id, unit=unit, version=0, evaluated_by=caller.subject, evaluated_at=now
    )
    if held is not None:
        session.add(_history(held, caller, now))
    before = {"what_we_did": held.what_we_did or ""} if held else {}
    after, ref = {"what_we_did": body.what_we_did or ""}, f"{learning_id}/{unit}"
    await flag_words(session, "learning_evaluation", ref, unit, before, after, now)
    kept.relevant, kept.what_we_did, kept.version = body.relevant, body.what_we_did, kept.version + 1
    kept.evaluated_by, kept.evaluated_at = caller.subject, now
    session.add(kept)
    await session.flush()
    await record_activity(
        session, caller, "learning.evaluated", "shared_learning", learning_id, content=body.model_dump(), unit=unit,
        data={"unit": unit, "relevant": body.relevant, "version": kept.version},
    )  # fmt: skip
    return kept, new


def _history(held: LearningEvaluation, caller: Caller, now: datetime) -> LearningEvaluationHistory:
    return LearningEvaluationHistory(
        learning_id=held.learning_id, unit=held.unit, version=held.version,
        content=held.model_dump(mode="json", include={"relevant", "what_we_did", "evaluated_by"}),
        valid_from=held.evaluated_at, superseded_at=now, superseded_by=caller.subject,
    )  # fmt: skip
