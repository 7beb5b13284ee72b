"""The figures of a complaints report as they go out, with the names of what they count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.feedback_api.complaint_reports.following import nothing_followed
from services.feedback_api.complaint_reports.schemas import (
    ComplaintFigures,
    ComplimentFigures,
    EnquiryFigures,
    RecommendationFigures,
    Refusals,
    RemedyFigures,
    StageTime,
)
from services.feedback_api.complaint_reports.tally import STAGE_COUNTS, Figures
from shared.schemas.feedback_summary import Tally
from shared.schemas.figures import round_figure

_STATUSES = ("open", "closed", "refused")
_OUTCOMES = ("upheld", "partially_upheld", "not_upheld", "withdrawn", "no_finding", "not_recorded")
Names = Mapping[str, Mapping[str, str]]


def _tallies(counts: Mapping[str, int], names: Mapping[str, str]) -> list[Tally]:
    """The counts with their names, most first."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        Tally(code=code, title=names.get(code, code.replace("_", " ")), count=count, value_status=None)
        for code, count in ordered
    ]


def _each(codes: tuple[str, ...], counts: Mapping[str, int]) -> dict[str, int]:
    return {code: counts.get(code, 0) for code in codes}


def _by_whom(prefix: str, figures: Figures, names: Names) -> dict[str, list[Tally]]:
    """Units, agencies, groups and themes, which complaints and compliments both have."""
    return {
        "units": _tallies(figures[f"{prefix}units"], names["units"]),
        "agencies": _tallies(figures[f"{prefix}agencies"], names.get("agencies", {})),
        "respondent_groups": _tallies(figures[f"{prefix}groups"], names.get("respondent_groups", {})),
        "themes": _tallies(figures[f"{prefix}themes"], names.get("themes", {})),
    }


def complaint_figures(content: dict[str, Any], figures: Figures) -> ComplaintFigures:
    """The block of complaints."""
    names: Names = content["names"]
    rules = {(one["procedure"], one["stage"]): one for one in content["stages"]}
    return ComplaintFigures(
        received=figures["received"],
        statuses=_tallies(_each(_STATUSES, figures["statuses"]), {}),
        procedures=_tallies(figures["procedures"], names.get("complaint_procedures", {})),
        **_by_whom("", figures, names),
        refused=Refusals(**figures["refusals"]),
        closed=figures["closed"],
        outcomes=_tallies(_each(_OUTCOMES, figures["outcomes"]), {}),
        stages=[_stage(row, rules.get((row["procedure"], row["stage"]), {})) for row in figures["stages"]],
    )


def _stage(row: dict[str, Any], rule: Mapping[str, Any]) -> StageTime:
    told = {name: row[name] for name in (*STAGE_COUNTS, "days_set_aside", "median_days")}
    if not rule.get("statutory"):
        told |= {"within_statutory": None, "past_statutory": None}
    if not rule.get("local"):
        told |= {"within_target": None, "past_target": None}
    rate = None
    if not rule.get("escalates"):
        told["escalated"] = None
    elif row["ended"]:
        rate = float(round_figure(100 * row["escalated"] / row["ended"], 1))
    return StageTime(
        procedure=row["procedure"], stage=row["stage"], title=rule.get("title", row["stage"]), **told,
        escalation_rate=rate,
    )  # fmt: skip


def compliment_figures(content: dict[str, Any], figures: Figures) -> ComplimentFigures:
    """The block of compliments."""
    return ComplimentFigures(received=figures["compliments"], **_by_whom("compliment_", figures, content["names"]))


def followed_figures(figures: Figures) -> dict[str, Any]:
    """The blocks of what followed complaints; an edition of before they were counted has none of it."""
    counts = nothing_followed() | figures
    return {
        "enquiries": EnquiryFigures(**counts["enquiries"]),
        "remedies": RemedyFigures(**counts["remedies"]),
        "recommendations": RecommendationFigures(**counts["recommendations"]),
    }
