"""Putting a summary together from its counts, protected where the caller may not see true figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.feedback_api.protection import Shield
from services.feedback_api.summary.queries import ComplaintCounts, Name, ViewCounts
from shared.schemas.feedback_summary import (
    ComplaintsOut,
    FeedbackSummary,
    Hidden,
    RatingOut,
    SentimentOut,
    StageTally,
    Tally,
)
from shared.schemas.figures import round_figure
from shared.schemas.periods import Period

Names = Mapping[str, Mapping[str, Name]]
SENTIMENTS = ("positive", "mixed", "negative", "not_given")
_OUTCOMES = ("upheld", "partially_upheld", "not_upheld", "withdrawn", "no_finding", "not_recorded")
# Of the same complaints as the list, or of some of them and of earlier ones.
_BESIDE = ("open_earlier", "overdue", "learning_missing")
_CLOCKS = ("within_statutory", "past_statutory", "within_target", "past_target")


def status_of(*counts: int | None) -> Hidden | None:
    return "c" if None in counts else None


def tallies(counts: Mapping[str, int | None], names: Mapping[str, Name]) -> list[Tally]:
    return [
        Tally(
            code=code,
            title=names[code].title if code in names else code,
            count=count,
            value_status=status_of(count),
            family=names[code].family if code in names else None,
        )
        for code, count in counts.items()
    ]


def with_silent(counts: Mapping[str, int], names: Mapping[str, Name]) -> dict[str, int]:
    """Every code in force, those without any count too, so that silence shows."""
    return {code: counts.get(code, 0) for code, name in names.items() if name.in_force or code in counts}


def largest_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def build_summary(
    period: Period, unit: str | None, theme: str | None, views: ViewCounts, complaints: ComplaintCounts,
    names: Names, titles: Mapping[tuple[str, str], Any], shield: Shield, as_at: datetime, *, protected: bool,
    units: Mapping[str, int | None], themes: Mapping[str, int | None] | None = None, changed: Sequence[str] = (),
) -> FeedbackSummary:  # fmt: skip
    """The summary of counts behind a shield; `units` and protected `themes` were looked at before."""
    total, (channels, groups, sentiments) = shield.lists(
        views.total,
        {
            "channels": with_silent(views.channels, names["channels"]),
            "groups": with_silent(views.groups, names["respondent_groups"]),
            "sentiments": {name: views.sentiments.get(name, 0) for name in SENTIMENTS},
        },
    )
    silent = [code for code, name in names["channels"].items() if name.in_force and code not in views.heard]
    compliments = shield.one(complaints.compliments)
    return FeedbackSummary(
        period=period.code,
        start=period.start,
        end=period.end,
        unit=unit,
        theme=theme,
        protected=protected,
        views=total,
        views_status=status_of(total),
        channels=tallies(channels, names["channels"]),
        silent_channels=silent,
        respondent_groups=tallies(groups, names["respondent_groups"]),
        themes=tallies(largest_first(views.themes) if themes is None else themes, names["themes"]),
        units=tallies(units, names["units"]),
        sentiment=SentimentOut(**sentiments, value_status=status_of(*sentiments.values())),
        rating=_rating(views, shield),
        complaints=_complaints(complaints, titles, shield),
        compliments=compliments,
        compliments_status=status_of(compliments),
        changed=list(changed),
        as_at=as_at,
    )


def _rating(views: ViewCounts, shield: Shield) -> RatingOut:
    given = shield.one(views.rated, views.total)
    if not given:
        return RatingOut(given=given, mean=None, value_status=status_of(given))
    if shield.gives_away(views.rated, views.rating_sum):
        return RatingOut(given=given, mean=None, value_status="c")
    mean = round_figure(views.rating_sum / views.rated, 2)
    return RatingOut(given=given, mean=None if mean is None else float(mean), value_status=None)


def _complaints(counts: ComplaintCounts, titles: Mapping[tuple[str, str], Any], shield: Shield) -> ComplaintsOut:
    totals = counts.totals
    parts = {name: counts.outcomes.get(name, 0) for name in _OUTCOMES}
    whole = parts | {"open": totals["open"], "refused": totals["refused"]}
    received, (shown,) = shield.lists(totals["received"], {"complaints": whole})
    beside = {name: totals[name] if shield.tells_beside else None for name in _BESIDE}
    return ComplaintsOut(
        received=received,
        refused=shown["refused"],
        open=shown["open"],
        stages=_stages(counts, titles) if shield.tells_beside else [],
        outcomes={name: shown[name] for name in _OUTCOMES},
        value_status=status_of(received, *beside.values(), *shown.values()),
        **beside,
    )


def _stages(counts: ComplaintCounts, titles: Mapping[tuple[str, str], Any]) -> list[StageTally]:
    found = []
    for row in counts.stages:
        about = titles.get((row["procedure"], row["stage"]))
        timed = {
            name: row[name]
            if about is not None and (about.statutory if name.endswith("statutory") else about.local)
            else None
            for name in _CLOCKS
        }
        found.append(
            StageTally(
                procedure=row["procedure"],
                stage=row["stage"],
                title=about.title if about is not None else row["stage"],
                open=row["open"],
                closed=row["closed"],
                value_status=None,
                **timed,
            )
        )
    return found
