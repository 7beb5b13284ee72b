"""Imports that run as jobs, on the wire."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from services.indicator_api.observations.answers import as_seen_by
from services.indicator_api.observations.import_jobs.bodies import KEPT_DAYS
from services.indicator_api.observations.schemas import ImportReportOut
from services.indicator_api.series.known import FIGURES_SCOPE
from shared.auth.caller import Caller
from shared.schemas.base import OutModel

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class RefusedFaultOut(OutModel):
    pointer: str
    code: str
    detail: str
    row: int | None = Field(default=None, description="null where the fault is the file's and not a row's")
    line: int | None = None
    column: str | None = None
    source_column: int | None = None


class ImportRefusalOut(OutModel):
    """The problem document the import would have been answered with."""

    type: str
    title: str
    status: int
    detail: str | None
    errors: list[RefusedFaultOut]
    rows: int | None = Field(default=None, description="with `rejected` where rows were refused")
    rejected: int | None = None
    errors_truncated: bool = False


class ImportJobOut(OutModel):
    """One import that runs as a job."""

    id: UUID
    status: Status
    kind: Literal["json", "ndjson", "csv", "xlsx"]
    mode: Literal["atomic", "partial"]
    dry_run: bool
    provisional: bool
    reason: str | None
    mapping: str | None
    mapping_version: int | None
    total: int = Field(description="bytes of the body")
    done: int = Field(description="bytes read by this attempt; when all are, the rows are being stored")
    attempt: int = Field(description="how often it was begun; one whose service stopped is begun again by itself")
    body_hash: str | None = Field(description="SHA-256 of what was sent; null where the caller may not see figures")
    unit: str | None
    asked_by: str = Field(description="with whose powers it runs: who posted it, or ran it again")
    posted_at: datetime
    finished_at: datetime | None
    fault: str | None = Field(description="why the last attempt failed, as a code")
    import_id: UUID | None = Field(description="the import it recorded; null in a dry run")
    run_again_until: datetime | None = Field(description="then its body is forgotten; null where it is not kept")
    allowed_actions: list[Literal["cancel", "run_again"]]


class ImportJobDetailOut(ImportJobOut):
    """One job with what came of it."""

    report: ImportReportOut | None = Field(description="where it succeeded: the answer as if it had been waited for")
    problem: ImportRefusalOut | None = Field(description="where it was refused")


def job_fields(row: sa.Row[Any], caller: Caller) -> dict[str, Any]:
    """A job as this caller may see it."""
    repeats = row.status in ("failed", "cancelled") and row.has_body
    actions = ["cancel"] if row.status in ("queued", "running") else ["run_again"] if repeats else []
    return {
        **{name: getattr(row, name, None) for name in ImportJobOut.model_fields},
        "total": row.size,
        "body_hash": row.body_hash.hex() if caller.may(FIGURES_SCOPE) else None,
        "run_again_until": row.finished_at + timedelta(days=KEPT_DAYS) if repeats else None,
        "allowed_actions": actions if caller.may("indicator:write") else [],
    }


def job_out(row: sa.Row[Any], caller: Caller) -> ImportJobOut:
    return ImportJobOut.model_validate(job_fields(row, caller))


def job_detail(row: sa.Row[Any], caller: Caller, base: str) -> ImportJobDetailOut:
    """A job with its report or the problem it met; `base` is what the addresses of problems begin with."""
    result = row.result or {}
    report, problem = result.get("report"), result.get("problem")
    if report is not None:
        report = as_seen_by(caller, report, result["protected"])
    if problem is not None:
        known = {name: problem[name] for name in ImportRefusalOut.model_fields if name in problem}
        problem = {**known, "type": f"{base}/problems/{problem['slug']}"}
    return ImportJobDetailOut.model_validate({**job_fields(row, caller), "report": report, "problem": problem})
