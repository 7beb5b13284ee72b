"""The summary for those who may not see true figures, made of what was told of its quarters. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from services.feedback_api.spans import told_from
from services.feedback_api.summary.levels import at_level
from services.feedback_api.summary.queries import Name
from services.feedback_api.summary.release import KindShown, segment_of
from services.feedback_api.summary.releases import Release, add, add_shown, quarters_of
from services.feedback_api.summary.service import SENTIMENTS, Names, status_of, tallies
from services.feedback_api.summary.trees import Unit
from shared.schemas.feedback_summary import (
    ComplaintsOut,
    FeedbackSummary,
    Level,
    RatingOut,
    SentimentOut,
    Tally,
)
from shared.schemas.figures import round_figure
from shared.schemas.periods import Period

QUARTERS_ONLY = "Told by whole quarters and years; other periods need feedback:figures."
NOT_YET = "A quarter is told once, a month after its end, as it stands then."
NOT_KEPT = "What is told once is kept, and nothing can be kept just now: ask again later."


def why_withheld(span: Period, today: date) -> tuple[str, date | None]:
    """Why nothing of a period is told, and the day from which it is."""
    quarters = quarters_of(span)
    if not quarters:
        return QUARTERS_ONLY, None
    from_day = told_from(quarters[-1])
    return (NOT_YET if today < from_day else NOT_KEPT), from_day


def blank(
    span: Period, unit: str | None, theme: str | None, level: Level | None, names: Names, as_at: datetime
) -> FeedbackSummary:
    """A summary that tells nothing: what is hidden and what is absent look alike in it."""
    nothing = dict.fromkeys(code for code, name in names["channels"].items() if name.in_force)
    groups = dict.fromkeys(code for code, name in names["respondent_groups"].items() if name.in_force)
    return FeedbackSummary(
        period=span.code, start=span.start, end=span.end, unit=unit, theme=theme, protected=True, views=None,
        views_status="c", channels=tallies(nothing, names["channels"]), silent_channels=[],
        silent_channels_status="c", respondent_groups=tallies(groups, names["respondent_groups"]), themes=[],
        units=[], sentiment=SentimentOut(positive=None, mixed=None, negative=None, not_given=None, value_status="c"),
        rating=RatingOut(given=None, mean=None, value_status="c"),
        complaints=ComplaintsOut(
            received=None, open=None, stages=[], outcomes={}, learning_missing=None, value_status="c",
        ),
        compliments=None, compliments_status="c", changed=[], as_at=as_at, level=level,
    )  # fmt: skip


def withheld(answer: FeedbackSummary, span: Period, today: date) -> FeedbackSummary:
    """The blank summary with the reason and the day to come back on."""
    why, from_day = why_withheld(span, today)
    return answer.model_copy(update={"withheld": why, "told_from": from_day})


def told(
    answer: FeedbackSummary, release: Release, units: Mapping[str, Unit], names: Names, changed: Sequence[str]
) -> FeedbackSummary:
    """The blank summary filled with what was told, and with what changed in words approved for sharing."""
    if answer.unit is None and answer.theme is None:
        return _whole_service(answer, release, units, names).model_copy(update={"changed": list(changed)})
    return _narrowed(answer, release, units)


def _narrowed(answer: FeedbackSummary, release: Release, units: Mapping[str, Unit]) -> FeedbackSummary:
    """The blank summary filled with what was told of its unit and theme: how many records of each kind."""
    counts = {kind: _narrow(shown, answer.unit, answer.theme, units) for kind, shown in release.kinds.items()}
    received = counts["complaints"]
    complaints = answer.complaints.model_copy(update={"received": received})
    return answer.model_copy(
        update={
            "views": counts["views"],
            "views_status": status_of(counts["views"]),
            "complaints": complaints,
            "compliments": counts["compliments"],
            "compliments_status": status_of(counts["compliments"]),
            "units": _below(answer, release.kinds["views"], units),
            "as_at": release.summaries[-1].as_at,
        }
    )


def _narrow(shown: KindShown, unit: str | None, theme: str | None, units: Mapping[str, Unit]) -> int | None:
    if theme is None:
        count = shown.whole.get(unit or "")
    elif unit is None:
        count = shown.themes.get(theme)
    else:
        # Themes are told by service and not below.
        count = shown.by_unit.get(theme, {}).get(unit) if segment_of(unit, units) == unit else None
    # On a narrowed query nought and hidden look alike.
    return count or None


def _below(answer: FeedbackSummary, shown: KindShown, units: Mapping[str, Unit]) -> list[Tally]:
    if answer.theme is not None or answer.unit is None:
        return []
    names = {code: Name(unit.name, None, True) for code, unit in units.items()}
    found = at_level(shown.own, shown.whole, units, answer.level, answer.unit)
    return tallies({code: count for code, count in found.items() if count}, names)


def _whole_service(
    answer: FeedbackSummary, release: Release, units: Mapping[str, Unit], names: Names
) -> FeedbackSummary:
    """What was told of the council: of a year, the sums of its quarters, and of open cases the last quarter's."""
    parts, views = release.summaries, release.kinds["views"]
    last = parts[-1]
    total = add(part.views for part in parts)
    sentiment = {name: add(getattr(part.sentiment, name) for part in parts) for name in SENTIMENTS}
    compliments = add(part.compliments for part in parts)
    themes = {code: count for code, count in views.themes.items() if count != 0}
    unit_names = {code: Name(unit.name, None, True) for code, unit in units.items()}
    silent = set(parts[0].silent_channels).intersection(*(part.silent_channels for part in parts))
    return answer.model_copy(
        update={
            "views": total,
            "views_status": status_of(total),
            "channels": _add_tallies([part.channels for part in parts], names["channels"]),
            "silent_channels": sorted(silent),
            "silent_channels_status": None,
            "respondent_groups": _add_tallies([part.respondent_groups for part in parts], names["respondent_groups"]),
            "themes": tallies(themes, names["themes"]),
            "units": tallies(at_level(views.own, views.whole, units, answer.level, None), unit_names),
            "sentiment": SentimentOut(**sentiment, value_status=status_of(*sentiment.values())),
            "rating": _rating([part.rating for part in parts]),
            "complaints": _complaints([part.complaints for part in parts]),
            "compliments": compliments,
            "compliments_status": status_of(compliments),
            "as_at": last.as_at,
        }
    )


def _add_tallies(lists: Sequence[Sequence[Tally]], names: Mapping[str, Name]) -> list[Tally]:
    return tallies(add_shown([{tally.code: tally.count for tally in one} for one in lists]), names)


def _rating(parts: Sequence[RatingOut]) -> RatingOut:
    given = add(part.given for part in parts)
    if len(parts) == 1:
        return parts[0]
    if not given or any(part.given and part.mean is None for part in parts):
        return RatingOut(given=given, mean=None, value_status="c" if given else status_of(given))
    mean = round_figure(sum((part.mean or 0) * (part.given or 0) for part in parts) / given, 2)
    return RatingOut(given=given, mean=None if mean is None else float(mean), value_status=None)


def _complaints(parts: Sequence[ComplaintsOut]) -> ComplaintsOut:
    """The list of those received; what counts them in another table is told of no quarter, whenever it was made."""
    counts = {name: add(getattr(part, name) for part in parts) for name in ("received", "refused", "open")}
    outcomes = {name: add(part.outcomes.get(name) for part in parts) for name in parts[-1].outcomes}
    return ComplaintsOut(**counts, outcomes=outcomes, stages=[], learning_missing=None, value_status="c")
