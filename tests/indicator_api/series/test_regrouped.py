"""A number that is not of the same units as the one before it begins a new stretch: no limits run across."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from services.indicator_api.exceptions.case import Case
from services.indicator_api.exceptions.evaluate import evaluate, judge
from services.indicator_api.exceptions.evidence import inputs_hash
from services.indicator_api.exceptions.sentences import sentence
from services.indicator_api.series.chart import breaks_of, chart_of
from services.indicator_api.series.known import Known, Veil
from services.indicator_api.series.places import Map, Place, Unit
from services.indicator_api.series.roll_up import Ground
from services.indicator_api.series.wording import LESS_BEFORE
from shared.schemas.figures import ValueStatus
from shared.schemas.periods import Period
from tests.indicator_api.exceptions.cases import definition, figures, shares

TOWN = Place("town", "Town", top="town")
OPENED, CLOSED = date(2026, 1, 1), date(2025, 12, 31)


def summed(code: str, redefined: dict[str, Any] | None = None, **stored: list[Known]) -> list[Known]:
    units = {
        "town": Unit("town", "Town", None, None, None),
        "old": Unit("old", "Old", "town", CLOSED, None, successors=("new",)),
        "new": Unit("new", "New", "town", None, None, OPENED),
        "east": Unit("east", "East", "town", None, None),
        "west": Unit("west", "West", "town", None, None),
    }
    had = {(code, one): known for one, known in stored.items()}
    known = Map({"town": TOWN}, units)
    return Ground.of(definition(code, **(redefined or {})), {}, known, had, Veil(True, 5)).series(TOWN)


def broken(known: list[Known]) -> list[str]:
    return [one.period.code for one in breaks_of(TOWN, known)]


STEADY = [40, 42, 41, 43, 40, 42, 41, 43, 40, 42, 41, 43]


def test_one_team_that_begins_to_send_is_no_fall_of_the_whole() -> None:
    known = summed("referrals_monthly", town=figures("2025-01", STEADY), east=figures("2026-01", [5]))
    assert [(one.value, one.units) for one in known[-2:]] == [(43, None), (5, 1)]
    assert broken(known) == ["2026-01"]
    assert "before there was one for Town as a whole" in breaks_of(TOWN, known)[0].reason
    case = Case(definition("referrals_monthly"), TOWN, known)
    assert evaluate(case, date(2026, 1, 31), date(2025, 12, 31)) == []
    chart = chart_of(case.definition, known, breaks_of(TOWN, known))
    assert chart is not None
    assert [segment.n for segment in chart.segments] == [12, 1]


def test_a_team_that_joins_a_sum_later_is_no_rise_of_the_whole() -> None:
    known = summed("referrals_monthly", east=figures("2025-01", STEADY), west=figures("2025-10", [30, 31, 30]))
    assert [(one.value, one.units) for one in known[-4:]] == [(40, 1), (72, 2), (72, 2), (73, 2)]
    assert broken(known) == ["2025-10"]
    assert breaks_of(TOWN, known)[0].reason == "From here the figures of other units are added up than before."


def test_a_sum_says_how_many_teams_beside_those_in_it_have_sent_nothing_yet() -> None:
    known = summed("referrals_monthly", east=figures("2025-11", [40, 42, 41]), west=figures("2026-01", [9]))
    assert [(one.value, one.units, one.silent) for one in known] == [(40, 1, 2), (42, 1, 2), (50, 2, 1)]
    whole = summed("referrals_monthly", town=figures("2026-01", [90]), east=figures("2026-01", [40]))
    assert (whole[-1].units, whole[-1].silent) == (None, 0)


def never(first: str) -> list[Known]:
    return [Known(Period.parse(first), None, ValueStatus.z)]


def test_a_team_that_says_it_has_nothing_to_send_is_not_missed_in_any_period() -> None:
    east = figures("2026-01", [40, 42, 41])
    for when in ("2025-12", "2026-01"):
        known = summed("referrals_monthly", east=east, west=never(when), new=never("2026-01"))[-3:]
        assert [(one.value, one.units, one.silent) for one in known] == [(40, 1, 0), (42, 1, 0), (41, 1, 0)]
        assert broken(known) == []
    ended = summed("referrals_monthly", east=figures("2025-12", [40, 42, 41]), old=figures("2025-12", [9]))
    assert [one.value for one in ended] == [49, None, None]
    ended = summed(
        "referrals_monthly", east=figures("2025-12", [40, 42, 41]), old=figures("2025-12", [9]), new=never("2026-01")
    )
    assert [one.value for one in ended] == [49, 42, 41]


def test_a_team_owes_figures_from_its_first_number_on() -> None:
    west = [*never("2026-01"), *figures("2026-02", [9])]
    known = summed("referrals_monthly", east=figures("2026-01", [40, 42, 41]), west=west, new=never("2026-01"))
    assert [(one.value, one.units) for one in known[:2]] == [(40, 1), (51, 2)]
    assert (known[2].value, known[2].status, broken(known)) == (None, ValueStatus.x, ["2026-02"])


def test_teams_of_which_one_only_took_a_figure_back_are_not_missed() -> None:
    (point,) = summed("referrals_monthly", east=never("2026-01"))
    assert (point.status, point.units, point.silent) == (ValueStatus.z, 0, 0)


def test_an_exception_of_a_whole_beside_a_past_of_parts_says_so() -> None:
    east, latest = shares("2025-01", [(95, 100), (96, 100)] * 7), shares("2026-03", [(60, 100)])
    known = summed("supervision_in_time", east=[*east, *latest], west=latest, new=latest)
    assert [(one.units, one.silent) for one in known[-2:]] == [(1, 2), (3, 0)]
    case = Case(definition("supervision_in_time"), TOWN, known)
    found = evaluate(case, date(2026, 3, 31), date(2026, 2, 28))
    assert [one.trigger for one in found] == ["SIGNIFICANT_CHANGE"]
    assert sentence(case, found[0]).endswith(f" That is a concern. {LESS_BEFORE}")
    case = replace(case, figures=[replace(one, silent=0) for one in known])
    (found,) = evaluate(case, date(2026, 3, 31), date(2026, 2, 28))
    assert sentence(case, found).endswith(" That is a concern.")


def test_an_exception_of_a_sum_that_may_be_a_part_says_so_and_is_made_of_other_inputs() -> None:
    known = summed("referrals_monthly", east=figures("2025-01", [*STEADY, 90]))
    (found,) = evaluate(Case(definition("referrals_monthly"), TOWN, known), date(2026, 1, 31), date(2025, 12, 31))
    assert (found.rule, found.figure and found.figure.silent) == ("outside_limits", 2)
    case = Case(definition("referrals_monthly"), TOWN, known)
    assert sentence(case, found).endswith(
        "The figure is summed from 1 unit; 2 more teams have sent no figure yet, so it may be a part of the whole."
    )
    whole = [replace(one, silent=0) for one in known]
    (other,) = evaluate(replace(case, figures=whole), date(2026, 1, 31), date(2025, 12, 31))
    assert inputs_hash(case, found) != inputs_hash(case, other)
    assert "part of the whole" not in sentence(case, other)


def sent(*given: tuple[str, tuple[float, float] | None]) -> list[Known]:
    """Shares by period; a `z` where there is none."""
    return [one for period, item in given for one in (never(period) if item is None else shares(period, [item]))]


def missed(known: list[Known]) -> list[tuple[float | None, int | None, int]]:
    return [(one.denominator, one.units, one.silent) for one in known]


def test_a_team_is_missed_where_it_sent_nothing_between_a_z_and_its_first_number() -> None:
    """A `z` speaks of its own period; what a team sends later tells that it was no word on all to come."""
    east = shares("2026-01", [(9, 10)] * 5)
    west = sent(("2026-01", None), ("2026-03", None), ("2026-04", (1, 2)), ("2026-05", None))
    known = summed("supervision_in_time", east=east, west=west, new=never("2026-01"))
    assert missed(known) == [(10, 1, 0), (10, 1, 1), (10, 1, 0), (12, 2, 0), (10, 1, 0)]
    before = summed("supervision_in_time", east=east[:3], west=west[:2], new=never("2026-01"))
    assert missed(before) == [(10, 1, 0)] * 3


def test_a_sum_before_a_service_joined_it_is_told_to_lack_as_many_teams_as_it_brought() -> None:
    units = {
        code: Unit(code, code, above, None, None)
        for code, above in {
            "town": None, "care": "town", "homes": "town", "east": "care", "north": "homes", "south": "homes",
        }.items()
    }  # fmt: skip
    stored = {
        "east": shares("2026-01", [(9, 10)] * 3),
        "north": sent(("2026-01", None), ("2026-03", (1, 2))),
        "south": sent(("2026-03", (3, 4))),
    }
    had = {("supervision_in_time", code): known for code, known in stored.items()}
    ground = Ground.of(definition("supervision_in_time"), {}, Map({"town": TOWN}, units), had, Veil(True, 5))
    # In January the service says by its team's `z` that nothing of it is to be in the sum but what is silent there.
    assert missed(ground.series(TOWN)) == [(10, 1, 1), (10, 1, 2), (16, 3, 0)]


def test_a_sum_of_a_period_in_which_work_was_handed_over_waits_for_one_of_both_sides() -> None:
    units = {
        "town": Unit("town", "Town", None, None, None),
        "old": Unit("old", "Old", "town", date(2026, 2, 15), None, successors=("new",)),
        "new": Unit("new", "New", "town", None, None, date(2026, 2, 16)),
        "east": Unit("east", "East", "town", None, None),
    }

    def of(**stored: list[Known]) -> list[float | None]:
        had = {("referrals_monthly", code): known for code, known in stored.items()}
        ground = Ground.of(definition("referrals_monthly"), {}, Map({"town": TOWN}, units), had, Veil(True, 5))
        return [one.value for one in ground.series(TOWN)]

    east, old = figures("2026-01", [40, 42, 41]), figures("2026-01", [9])
    assert of(east=east, old=old) == [49, None, None]
    assert of(east=east, old=old, new=figures("2026-03", [8])) == [49, None, 49]
    assert of(east=east, old=figures("2026-01", [9, 4])) == [49, 46, None]
    assert of(east=east, old=old, new=figures("2026-02", [5, 8])) == [49, 47, 49]
    assert of(east=east, old=old, new=never("2026-02")) == [49, 42, 41]


def test_an_exception_that_is_over_says_which_of_its_two_figures_may_be_a_part() -> None:
    usual, odd, back = (shares(first, items) for first, items in (
        ("2025-01", [(95, 100), (96, 100)] * 7), ("2026-03", [(60, 100)]), ("2026-04", [(95, 100)]),
    ))  # fmt: skip
    days = date(2026, 4, 30), date(2026, 3, 31)

    def told(lack: list[int]) -> str:
        known = [replace(one, units=1, silent=n) for one, n in zip([*usual, *odd, *back], lack, strict=True)]
        verdict = judge(case := Case(definition("supervision_in_time"), TOWN, known), *days)
        (gone,) = [one for one in verdict.resolved if one.trigger == "SIGNIFICANT_CHANGE"]
        return sentence(replace(case, figures=verdict.earlier.figures), gone)

    over = "This no longer stands."
    assert told([0] * 16).endswith(over) and "part of the whole" not in told([0] * 16)
    assert told([2] * 15 + [0]).endswith(f". That figure lacks 2 teams, so it may be a part of the whole. {over}")
    less = f"{over} But the latest figure lacks more teams than that one, so it may be a smaller part of the whole."
    assert told([0] * 15 + [1]).endswith(less)


def test_a_team_that_takes_over_or_has_just_opened_breaks_nothing() -> None:
    known = summed("referrals_monthly", old=figures("2025-01", STEADY), new=figures("2026-01", [41]))
    assert (known[-1].value, known[-1].units, broken(known)) == (41, 1, [])
    opened = summed("referrals_monthly", east=figures("2025-01", [*STEADY, 41]), new=figures("2026-01", [9]))
    assert (opened[-1].value, broken(opened)) == (50, [])


def test_a_whole_recorded_again_after_sums_is_told_apart_and_a_share_is_not() -> None:
    known = summed("referrals_monthly", east=figures("2025-01", STEADY), town=figures("2026-01", [265]))
    assert broken(known) == ["2026-01"]
    assert "recorded for Town as a whole" in breaks_of(TOWN, known)[0].reason
    ratios = summed("supervision_in_time", town=shares("2025-01", [(90, 100)] * 3), east=shares("2025-04", [(9, 10)]))
    assert (ratios[-1].units, broken(ratios)) == (1, [])


def test_figures_of_two_definitions_make_no_sum() -> None:
    before = shares("2025-01", [(9, 10), (1, 3)])
    after = [replace(one, version=2) for one in before]
    worded, per_mille = {"version": 2}, {"version": 2, "measure": "rate", "multiplier": 1_000}
    both = summed("supervision_in_time", worded, east=before, west=before)
    assert [(one.numerator, one.denominator, one.version) for one in both] == [(18, 20, 1), (2, 6, 1)]
    for redefined, west in ((worded, after), (per_mille, before), ({"version": 2, "measure": "count"}, before)):
        known = summed("supervision_in_time", redefined, east=before, west=west)
        assert [(one.value, one.status) for one in known] == [(None, ValueStatus.x)] * 2


def test_teams_that_never_send_are_missed_beside_a_service_before_their_sister_sends() -> None:
    names = {"town": None, "service": "town", "below": "service", "first": "town", "second": "town", "third": "town"}
    units = {code: Unit(code, code, above, None, None) for code, above in names.items()}
    had = {
        ("supervision_in_time", "service"): shares("2026-01", [(9, 10)] * 3),
        ("supervision_in_time", "first"): shares("2026-03", [(9, 10)]),
    }
    ground = Ground.of(definition("supervision_in_time"), {}, Map({"town": TOWN}, units), had, Veil(True, 5))
    assert [one.silent for one in ground.series(TOWN)] == [3, 3, 2]
