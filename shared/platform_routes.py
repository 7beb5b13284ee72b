"""What every service answers about itself: who you are to it, its organisation tree, its kinds of problem."""

from __future__ import annotations

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.organisation.units import visible_units
from shared.paging import Page
from shared.problems import NotFound, all_problems
from shared.resources import ClockOf, DatabaseOf
from shared.schemas.base import LocalDate, OutModel
from shared.strict import StrictRoute
from shared.tables import org_unit, org_unit_succession

router = APIRouter(route_class=StrictRoute)


class MeOut(OutModel):
    subject: str
    roles: list[str]
    scopes: list[str] = Field(description="what the token lets you do, as `service:verb`")
    unit: str | None = Field(description="your organisation scope: this unit and those below; null is the council")
    roles_without_unit: list[str] = Field(
        description="roles of the token that grant nothing: they need a unit, and it names none"
    )


class UnitOut(OutModel):
    code: str
    name: str
    kind: str
    parent: str | None
    valid_from: LocalDate
    valid_to: LocalDate | None
    successors: list[str]


@router.get("/v1/me", response_model=MeOut, tags=["platform"])
async def get_me(caller: Annotated[Caller, may(None)]) -> MeOut:
    """The caller as this service sees it."""
    return MeOut(subject=caller.subject, roles=sorted(caller.roles), scopes=sorted(caller.scopes), unit=caller.unit,
                 roles_without_unit=sorted(caller.unplaced))  # fmt: skip


@router.get("/v1/organisation/units", response_model=Page[UnitOut], tags=["platform"])
async def list_organisation_units(
    caller: Annotated[Caller, may("framework:read")],
    database: DatabaseOf,
    clock: ClockOf,
    on: Annotated[LocalDate | None, Query(description="in force on this day")] = None,
) -> Response:
    """The organisation units in force on a day (today where none is given) that the caller may see, whole."""
    day = on or clock.today()
    async with database.snapshot() as session:
        allowed = await visible_units(session, caller)
        statement = (
            sa.select(
                org_unit,
                sa.func.array_remove(sa.func.array_agg(org_unit_succession.c.successor), None).label("successors"),
            )
            .outerjoin(org_unit_succession, org_unit_succession.c.code == org_unit.c.code)
            .where(org_unit.c.valid_from <= day)
            .where(sa.or_(org_unit.c.valid_to.is_(None), org_unit.c.valid_to >= day))
            .group_by(org_unit.c.code)
            .order_by(org_unit.c.code)
        )
        rows = (await session.execute(statement)).all()
    items = [UnitOut.model_validate(row) for row in rows if allowed is None or row.code in allowed]
    return Response(Page[UnitOut](items=items, next=None).model_dump_json(), media_type="application/json")


@router.get("/problems/{slug}", include_in_schema=False)
async def get_problem_page(slug: str, request: Request) -> HTMLResponse:
    """A page on one kind of problem, where its `type` points."""
    kinds = all_problems().get(slug)
    if kinds is None:
        raise NotFound()
    # Where several services run in one process, this one's own comes before another's of the same name.
    own = f"services.{request.app.state.service.name}_api."
    kind = next((one for one in kinds if one.__module__.startswith(own)), kinds[0])
    words = (kind.__doc__ or "").strip()
    return HTMLResponse(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{kind.title}</title>"
        f"<h1>{kind.title}</h1><p>Status {kind.status}. {words}</p>"
        "<p>The <code>errors</code> of the problem document point at each fault. "
        "All kinds are described in docs/problems.md.</p></html>"
    )
