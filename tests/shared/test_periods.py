"""The grammar of periods: parsing, dates, steps, containment, order and DfE's import codes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.faults import SafeValueError
from shared.schemas.dfe_periods import from_dfe
from shared.schemas.periods import (
    OutsideTerm,
    Period,
    PeriodCode,
    PeriodError,
    PeriodKind,
    TermDatesUnknown,
    parse_period,
)

CALENDAR = {
    "AY2026-27-HT1": (date(2026, 9, 2), date(2026, 10, 23)),
    "AY2026-27-HT2": (date(2026, 11, 2), date(2026, 12, 18)),
    "AY2026-27-T2": (date(2027, 1, 4), date(2027, 3, 25)),
}
SIZES = {
    PeriodKind.month: 12,
    PeriodKind.financial_quarter: 4,
    PeriodKind.term: 3,
    PeriodKind.half_term: 6,
}
periods = st.sampled_from(list(PeriodKind)).flatmap(
    lambda kind: st.builds(
        Period,
        st.just(kind),
        st.integers(1992, 2098),
        st.integers(1, SIZES[kind]) if kind in SIZES else st.just(0),
    )
)
dated_periods = periods.filter(lambda period: period.kind not in (PeriodKind.term, PeriodKind.half_term))


@pytest.mark.parametrize(
    ("code", "kind", "start", "end"),
    [
        ("2026-04", PeriodKind.month, date(2026, 4, 1), date(2026, 4, 30)),
        ("2024-02", PeriodKind.month, date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", PeriodKind.month, date(2026, 12, 1), date(2026, 12, 31)),
        ("CY2026", PeriodKind.calendar_year, date(2026, 1, 1), date(2026, 12, 31)),
        ("FY2026-27", PeriodKind.financial_year, date(2026, 4, 1), date(2027, 3, 31)),
        ("FY1999-00", PeriodKind.financial_year, date(1999, 4, 1), date(2000, 3, 31)),
        ("FY2026-27-Q1", PeriodKind.financial_quarter, date(2026, 4, 1), date(2026, 6, 30)),
        ("FY2026-27-Q4", PeriodKind.financial_quarter, date(2027, 1, 1), date(2027, 3, 31)),
        ("RY2026", PeriodKind.reporting_year, date(2025, 4, 1), date(2026, 3, 31)),
        ("AY2026-27", PeriodKind.academic_year, date(2026, 9, 1), date(2027, 8, 31)),
    ],
)
def test_each_code_has_its_first_and_last_day(code: str, kind: PeriodKind, start: date, end: date) -> None:
    period = parse_period(code)
    assert (period.kind, period.start, period.end, period.code, str(period)) == (kind, start, end, code, code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "2026",
        "2026-00",
        "2026-13",
        "2026-4",
        "2026-04 ",
        " 2026-04",
        "2026-04\n",
        "cy2026",
        "CY26",
        "FY2026",
        "FY2026-28",
        "FY2026-2027",
        "FY2026/27",
        "FY2026-27-Q0",
        "FY2026-27-Q5",
        "FY2026-27-T1",
        "AY2026-27-Q1",
        "AY2026-27-T4",
        "AY2026-27-HT7",
        "AY2025-27-HT1",
        "CY1989",
        "CY2101",
        "1989-12",
        "CY９９９９",
        "2026-０4",
        "RY2026-27",
        "2026-W04",
    ],
)
def test_what_is_no_period_is_refused_without_repeating_it(code: str) -> None:
    with pytest.raises(PeriodError) as refusal:
        Period.parse(code)
    assert not code.strip() or code.strip() not in str(refusal.value).split()
    assert isinstance(refusal.value, SafeValueError)


def test_the_message_on_bad_years_says_what_is_wrong() -> None:
    with pytest.raises(PeriodError, match="follow each other"):
        parse_period("FY2026-28")
    with pytest.raises(PeriodError, match="outside 1990 to 2100"):
        parse_period("CY2150")


@given(periods)
def test_a_code_reads_back_to_the_same_period(period: Period) -> None:
    assert Period.parse(period.code) == period


@given(periods)
def test_successor_and_predecessor_undo_each_other(period: Period) -> None:
    assert period.successor.predecessor == period == period.predecessor.successor
    assert period < period.successor
    assert period >= period.predecessor


@given(dated_periods)
def test_a_period_ends_the_day_before_its_successor_starts(period: Period) -> None:
    assert period.end + timedelta(days=1) == period.successor.start


@given(dated_periods)
def test_every_day_of_a_period_lies_in_it(period: Period) -> None:
    assert Period.containing(period.kind, period.start) == period
    assert Period.containing(period.kind, period.end) == period


@given(periods)
def test_a_parent_covers_its_child_and_not_the_other_way(period: Period) -> None:
    parent = period.parent
    if parent is not None:
        assert parent.covers(period)
        assert not period.covers(parent)


def test_steps_cross_the_year() -> None:
    assert parse_period("2026-12").successor.code == "2027-01"
    assert parse_period("FY2026-27-Q1").predecessor.code == "FY2025-26-Q4"
    assert parse_period("AY2026-27-T3").successor.code == "AY2027-28-T1"
    assert parse_period("AY2026-27-HT6").successor.code == "AY2027-28-HT1"
    assert parse_period("RY2026").successor.code == "RY2027"


def test_steps_stop_at_the_edge_of_the_years_kept() -> None:
    with pytest.raises(PeriodError):
        _ = parse_period("CY2100").successor
    with pytest.raises(PeriodError):
        _ = parse_period("1990-01").predecessor


@pytest.mark.parametrize(
    ("code", "parent"),
    [
        ("2026-04", "FY2026-27-Q1"),
        ("2027-03", "FY2026-27-Q4"),
        ("FY2026-27-Q3", "FY2026-27"),
        ("AY2026-27-HT3", "AY2026-27-T2"),
        ("AY2026-27-HT6", "AY2026-27-T3"),
        ("AY2026-27-T2", "AY2026-27"),
    ],
)
def test_each_period_has_the_parent_of_the_grammar(code: str, parent: str) -> None:
    found = parse_period(code).parent
    assert found is not None
    assert found.code == parent


@pytest.mark.parametrize("code", ["CY2026", "FY2026-27", "RY2026", "AY2026-27"])
def test_a_year_has_no_parent(code: str) -> None:
    assert parse_period(code).parent is None


@pytest.mark.parametrize(
    ("code", "kind", "found"),
    [
        ("2026-04", PeriodKind.calendar_year, "CY2026"),
        ("2026-04", PeriodKind.financial_year, "FY2026-27"),
        ("2026-03", PeriodKind.reporting_year, "RY2026"),
        ("2026-08", PeriodKind.academic_year, "AY2025-26"),
        ("FY2025-26", PeriodKind.reporting_year, "RY2026"),
        ("RY2026", PeriodKind.financial_year, "FY2025-26"),
        ("FY2026-27-Q4", PeriodKind.calendar_year, "CY2027"),
        ("AY2026-27-HT5", PeriodKind.academic_year, "AY2026-27"),
        ("2026-04", PeriodKind.month, "2026-04"),
    ],
)
def test_a_period_knows_the_wider_one_it_lies_in(code: str, kind: PeriodKind, found: str) -> None:
    assert parse_period(code).within(kind).code == found


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("FY2026-27", PeriodKind.calendar_year),
        ("FY2026-27-Q2", PeriodKind.academic_year),
        ("CY2026", PeriodKind.month),
        ("2026-04", PeriodKind.term),
        ("AY2026-27-HT1", PeriodKind.financial_year),
    ],
)
def test_a_period_across_a_border_lies_within_none(code: str, kind: PeriodKind) -> None:
    with pytest.raises(PeriodError):
        parse_period(code).within(kind)


def test_a_period_covers_its_months() -> None:
    quarter = parse_period("FY2026-27-Q4")
    assert [month.code for month in quarter.months] == ["2027-01", "2027-02", "2027-03"]
    assert all(quarter.covers(month) for month in quarter.months)
    assert not quarter.covers(parse_period("2027-04"))
    assert len(parse_period("AY2026-27").months) == 12
    assert parse_period("2026-05").months == (parse_period("2026-05"),)


def test_the_same_period_last_year_keeps_month_quarter_and_term() -> None:
    assert parse_period("2024-02").same_period_last_year.code == "2023-02"
    assert parse_period("FY2026-27-Q2").same_period_last_year.code == "FY2025-26-Q2"
    assert parse_period("AY2026-27-HT4").same_period_last_year.code == "AY2025-26-HT4"


def test_periods_sort_by_their_end_whatever_their_kind() -> None:
    codes = ["2026-02", "2025-12", "2026-01"]
    assert [period.code for period in sorted(map(parse_period, codes))] == ["2025-12", "2026-01", "2026-02"]
    ends = ["2026-05", "2026-06", "FY2026-27-Q1", "AY2025-26-HT6", "2026-11", "AY2026-27-T1", "CY2027", "2028-01"]
    assert [period.code for period in sorted(map(parse_period, reversed(ends)))] == ends
    assert parse_period("2026-04") < parse_period("CY2026") and parse_period("CY2026") >= parse_period("2026-04")
    with pytest.raises(TypeError):
        _ = parse_period("2026-04") < "CY2026"
    assert len({parse_period("CY2026"), parse_period("CY2026")}) == 1


def test_a_term_is_read_without_a_calendar_but_dated_only_with_one() -> None:
    term = parse_period("AY2026-27-T1")
    with pytest.raises(TermDatesUnknown):
        term.dates()
    with pytest.raises(TermDatesUnknown):
        _ = term.start
    assert term.dates(CALENDAR) == (date(2026, 9, 2), date(2026, 12, 18))
    assert parse_period("AY2026-27-T2").dates(CALENDAR) == (date(2027, 1, 4), date(2027, 3, 25))
    with pytest.raises(TermDatesUnknown):
        parse_period("AY2026-27-T3").dates(CALENDAR)


def test_a_day_is_found_in_its_term_and_a_holiday_in_none() -> None:
    assert Period.containing(PeriodKind.half_term, date(2026, 11, 2), CALENDAR).code == "AY2026-27-HT2"
    assert Period.containing(PeriodKind.term, date(2026, 10, 28), CALENDAR).code == "AY2026-27-T1"
    with pytest.raises(OutsideTerm):
        Period.containing(PeriodKind.half_term, date(2026, 10, 28), CALENDAR)
    with pytest.raises(OutsideTerm):
        Period.containing(PeriodKind.term, date(2030, 10, 28), CALENDAR)
    with pytest.raises(TermDatesUnknown):
        Period.containing(PeriodKind.term, date(2026, 10, 28))


@pytest.mark.parametrize(
    ("time_period", "identifier", "code"),
    [
        ("201819", "AY", "AY2018-19"),
        (201819, "Financial year", "FY2018-19"),
        ("201819", "T1", "AY2018-19-T1"),
        ("201819", "Summer term", "AY2018-19-T3"),
        ("2025", "RY", "RY2025"),
        ("2025", "Calendar year", "CY2025"),
        ("2025", "M4", "2025-04"),
        ("2025", "December", "2025-12"),
    ],
)
def test_the_import_codes_of_dfe_are_read(time_period: str | int, identifier: str, code: str) -> None:
    assert from_dfe(time_period, identifier).code == code


@pytest.mark.parametrize(
    ("time_period", "identifier"),
    [
        ("201820", "AY"),
        ("201819", "RY"),
        ("2018", "AY"),
        ("2018", "M13"),
        ("18", "RY"),
        ("201819", ""),
        ("", "AY"),
    ],
)
def test_import_codes_that_do_not_fit_are_refused(time_period: str, identifier: str) -> None:
    with pytest.raises(PeriodError):
        from_dfe(time_period, identifier)


def test_on_the_wire_a_period_is_its_canonical_code() -> None:
    wire: TypeAdapter[str] = TypeAdapter(PeriodCode)
    assert wire.validate_json('"FY2026-27"') == "FY2026-27"
    for bad in ('"FY2026-28"', "202604", "null", '"2026-4"', '"' + "9" * 5000 + '"'):
        with pytest.raises(ValidationError):
            wire.validate_json(bad)
    assert wire.json_schema()["type"] == "string"
