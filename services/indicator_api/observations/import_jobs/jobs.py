"""Imports from the queue: claimed with a lease, stored in the transaction that ends the job."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.mappings.service import mapping_in_use
from services.indicator_api.models import metadata
from services.indicator_api.observations.answers import import_answer
from services.indicator_api.observations.files.spool import Spool
from services.indicator_api.observations.files.workbooks import unpacked
from services.indicator_api.observations.import_jobs.bodies import BodyLost, body_of, forget_body, forget_old_bodies
from services.indicator_api.observations.import_jobs.service import IMPORT, caller_with
from services.indicator_api.observations.rows.rulebook import Rulebook
from services.indicator_api.observations.service import Order, import_figures
from shared.activity.record import record_activity
from shared.jobs import Claim, Progress, fail, finish, run_jobs
from shared.logging import get_logger
from shared.problems import Problem

_log = get_logger(__name__)
_order = metadata.tables["import_job"]


async def run_imports(app: FastAPI) -> None:
    """Do imports from the queue until cancelled."""

    async def work(held: Claim) -> None:
        await do_import(app, held)

    await run_jobs(app.state.database, {IMPORT: work})


async def forget_bodies(app: FastAPI) -> None:
    """Hourly: the bodies nobody will ask for again."""
    while True:
        try:
            await forget_old_bodies(app.state.database)
        except Exception as error:
            _log.warning("bodies_wait", error=type(error).__name__)
        await asyncio.sleep(3600)


async def do_import(app: FastAPI, held: Claim) -> None:
    """One import. A refusal ends the job; any other failure is the queue's to try again."""
    database, settings = app.state.database, app.state.settings
    async with database.snapshot() as session:
        row = (await session.execute(sa.select(_order).where(_order.c.id == held.id))).one()
    try:
        async with body_of(database, held.id, settings) as body:
            if body.digest != row.body_hash:
                raise BodyLost
            async with unpacked(row.kind, body, settings) as spool:
                with _watched(held.progress, spool, row.size):
                    async with database.transaction() as session:
                        await _store(app, session, held, row, spool)
    except Problem as problem:
        if problem.status >= 500:
            raise
        async with database.transaction() as session:
            await fail(session, held, problem.slug, {"problem": _kept(problem)})
            await record_activity(
                session, caller_with(held.payload), "import_job.failed", "import_job", held.id,
                unit=held.payload["unit"], data={"problem": problem.slug},
            )  # fmt: skip


async def _store(app: FastAPI, session: AsyncSession, held: Claim, row: sa.Row[Any], spool: Spool) -> None:
    """The figures, the import and the end of the job: all or nothing."""
    caller, rulebook = caller_with(held.payload), app.state.rulebook
    assert isinstance(rulebook, Rulebook)
    mapping = None if row.mapping is None else await mapping_in_use(session, row.mapping, row.mapping_version)
    order = Order(row.kind, row.mode, row.dry_run, row.provisional, row.reason, mapping)
    checker = await rulebook.checker(session, caller)
    found, report = await import_figures(session, caller, checker, spool, order, app.state.clock.now())
    await session.execute(sa.update(_order).where(_order.c.id == held.id).values(import_id=found))
    await forget_body(session, held.id)
    await finish(session, held, {"report": import_answer(found, order, report), "protected": report.protected})


@contextmanager
def _watched(progress: Progress, spool: Spool, size: int) -> Iterator[None]:
    """Tells how many bytes of the body were read; a workbook's are those of its sheet, in proportion."""
    progress.measure = lambda: size * spool.file.tell() // max(1, spool.size)
    try:
        yield
    finally:
        progress.measure = None


def _kept(problem: Problem) -> dict[str, Any]:
    """A refusal as it is kept: what the answer would have said, had the caller waited for it."""
    faults = [{"pointer": one.pointer, "code": one.code, "detail": one.detail} for one in problem.errors]
    return {
        "slug": problem.slug, "title": problem.title, "status": problem.status, "detail": problem.detail,
        "errors": faults, **problem.extra,
    }  # fmt: skip
