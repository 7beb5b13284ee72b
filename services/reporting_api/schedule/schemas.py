"""The schedule on the wire: its reports, their occurrences, and what a materialisation did."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import ConfigDict, Field

from services.reporting_api.document import held_back
from services.reporting_api.editions import sees_full
from services.reporting_api.occurrences import NOT_PUT_FORWARD, LatenessOut, Status, status_of
from services.reporting_api.words import period_words
from shared.auth.caller import Caller
from shared.schemas.base import Code, LocalDate, OutModel, StrictModel, Text
from shared.schemas.board_report import PeriodRef
from shared.schemas.framework.reporting import Report
from shared.schemas.periods import PeriodCode


class MaterialisationIn(StrictModel):
    """From which to which day periods must end to be materialised, both included."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"from": "2026-04-01", "to": "2027-03-31"}]}, populate_by_name=True
    )

    first: LocalDate = Field(alias="from")
    last: LocalDate = Field(alias="to")


class WithoutDates(OutModel):
    report: str
    period: str


class MaterialisationOut(OutModel):
    created: int = Field(description="those that await a meeting too")
    unchanged: int
    moved: int = Field(description="open occurrences whose dates had changed")
    withdrawn: int = Field(description="open occurrences whose report has left the schedule")
    restored: int
    without_dates: list[WithoutDates] = Field(description="periods whose calendar or meeting dates are missing")


class OccurrenceIn(StrictModel):
    """A periodic report, or one on request, is asked for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "report": "specialist_teaching_on_request",
                    "period": "FY2026-27-Q2",
                    "reason": "Asked for by the Schools Forum at its autumn meeting.",
                }
            ]
        }
    )

    report: Code
    period: PeriodCode
    reason: Text


class ScheduledReportOut(OutModel):
    """One line of the reporting schedule."""

    code: str
    title: str
    rows: list[str]
    cadence: str
    period_kind: str | None
    calendar: str | None
    audiences: list[str]
    via: str | None
    owner_role: str
    owner_unit: str | None
    due: dict[str, Any]
    sign_off: list[str] = Field(description="the roles that sign, in order")
    catch_up: str
    gates: list[str]
    sections: list[dict[str, str]]
    next_due_on: date | None = Field(description="of the next open occurrence that is not late")

    @classmethod
    def of(cls, report: Report, next_due_on: date | None) -> ScheduledReportOut:
        chain = sorted(report.sign_off, key=lambda sign: sign.order)
        return cls(
            code=report.code, title=report.title, rows=list(report.row), cadence=report.cadence,
            period_kind=report.period_kind, calendar=report.calendar, audiences=list(report.audiences),
            via=report.via, owner_role=report.owner_role, owner_unit=report.owner_unit,
            due=report.due.model_dump(mode="json", exclude_none=True), sign_off=[sign.role for sign in chain],
            catch_up=report.catch_up, gates=list(report.gates),
            sections=[{"code": one.code, "title": one.title, "kind": one.kind} for one in report.sections],
            next_due_on=next_due_on,
        )  # fmt: skip


class DueChangeOut(OutModel):
    was: date | None = Field(description="null where no meeting was known")
    becomes: date
    was_period_end: date
    becomes_period_end: date
    reason: str
    changed_by: str
    changed_at: datetime


class OccurrenceOut(OutModel):
    """One report for one period."""

    id: str
    report: str
    title: str
    period: PeriodRef
    occasion: int
    audiences: list[str]
    opens_on: date
    due_on: date | None = Field(description="null while it awaits a meeting")
    meeting_on: date | None = Field(description="the board's meeting that the due date is counted back from")
    awaiting_meeting: bool = Field(description="no meeting is known to count the due date back from")
    status: Status
    stage: str = Field(description="how far the work has come, late or not")
    late_on: date | None
    missed_on: date | None
    published_on: date | None
    withdrawn_on: date | None
    withdrawn_reason: str | None
    owner_role: str
    unit: str | None
    request_reason: str | None
    report_id: str | None = Field(description="the newest edition this caller may read")
    due_changes: list[DueChangeOut] | None = Field(default=None, description="in the answer for one occurrence")
    lateness: list[LatenessOut] = Field(default=[], description="why it is or will be late, the newest first")
    version: int
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Any, title: str, report_id: str | None, caller: Caller, today: date) -> OccurrenceOut:
        label = period_words(row.period)
        return cls(
            id=str(row.id), report=row.report, title=title, occasion=row.occasion, audiences=row.audiences,
            period=PeriodRef(code=row.period, label=label, start=row.period_start, end=row.period_end),
            opens_on=row.opens_on, due_on=row.due_on, meeting_on=row.meeting_on, awaiting_meeting=row.due_on is None,
            status=status_of(row), stage=row.stage,
            late_on=row.late_on, missed_on=row.missed_on, published_on=row.published_on,
            withdrawn_on=row.withdrawn_on, withdrawn_reason=row.withdrawn_reason, owner_role=row.owner_role,
            unit=row.unit, report_id=report_id,
            request_reason=row.request_reason if sees_full(caller) else held_back(row.request_reason),
            version=row.version,
            allowed_actions=_allowed(row, caller, today),
        )  # fmt: skip


def _allowed(row: Any, caller: Caller, today: date) -> list[str]:
    if not caller.may("reporting:write") or row.withdrawn_on is not None or row.due_on is None:
        return []
    to_be_done = row.stage in NOT_PUT_FORWARD and row.opens_on <= today
    in_time = row.published_on is not None and row.published_on <= row.due_on
    return [
        *(["assemble"] if to_be_done and caller.unit is None else []),
        *([] if in_time else ["explain_lateness"]),
    ]
