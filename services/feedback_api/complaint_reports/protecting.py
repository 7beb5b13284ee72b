"""The figures of a complaints report as they go out, protected by the shield of whoever reads them."""

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
from services.feedback_api.protection import Shield, Shown
from shared.schemas.feedback_summary import Hidden, Tally
from shared.schemas.figures import round_figure

_STATUSES = ("open", "closed", "refused")
_OUTCOMES = ("upheld", "partially_upheld", "not_upheld", "withdrawn", "no_finding", "not_recorded")


def status_of(*counts: int | None) -> Hidden | None:
    """`c` where one of the counts is hidden."""
    return "c" if None in counts else None


def _tallies(counts: Shown, names: Mapping[str, str], shield: Shield) -> list[Tally]:
    """The counts with their names, most first; in a narrowed report what is hidden is left out like what is absent."""
    ordered = sorted(counts.items(), key=lambda pair: (-(pair[1] or 0), pair[0]))
    return [
        Tally(code=code, title=names.get(code, code.replace("_", " ")), count=count, value_status=status_of(count))
        for code, count in ordered
        if count is not None or not shield.narrowed
    ]


def complaint_figures(
    content: dict[str, Any], figures: Figures, shield: Shield, names: Mapping[str, Mapping[str, str]]
) -> ComplaintFigures:
    """The block of complaints."""
    statuses = {code: figures["statuses"].get(code, 0) for code in _STATUSES}
    named = {"statuses": statuses} | {name: figures[name] for name in ("procedures", "units", "agencies", "groups")}
    received, (by_status, procedures, units, agencies, groups) = shield.lists("received", figures["received"], named)
    closed, by_outcome = _outcomes(figures, shield)
    themes = {code: shield.one(n, ("themes", code), figures["received"]) for code, n in figures["themes"].items()}
    refused = {name: shield.one(n, ("refusals", name), figures["received"]) for name, n in figures["refusals"].items()}
    stages = _stages(content, figures, shield, hidden=None in procedures.values() or outcomes_hidden(figures, shield))
    shown = (received, closed, *by_status.values(), *procedures.values(), *units.values(), *by_outcome.values())
    return ComplaintFigures(
        received=received,
        statuses=_tallies(by_status, {}, shield),
        procedures=_tallies(procedures, names.get("complaint_procedures", {}), shield),
        units=_tallies(units, names["units"], shield),
        agencies=_tallies(agencies, names.get("agencies", {}), shield),
        respondent_groups=_tallies(groups, names.get("respondent_groups", {}), shield),
        themes=_tallies(themes, names.get("themes", {}), shield),
        refused=Refusals(**refused, value_status=status_of(*refused.values())),
        closed=closed,
        outcomes=_tallies(by_outcome, {}, shield),
        stages=stages,
        value_status=status_of(*shown, *(None for one in stages if one.value_status)),
    )


def _outcomes(figures: Figures, shield: Shield) -> tuple[int | None, Shown]:
    outcomes = {code: figures["outcomes"].get(code, 0) for code in _OUTCOMES}
    closed, (by_outcome,) = shield.lists("closed", figures["closed"], {"outcomes": outcomes})
    return closed, by_outcome


def outcomes_hidden(figures: Figures, shield: Shield) -> bool:
    """Whether any outcome there was is kept back: what is summed over some outcomes must then be as well."""
    closed, by_outcome = _outcomes(figures, shield)
    return (closed is None and figures["closed"] > 0) or any(
        count is None and figures["outcomes"].get(code, 0) > 0 for code, count in by_outcome.items()
    )


def _stages(content: dict[str, Any], figures: Figures, shield: Shield, *, hidden: bool) -> list[StageTime]:
    """Stages repeat what procedures and outcomes count, so they are hidden with those, and all together."""
    rules = {(one["procedure"], one["stage"]): one for one in content["stages"]}
    numbers = {(row["procedure"], row["stage"], name): row[name] for row in figures["stages"] for name in STAGE_COUNTS}
    shown = shield.together("stages", numbers) and not hidden
    if shield.narrowed and not shown:
        return []
    return [_stage(row, rules.get((row["procedure"], row["stage"]), {}), shown) for row in figures["stages"]]


def _stage(row: dict[str, Any], rule: Mapping[str, Any], shown: bool) -> StageTime:
    told = {name: row[name] if shown else None for name in (*STAGE_COUNTS, "days_set_aside", "median_days")}
    if not rule.get("statutory"):
        told |= {"within_statutory": None, "past_statutory": None}
    if not rule.get("local"):
        told |= {"within_target": None, "past_target": None}
    rate = None
    if not rule.get("escalates"):
        told["escalated"] = None
    elif shown and row["ended"]:
        rate = float(round_figure(100 * row["escalated"] / row["ended"], 1))
    return StageTime(
        procedure=row["procedure"], stage=row["stage"], title=rule.get("title", row["stage"]), **told,
        escalation_rate=rate, value_status=None if shown else "c",
    )  # fmt: skip


def compliment_figures(figures: Figures, shield: Shield, names: Mapping[str, Mapping[str, str]]) -> ComplimentFigures:
    """The block of compliments."""
    lists = {f"compliment_{name}": figures[f"compliment_{name}"] for name in ("units", "agencies", "groups")}
    total, (units, agencies, groups) = shield.lists("compliments", figures["compliments"], lists)
    themes = {
        code: shield.one(n, ("compliment_themes", code), figures["compliments"])
        for code, n in figures["compliment_themes"].items()
    }
    return ComplimentFigures(
        received=total,
        units=_tallies(units, names["units"], shield),
        agencies=_tallies(agencies, names.get("agencies", {}), shield),
        respondent_groups=_tallies(groups, names.get("respondent_groups", {}), shield),
        themes=_tallies(themes, names.get("themes", {}), shield),
        value_status=status_of(total, *units.values(), *agencies.values(), *groups.values(), *themes.values()),
    )


def followed_figures(figures: Figures, shield: Shield) -> dict[str, Any]:
    """The blocks of what followed complaints, each shown whole or not at all."""
    blocks = {"enquiries": EnquiryFigures, "remedies": RemedyFigures, "recommendations": RecommendationFigures}
    nothing = nothing_followed()
    found: dict[str, Any] = {}
    for kind, block in blocks.items():
        counts = figures.get(kind, nothing[kind])
        shown = shield.together(kind, counts) and not (shield.narrowed and not any(counts.values()))
        told = counts if shown else dict.fromkeys(counts)
        found[kind] = block(**told, value_status=None if shown else "c")
    return found
