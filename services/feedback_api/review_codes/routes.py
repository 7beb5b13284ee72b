"""The routes of review participation codes: take the SSDA903 file, and read how children took part."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, FastAPI, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.parameters import UnitFilter
from services.feedback_api.references import units_in_view
from services.feedback_api.review_codes import figures, queries, service
from services.feedback_api.review_codes.errors import NoPseudonymKey
from services.feedback_api.review_codes.reading import read_reviews
from services.feedback_api.review_codes.schemas import FILE, ParticipationOut, ReviewImportOut
from services.feedback_api.spans import span_of
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.idempotency import once
from shared.problems import TooLarge, UnsupportedMedia
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import Code
from shared.schemas.periods import PeriodCode
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1/review-participation", tags=["review participation"], route_class=StrictRoute)
MAX_BYTES = 20_000_000


@asynccontextmanager
async def open_pseudonym_key(app: FastAPI) -> AsyncIterator[None]:
    """Read the key once; a file that cannot be used stops the start."""
    app.state.pseudonym_key = app.state.settings.pseudonyms()
    yield


@router.post("/imports", response_model=ReviewImportOut, status_code=200, openapi_extra=FILE)
async def import_reviews(
    request: Request,
    caller: Annotated[Caller, may("feedback:write")],
    database: DatabaseOf,
    clock: ClockOf,
    unit: Annotated[Code, Query(description="whose children these are", examples=["fs_weymouth"])],
    mode: Annotated[
        Literal["atomic", "partial"], Query(description="one bad row refuses all, or only itself")
    ] = "atomic",
    dry_run: Annotated[bool, Query(description="only tell what would happen, bad rows and all")] = False,
) -> Response:
    """Take the file `reviews` of an SSDA903 return in its official layout. Sent again it changes nothing.

    A child's reference is kept only as a pseudonym made with the council's key; the date of birth is not kept.
    """
    key: bytes | None = request.app.state.pseudonym_key
    if key is None:
        raise NoPseudonymKey()
    raw = await _read(request)
    reviews = await asyncio.to_thread(read_reviews, raw, key, clock.today())
    # The digest of the file itself would let whoever has it prove who is in it.
    async with once(request, database, caller, hashlib.blake2b(raw, key=key[:64], digest_size=32).digest()) as deed:

        async def do(session: AsyncSession) -> ReviewImportOut:
            return await service.import_reviews(session, caller, unit, reviews, mode, clock.now(), dry_run=dry_run)

        if not dry_run:
            return deed.answer(await do(deed.session), 200)
        async with deed.session.begin_nested() as point:
            report = await do(deed.session)
            await point.rollback()
        return deed.answer(report, 200)


@router.get("", response_model=ParticipationOut)
async def get_review_participation(
    caller: Annotated[Caller, may("feedback:figures")],
    database: DatabaseOf,
    clock: ClockOf,
    period: Annotated[PeriodCode, Query(description="a month, a quarter or a year", examples=["FY2026-27-Q2"])],
    unit: UnitFilter = None,
) -> Response:
    """How children took part in their reviews, by code, with the share that was heard and its interval.

    True figures: there are so few reviews of a team or a month that counts of others would tell them.
    """
    span = span_of(period)
    async with database.snapshot() as session:
        counts = await queries.count_codes(session, span, await units_in_view(session, caller, unit))
    answer = figures.build(span, unit, counts, clock.now())
    return Response(answer.model_dump_json(), media_type="application/json")


async def _read(request: Request) -> bytes:
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "text/csv":
        raise UnsupportedMedia("Send text/csv.")
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BYTES:
            raise TooLarge(f"At most {MAX_BYTES} bytes are taken here.")
    return bytes(raw)
