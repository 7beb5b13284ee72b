"""The routes of the reconciliation: counts to compare, and a list of references checked against ours."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.feedback_api.models import Complaint, Compliment
from services.feedback_api.reconciliation import service
from services.feedback_api.reconciliation.schemas import DifferencesOut, ReconciledCountsOut, ReferencesIn
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.idempotency import once
from shared.problems import Fault, Malformed
from shared.resources import DatabaseOf
from shared.schemas.base import LocalDate
from shared.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["reconciliation"], route_class=StrictRoute)
_MOST_YEARS = 20


@router.get("/reconciliation", response_model=ReconciledCountsOut)
async def count_for_reconciliation(
    caller: Annotated[Caller, may("feedback:complaints")],
    database: DatabaseOf,
    first: Annotated[LocalDate, Query(alias="from", description="received on or after")],
    last: Annotated[LocalDate, Query(alias="to", description="received on or before")],
) -> Response:
    """Complaints and compliments held here by month of receipt, to be laid beside the source's own counts."""
    if last < first or last.year - first.year > _MOST_YEARS:
        fault = Fault("/query/to", "span", f"give a day on or after `from`, at most {_MOST_YEARS} years later")
        raise Malformed("The span cannot be; see errors.", errors=[fault])
    async with database.snapshot() as session:
        counts = await service.count_months(session, caller, first, last)
    return Response(counts.model_dump_json(), media_type="application/json")


@router.post("/reconciliation", response_model=DifferencesOut, status_code=200)
async def reconcile_references(
    request: Request, body: ReferencesIn, caller: Annotated[Caller, may("feedback:complaints")], database: DatabaseOf
) -> Response:
    """Compare the source's references with ours: what is missing on either side. That it was done is recorded."""
    async with once(request, database, caller) as deed:
        session = deed.session
        found = {
            "complaints": await service.compare(session, caller, Complaint, body.complaints, body.first, body.last),
            "compliments": await service.compare(session, caller, Compliment, body.compliments, body.first, body.last),
        }
        faults = {
            name: len(one.missing_here) + len(one.missing_in_source) + len(one.received_outside)
            for name, one in found.items()
        }
        answer = DifferencesOut.model_validate(
            {"from": body.first, "to": body.last, **found, "agrees": not any(faults.values())}
        )
        span = f"{body.first}/{body.last}"
        await record_activity(session, caller, "complaints.reconciled", "reconciliation", span, data=faults)
        return deed.answer(answer, 200)
