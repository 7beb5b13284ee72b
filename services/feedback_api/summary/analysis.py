"""The theme analysis put together from counts, true or protected. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.feedback_api.counting import Counted
from services.feedback_api.intervals import Interval, share_change, share_interval
from services.feedback_api.summary.analysis_schemas import (
    MovementOut,
    Of,
    PairOut,
    ThemeCountsOut,
    ThemedOut,
    ThemeOut,
    ThemePartOut,
    ThemeWithinOut,
    Word,
)
from services.feedback_api.summary.release import KindShown
from services.feedback_api.summary.releases import add, add_kinds
from services.feedback_api.summary.service import status_of
from services.feedback_api.summary.trees import Shown

Kinds = Mapping[str, KindShown]
_MOST_PAIRS = 100


def open_kind(counts: Counted, into: Mapping[str, str]) -> KindShown:
    """True counts in the form of protected ones; `into` says which unit of the level each unit belongs to."""

    def crossed(cells: Mapping[tuple[str, str], int], names: Mapping[str, str] | None) -> dict[str, Shown]:
        found: dict[str, Shown] = {}
        for (theme, code), count in cells.items():
            place = code if names is None else names.get(code)
            if place is not None:
                row = found.setdefault(theme, {})
                row[place] = (row.get(place) or 0) + count
        return found

    units: Shown = {}
    for code, count in counts.units.items():
        if code in into:
            units[into[code]] = (units.get(into[code]) or 0) + count
    return KindShown(
        records=counts.records, own={}, whole={}, themed=counts.themed, themed_units=units,
        themed_groups=dict(counts.groups), themes=dict(counts.themes), by_unit=crossed(counts.by_unit, into),
        by_group=crossed(counts.by_group, None), pairs=[(*pair, both) for pair, both in counts.pairs.items()],
    )  # fmt: skip


def narrow(shown: KindShown, unit: str | None, groups: Sequence[str] | None) -> KindShown:
    """What was told of one service, or of the groups of a family; of both together nothing was."""
    if unit is None and groups is None:
        return shown
    nothing = replace(
        shown, records=None, themed=None, themed_units={}, themed_groups={}, themes=dict.fromkeys(shown.themes),
        by_unit={}, by_group={}, pairs=[],
    )  # fmt: skip
    if unit is not None and groups is not None:
        return nothing
    table, columns = (shown.by_unit, shown.themed_units) if groups is None else (shown.by_group, shown.themed_groups)
    wanted = [unit or ""] if groups is None else list(groups)
    # Narrowed, nought and hidden look alike.
    themes = {theme: _told(table.get(theme, {}), wanted) for theme in shown.themes}
    return replace(nothing, themed=_told(columns, wanted), themes=themes)


def _told(row: Shown, wanted: Sequence[str]) -> int | None:
    return add(row.get(code) for code in wanted) or None


def of_kind(kinds: Kinds, of: Of) -> KindShown:
    return add_kinds(list(kinds.values())) if of == "together" else kinds[of]


def totals(kinds: Kinds) -> dict[Of, ThemedOut]:
    names: tuple[Of, ...] = ("together", "views", "complaints", "compliments")
    found: dict[Of, ThemedOut] = {}
    for name in names:
        one = of_kind(kinds, name)
        status = status_of(one.records, one.themed)
        found[name] = ThemedOut(records=one.records, themed=one.themed, value_status=status)
    return found


def theme_rows(
    kinds: Kinds, of: Of, earlier: Sequence[tuple[str, KindShown]], titles: Mapping[str, str]
) -> list[ThemeOut]:
    """Every theme in force or named, with its way through the earlier periods."""
    whole = of_kind(kinds, of)
    named = {theme for shown in kinds.values() for theme in shown.themes}
    rows = [_row(theme, kinds, whole, of, earlier, titles) for theme in sorted({*titles, *named})]
    return sorted(rows, key=lambda row: -(getattr(row.counts, of) or 0))


def _row(
    theme: str, kinds: Kinds, whole: KindShown, of: Of, earlier: Sequence[tuple[str, KindShown]],
    titles: Mapping[str, str],
) -> ThemeOut:  # fmt: skip
    each = {name: shown.themes.get(theme, 0) for name, shown in kinds.items()}
    counts = ThemeCountsOut(**each, together=add(each.values()))
    now = getattr(counts, of), whole.themed
    return ThemeOut(
        theme=theme,
        title=titles.get(theme, theme),
        counts=counts,
        share=_share(*now),
        value_status=status_of(*each.values()),
        movement=[_movement(period, now, (then.themes.get(theme, 0), then.themed), of) for period, then in earlier],
    )


def _share(count: int | None, themed: int | None) -> ThemeWithinOut | None:
    return None if count is None or themed is None else _within(share_interval(count, themed))


def _within(one: Interval | None) -> ThemeWithinOut | None:
    if one is None:
        return None
    return ThemeWithinOut(value=round(one.value, 4), lower=round(one.lower, 4), upper=round(one.upper, 4))


def _movement(
    period: str, now: tuple[int | None, int | None], then: tuple[int | None, int | None], of: Of
) -> MovementOut:
    """The share now and then; nothing is told of a difference where one of the two is hidden."""
    (count, themed), (earlier, earlier_of) = now, then
    difference = None
    if count is not None and themed is not None and earlier is not None and earlier_of is not None:
        difference = share_change((count, themed), (earlier, earlier_of))
    return MovementOut(
        period=period,
        count=earlier,
        themed=earlier_of,
        share=_share(earlier, earlier_of),
        difference=_within(difference),
        word=None if difference is None else _word(difference, of),
    )


def _word(difference: Interval, of: Of) -> Word:
    if difference.lower <= 0 <= difference.upper:
        return "no_clear_change"
    up = difference.value > 0
    if of == "complaints":
        return "worse" if up else "better"
    if of == "compliments":
        return "better" if up else "worse"
    return "more" if up else "less"


def pair_rows(shown: KindShown) -> list[PairOut]:
    """Pairs by how often they stand together, with how much oftener that is than two independent themes would."""
    rows = []
    for one, other, both in shown.pairs:
        first, second = shown.themes.get(one), shown.themes.get(other)
        if first and second and shown.themed and both:
            lift = round(both * shown.themed / (first * second), 3)
            rows.append(PairOut(themes=(one, other), count=both, lift=lift))
    return sorted(rows, key=lambda row: (-row.count, row.themes))[:_MOST_PAIRS]


def part_rows(columns: Shown, table: Mapping[str, Shown], titles: Mapping[str, str]) -> list[ThemePartOut]:
    """Each group or unit with its themes; those without any themed record are left out."""
    rows = []
    for code, themed in columns.items():
        if themed == 0:
            continue
        counts = {theme: row.get(code, 0) for theme, row in table.items()}
        told = {theme: count for theme, count in counts.items() if count != 0}
        ordered = dict(sorted(told.items(), key=lambda pair: (pair[1] is None, -(pair[1] or 0), pair[0])))
        status = status_of(themed, *told.values())
        title = titles.get(code, code)
        rows.append(ThemePartOut(code=code, title=title, themed=themed, themes=ordered, value_status=status))
    return sorted(rows, key=lambda row: (row.themed is None, -(row.themed or 0), row.code))
