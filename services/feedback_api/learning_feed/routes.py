"""The routes of shared learning: a feed across agencies, and what units made of it (R62)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from services.feedback_api.learning_feed import service
from services.feedback_api.learning_feed.queries import Filters, read_feed
from services.feedback_api.learning_feed.schemas import (
    AgencyLearningIn,
    EvaluationIn,
    EvaluationOut,
    LearningWithdrawalIn,
    SharedLearningOut,
    SharedLearningRow,
)
from services.feedback_api.parameters import CodeFilter
from services.feedback_api.references import units_in_view
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.etags import Precondition, precondition, version_etag
from shared.free_text import screen
from shared.idempotency import once
from shared.organisation.units import require_visible
from shared.paging import Cursor, Page, cursor, cut_page, link_header
from shared.resources import ClockOf, DatabaseOf, SettingsOf
from shared.schemas.base import Code
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/shared-learning", tags=["shared learning"], route_class=StrictRoute)
InPath = Annotated[UUID, Path()]


@router.get("", response_model=Page[SharedLearningRow])
async def list_shared_learning(
    request: Request,
    caller: Annotated[Caller, may("feedback:read")],
    database: DatabaseOf,
    clock: ClockOf,
    at: Annotated[Cursor, cursor(str, str)],
    agency: CodeFilter = None,
    theme: CodeFilter = None,
    origin: Literal["complaint", "agency"] | None = None,
    not_evaluated_by: Annotated[CodeFilter, Query(description="a unit that has not even taken note of it")] = None,
) -> Response:
    """Learning from complaints about the service, its partners and the partnership, in words approved for sharing.

    Oldest first: keep the last `next` you had and ask again `after` it for what was shared or changed since.
    """
    async with database.snapshot() as session:
        units = await units_in_view(session, caller, None)
        if not_evaluated_by is not None:
            await require_visible(session, caller, not_evaluated_by)
        rows = await read_feed(session, units, Filters(agency, theme, origin, not_evaluated_by), at, clock.today())
    page, following = cut_page(rows, at, lambda row: (row.shared_at.isoformat(), str(row.id)))
    answer = Page[SharedLearningRow](items=[service.row_of(row, caller) for row in page], next=following)
    return Response(answer.model_dump_json(), media_type="application/json", headers=link_header(request, following))


@router.post(
    "",
    response_model=SharedLearningOut,
    status_code=201,
    responses={200: {"model": SharedLearningOut, "description": "The reference is known and says the same."}},
)
async def share_agency_learning(
    request: Request,
    body: AgencyLearningIn,
    caller: Annotated[Caller, may("feedback:complaints")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Share what a partner agency or the partnership learned from complaints of its own."""
    screen({"/learning": body.learning}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        learning_id, new = await service.share(deed.session, caller, body, clock.now())
        # Whoever shared it is answered even where the duty role is to read it first.
        answer = await service.read_learning(deed.session, caller, learning_id, clock.today(), waiting=True)
        headers = {"Location": f"/v1/shared-learning/{learning_id}"}
        return deed.answer(answer, 201 if new else 200, headers, ("shared_learning", str(learning_id)))


@router.get("/{learning_id}", response_model=SharedLearningOut)
async def get_shared_learning(
    learning_id: InPath, caller: Annotated[Caller, may("feedback:read")], database: DatabaseOf, clock: ClockOf
) -> Response:
    """One piece of learning with what the units the caller sees made of it."""
    async with database.snapshot() as session:
        answer = await service.read_learning(session, caller, learning_id, clock.today())
    return Response(answer.model_dump_json(), media_type="application/json")


@router.post("/{learning_id}/withdrawal", status_code=204)
async def withdraw_agency_learning(
    request: Request,
    learning_id: InPath,
    body: LearningWithdrawalIn,
    caller: Annotated[Caller, may("feedback:complaints")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
) -> Response:
    """Take what an agency shared out of the feed. The learning of a complaint is changed with the complaint."""
    screen({"/reason": body.reason}, settings.free_text_identifiers)
    async with once(request, database, caller) as deed:
        await service.withdraw(deed.session, caller, learning_id, body.reason, clock.now())
        return deed.answer(b"", 204)


@router.put(
    "/{learning_id}/evaluations/{unit}",
    response_model=EvaluationOut,
    responses={201: {"model": EvaluationOut, "description": "The unit had said nothing of it before."}},
)
async def evaluate_learning(
    learning_id: InPath,
    unit: Code,
    body: EvaluationIn,
    caller: Annotated[Caller, may("feedback:learning")],
    database: DatabaseOf,
    clock: ClockOf,
    settings: SettingsOf,
    seen: Annotated[Precondition, precondition()],
) -> Response:
    """Take note of it for a unit, or say whether it is relevant there and what was done; earlier words are kept."""
    screen({"/what_we_did": body.what_we_did}, settings.free_text_identifiers)
    async with database.transaction() as session:
        row, new = await service.evaluate(session, caller, learning_id, unit, body, seen, clock.now())
        answer = EvaluationOut.of(row)
    headers = {"ETag": version_etag(row.version)}
    status = 201 if new else 200
    return Response(answer.model_dump_json(), status, media_type="application/json", headers=headers)
