"""An edition as a caller may have it: their units' part, its words only for those who handle complaints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.feedback_api.complaint_reports.figures import complaint_figures, compliment_figures, followed_figures
from services.feedback_api.complaint_reports.schemas import (
    ApprovedLearning,
    ComplaintsReport,
    EditionOut,
    LearnedOut,
    LearningOut,
    MissingLearning,
    OwnerOut,
    RefusedOut,
    UnitReportOut,
    UpdateStamp,
)
from services.feedback_api.complaint_reports.tally import Figures
from services.feedback_api.complaint_reports.words import Words
from services.feedback_api.models import ComplaintReport
from shared.clock import local_date


@dataclass(frozen=True)
class Reader:
    """What this caller may have of an edition: which units and words."""

    unit: str | None
    units: frozenset[str] | None
    case_words: bool
    update_words: bool

    def sees(self, unit: str) -> bool:
        return self.units is None or unit in self.units


def edition_of(report: ComplaintReport, newest: int) -> dict[str, Any]:
    """What every answer says of an edition."""
    due = report.last_day + timedelta(days=1)
    return EditionOut(
        period=report.period,
        edition=report.edition,
        start=report.first_day,
        end=report.last_day,
        due_on=due,
        produced_at=report.produced_at,
        produced_by=report.produced_by,
        on_time=local_date(report.produced_at) <= due if report.edition == 1 else None,
        reason=report.reason,
        supersedes=report.edition - 1 or None,
        superseded_by=newest if newest > report.edition else None,
        content_hash=report.content_hash.hex(),
    ).model_dump()


def render(report: ComplaintReport, newest: int, figures: Figures, words: Words, reader: Reader) -> ComplaintsReport:
    """The whole report."""
    content = report.content
    return ComplaintsReport(
        **edition_of(report, newest),
        unit=reader.unit,
        complaints=complaint_figures(content, figures),
        compliments=compliment_figures(content, figures),
        **followed_figures(figures),
        learning=_learning(content, figures, words, reader),
        refusals=_refusals(content, words, reader) if reader.case_words else None,
    )


def _learning(content: dict[str, Any], figures: Figures, words: Words, reader: Reader) -> LearningOut:
    names, owners = content["names"]["units"], content["owners"]
    upheld = [one for one in content["upheld"] if reader.sees(one["unit"])]
    written = {row.unit for row in words.updates}
    silent = sorted({one["unit"] for one in upheld} - written)

    def named(unit: str) -> dict[str, Any]:
        return {"unit": unit, "title": names.get(unit, unit), "owner": owners.get(unit)}

    return LearningOut(
        complete=figures["learning_complete"],
        missing=figures["learning_missing"],
        missing_by_owner=[
            OwnerOut(**named(unit) | owner, count=owned, complaints=complaints)
            for unit, count in sorted(figures["learning_missing_units"].items())
            for owner, owned, complaints in _by_owner(unit, count, upheld, words, reader)
        ],
        learned=_learned(upheld, words) if reader.case_words else None,
        approved=[ApprovedLearning(agency=one.agency, themes=one.themes, text=one.text) for one in words.approved],
        updates=[_update(row, names, reader) for row in words.updates if reader.sees(row.unit)],
        updates_missing=[UnitReportOut(**named(unit)) for unit in silent],
        updates_since=[unit for unit in words.since if reader.sees(unit)],
    )


def _by_owner(
    unit: str, count: int, upheld: list[dict[str, Any]], words: Words, reader: Reader
) -> Iterator[tuple[dict[str, str], int, list[MissingLearning] | None]]:
    """The learning a unit owes, by whoever is named for it; to those who may not read cases, as one number."""
    if not reader.case_words:
        yield {}, count, None
        return
    owed = [one for one in upheld if one["unit"] == unit and one["missing"]]
    # An edition of before owners were named has none; those of nobody in particular are the head's and come last.
    for owner in sorted({one.get("owner") or "" for one in owed}, key=lambda name: (not name, name)):
        theirs = [_missing(one, words) for one in owed if (one.get("owner") or "") == owner]
        yield {"owner": owner} if owner else {}, len(theirs), theirs


def _missing(one: dict[str, Any], words: Words) -> MissingLearning:
    return MissingLearning(
        respond_ref=one["respond_ref"],
        closed_on=one["closed_on"],
        due_on=one.get("due_on"),
        missing=one["missing"],
        added_since=one["id"] in words.complaints and words.complaints[one["id"]].complete_now,
    )


def _learned(upheld: list[dict[str, Any]], words: Words) -> list[LearnedOut]:
    return [
        LearnedOut(
            respond_ref=one["respond_ref"], unit=one["unit"], outcome=one["outcome"],
            learning=words.complaints[one["id"]].learning, improvement=words.complaints[one["id"]].improvement,
        )
        for one in upheld
        if one["id"] in words.complaints and len(one["missing"]) < 2
    ]  # fmt: skip


def _refusals(content: dict[str, Any], words: Words, reader: Reader) -> list[RefusedOut]:
    return [
        RefusedOut(respond_ref=one["respond_ref"], unit=one["unit"], reason=words.complaints[one["id"]].refusal)
        for one in content["refused"]
        if reader.sees(one["unit"]) and one["id"] in words.complaints
    ]


def _update(row: Any, names: Mapping[str, str], reader: Reader) -> UpdateStamp:
    told = reader.update_words
    return UpdateStamp(
        unit=row.unit, title=names.get(row.unit, row.unit), learning=row.learning if told else None,
        improvement=row.improvement if told else None, updated_by=row.updated_by, updated_at=row.updated_at,
    )  # fmt: skip
