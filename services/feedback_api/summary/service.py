"""Putting a summary together from its counts, protected where the caller may not see true figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.feedback_api.summary.protection import Shield
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
_SENTIMENTS = ("positive", "mixed", "negative", "not_given")
_OUTCOMES = ("upheld", "partially_upheld", "not_upheld", "withdrawn", "no_finding", "not_recorded")
_CLOCKS = ("within_statutory", "past_statutory", "within_target", "past_target")


def _status(*counts: int | None) -> Hidden | None:
    return "c" if None in counts else None


def _tallies(counts: Mapping[str, int | None], names: Mapping[str, Name]) -> list[Tally]:
    return [
        Tally(
            code=code,
            title=names[code].title if code in names else code,
            count=count,
            value_status=_status(count),
            family=names[code].family if code in names else None,
        )
        for code, count in counts.items()
    ]


def _with_silent(counts: Mapping[str, int], names: Mapping[str, Name]) -> dict[str, int]:
    """Every code in force, those without any count too, so that silence shows."""
    return {code: counts.get(code, 0) for code, name in names.items() if name.in_force or code in counts}


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def build_summary(
    period: Period, unit: str | None, theme: str | None, views: ViewCounts, complaints: ComplaintCounts,
    names: Names, titles: Mapping[tuple[str, str], Any], shield: Shield, changed: Sequence[str], as_at: datetime,
    *, protected: bool,
) -> FeedbackSummary:  # fmt: skip
    """The summary as this caller may have it."""
    total, (channels, groups, units, sentiments) = shield.lists(
        "views",
        views.total,
        {
            "channels": _with_silent(views.channels, names["channels"]),
            "groups": _with_silent(views.groups, names["respondent_groups"]),
            "units": _sorted(views.units),
            "sentiments": {name: views.sentiments.get(name, 0) for name in _SENTIMENTS},
        },
    )
    # A person may name several themes: they are no sum, but almost everyone's theme would tell of the others.
    themes = {code: shield.one(n, ("themes", code), views.total) for code, n in _sorted(views.themes).items()}
    if shield.narrowed:
        themes = {code: count for code, count in themes.items() if count is not None}
        units = {code: count for code, count in units.items() if count is not None}
    silent = [code for code, name in names["channels"].items() if name.in_force and code not in views.heard]
    compliments = shield.one(complaints.compliments, ("compliments",))
    return FeedbackSummary(
        period=period.code,
        start=period.start,
        end=period.end,
        unit=unit,
        theme=theme,
        protected=protected,
        views=total,
        views_status=_status(total),
        channels=_tallies(channels, names["channels"]),
        silent_channels=[] if shield.narrowed else silent,
        silent_channels_status="c" if shield.narrowed else None,
        respondent_groups=_tallies(groups, names["respondent_groups"]),
        themes=_tallies(themes, names["themes"]),
        units=_tallies(units, names["units"]),
        sentiment=SentimentOut(**sentiments, value_status=_status(*sentiments.values())),
        rating=_rating(views, shield),
        complaints=_complaints(complaints, titles, shield),
        compliments=compliments,
        compliments_status=_status(compliments),
        changed=list(changed),
        as_at=as_at,
    )


def _rating(views: ViewCounts, shield: Shield) -> RatingOut:
    given = shield.one(views.rated, ("rated",), views.total)
    mean = round_figure(views.rating_sum / views.rated, 2) if views.rated and given is not None else None
    return RatingOut(given=given, mean=None if mean is None else float(mean), value_status=_status(given))


def _complaints(counts: ComplaintCounts, titles: Mapping[tuple[str, str], Any], shield: Shield) -> ComplaintsOut:
    totals = counts.totals
    parts = {name: counts.outcomes.get(name, 0) for name in _OUTCOMES}
    whole = parts | {"open": totals["open"], "refused": totals["refused"]}
    received, (shown,) = shield.lists("received", totals["received"], {"complaints": whole})
    running = totals["open"] + totals["open_earlier"]
    earlier = shield.one(totals["open_earlier"], ("complaints", "open_earlier"))
    overdue = shield.one(totals["overdue"], ("complaints", "overdue"), running)
    missing = shield.one(totals["learning_missing"], ("complaints", "learning_missing"))
    return ComplaintsOut(
        received=received,
        refused=shown["refused"],
        open=shown["open"],
        open_earlier=earlier,
        overdue=overdue,
        stages=_stages(counts, titles, shield),
        outcomes={name: shown[name] for name in _OUTCOMES},
        learning_missing=missing,
        value_status=_status(received, earlier, overdue, missing, *shown.values()),
    )


def _stages(counts: ComplaintCounts, titles: Mapping[tuple[str, str], Any], shield: Shield) -> list[StageTally]:
    numbers = {
        (row["procedure"], row["stage"], name): row[name]
        for row in counts.stages
        for name in ("open", "closed", *_CLOCKS)
    }
    shown = shield.together("stages", numbers)
    if shield.narrowed and not shown:
        return []
    tallies = []
    for row in counts.stages:
        about = titles.get((row["procedure"], row["stage"]))
        timed = {
            name: row[name]
            if shown and about is not None and (about.statutory if name.endswith("statutory") else about.local)
            else None
            for name in _CLOCKS
        }
        tallies.append(
            StageTally(
                procedure=row["procedure"],
                stage=row["stage"],
                title=about.title if about is not None else row["stage"],
                open=row["open"] if shown else None,
                closed=row["closed"] if shown else None,
                **timed,
                value_status=None if shown else "c",
            )
        )
    return tallies
