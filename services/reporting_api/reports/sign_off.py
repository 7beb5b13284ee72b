"""Where an edition is on its way: who may act now, which gates hold, what was done before and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.chain import Power, barred_from_signing, chain_of, open_step, read_powers
from services.reporting_api.definitions import Definitions, read_definitions
from services.reporting_api.document import document, held_back
from services.reporting_api.models import ReportComment, ReportStep
from services.reporting_api.registry import table_of
from services.reporting_api.reports.gates import check_signatures, gates_of
from services.reporting_api.reports.sign_off_schemas import (
    BarredOut,
    ChainStepOut,
    DelegateOut,
    GateOut,
    PastStepOut,
    SignOffOut,
    TurnOut,
)
from shared.auth.caller import Caller
from shared.auth.roles import RoleBook
from shared.problems import BrokenRule
from shared.schemas.board_report import BoardReport, Signature
from shared.schemas.framework.reporting import Gate, Report, SignOff

_steps, _comments = table_of(ReportStep), table_of(ReportComment)


async def read_sign_off(
    session: AsyncSession, caller: Caller, row: Any, book: RoleBook, today: date, threshold: int
) -> SignOffOut:
    known = await read_definitions(session)
    given = (
        await session.execute(
            sa.select(editions.signature_table).where(editions.s.report == row.id).order_by(editions.s.signed_at)
        )
    ).all()
    signed = sorted((one for one in given if one.voided_at is None), key=lambda one: one.sign_order)
    chain = chain_of(row.chain, known.reports.get(row.report))
    powers = await read_powers(session, today, roles={step.role for step in chain})
    state = editions.edition_out(row, known, signed, caller, powers)
    copy = row.disclosure == "full" and not editions.sees_full(caller)
    held = await editions.read_revision(session, row)
    definition = known.reports.get(row.report)
    content = document(held.content, held.edits, threshold)
    return SignOffOut(
        report=str(row.id), status=row.status, content_hash=state.content_hash,
        chain=_chain(row, chain, signed, state.signatures),
        gates=_gates(content, definition, known, row, signed) if definition else [],
        may_act=_turns(row, chain, signed, powers, book), history=await _history(session, row, given, copy=copy),
        open_comments=await _open_comments(session, row.id), version=row.version,
        allowed_actions=state.allowed_actions,
    )  # fmt: skip


def _chain(row: Any, chain: Sequence[SignOff], signed: Sequence[Any], shown: Sequence[Signature]) -> list[ChainStepOut]:
    given = dict(zip((one.sign_order for one in signed), shown, strict=True))
    following = open_step(chain, signed) if row.status == "submitted" else None
    return [
        ChainStepOut(
            order=step.order, role=step.role, signature=given.get(step.order),
            state="signed" if step.order in given else "open" if step is following else "waiting",
        )
        for step in chain
    ]  # fmt: skip


def _gates(
    content: BoardReport, definition: Report, known: Definitions, row: Any, signed: Sequence[Any]
) -> list[GateOut]:
    """Each gate asked of the content as it stands, not only the first that does not hold."""
    found = [_asked(name, check, content, definition) for name, check in gates_of(definition, known, row)]
    if Gate.head_of_service_sign_off in definition.gates:
        told = (definition, row.submitted_by, row.content_hash, signed)
        found.append(_asked(Gate.head_of_service_sign_off.value, check_signatures, *told))
    return found


def _asked(name: str, check: Callable[..., None], *told: Any) -> GateOut:
    try:
        check(*told)
    except BrokenRule as problem:
        return GateOut(
            gate=name, holds=False, problem=problem.slug, title=problem.title, detail=problem.detail,
            lacking=[fault.pointer for fault in problem.errors],
        )  # fmt: skip
    return GateOut(gate=name, holds=True)


def _turns(
    row: Any, chain: Sequence[SignOff], signed: Sequence[Any], powers: Sequence[Power], book: RoleBook
) -> list[TurnOut]:
    """What may be done now and by whom, apart from editing and reopening, which is for all who write."""
    if row.status == "draft":
        return [TurnOut(action="submit", roles=_with(book, "reporting:write"))]
    if row.status == "published":
        return [] if row.has_open_edition else [TurnOut(action="supersede", roles=_with(book, "reporting:write"))]
    if row.status not in ("submitted", "signed_off"):
        return []
    back = TurnOut(
        action="send_back", roles=list(dict.fromkeys(step.role for step in chain)),
        delegates=_delegates(row, powers, [step.role for step in chain]),
        not_by=[BarredOut(subject=row.submitted_by, why="submitted")],
    )  # fmt: skip
    withdraw = TurnOut(action="withdraw", roles=[], only=row.submitted_by)
    following = open_step(chain, signed)
    if following is None:
        return [TurnOut(action="publish", roles=_with(book, "reporting:publish")), back, withdraw]
    barred = barred_from_signing(row.submitted_by, row.writers, signed)
    sign = TurnOut(
        action="sign", roles=[following.role],
        delegates=[
            one
            for one in _delegates(row, powers, [following.role])
            if one.delegate not in barred and one.delegator not in barred
        ],
        not_by=[BarredOut(subject=subject, why=why) for subject, why in sorted(barred.items())],
    )  # fmt: skip
    return [sign, back, withdraw]


def _with(book: RoleBook, scope: str) -> list[str]:
    return [role for role in book.roles if scope in book.scopes_of([role])]


def _delegates(row: Any, powers: Sequence[Power], roles: Sequence[str]) -> list[DelegateOut]:
    return [
        DelegateOut(delegate=one.delegate, delegator=one.delegator, ends_on=one.ends_on, delegation=str(one.id))
        for one in powers
        if one.role in roles and one.reaches(row.report, row.unit)
    ]


async def _history(session: AsyncSession, row: Any, given: Sequence[Any], *, copy: bool) -> list[PastStepOut]:
    """Steps and signatures in order of time.

    A copy holds back words that tell a number, and the hash, from which a few hidden numbers could be guessed.
    """

    def words(text: str | None) -> str | None:
        return held_back(text) if copy else text

    def told(content_hash: str) -> str | None:
        return None if copy else content_hash

    taken = (await session.execute(sa.select(_steps).where(_steps.c.report == row.id))).all()
    found = {
        one.id: PastStepOut(
            step=one.step, subject=one.subject, role=one.role, on_behalf_of=one.on_behalf_of, taken_at=one.taken_at,
            words=words(one.reason), sections=one.sections, content_hash=told(one.content_hash),
        )
        for one in taken
    }  # fmt: skip
    for one in given:
        found[one.id] = PastStepOut(
            step="signed", subject=one.subject, role=one.role, on_behalf_of=one.on_behalf_of, taken_at=one.signed_at,
            words=words(one.comment), content_hash=told(one.content_hash), void=one.voided_at is not None,
        )  # fmt: skip
    return [found[key] for key in sorted(found, key=lambda key: (found[key].taken_at, key))]


async def _open_comments(session: AsyncSession, report: UUID) -> int:
    c = _comments.c
    statement = sa.select(sa.func.count()).where(c.report == report, c.in_reply_to.is_(None), c.resolved_at.is_(None))
    return int((await session.execute(statement)).scalar_one())
