"""The rates of the workforce (METHODS 2.9)."""

from __future__ import annotations

import pytest

from services.indicator_api.statistics.workforce import agency_rate, caseload, turnover_rate, vacancy_rate


def test_R46_turnover_is_leavers_over_those_in_post() -> None:
    assert turnover_rate(10, 200) == pytest.approx(5.0)


def test_R46_vacancies_are_a_share_of_all_posts() -> None:
    assert vacancy_rate(50, 200) == pytest.approx(20.0)


def test_agency_workers_are_a_share_of_all_workers() -> None:
    assert agency_rate(50, 200) == pytest.approx(20.0)


def test_a_caseload_is_cases_for_each_case_holder() -> None:
    assert caseload(1885, 140.3) == pytest.approx(13.4355, abs=1e-4)


def test_a_rate_of_unknown_or_no_staff_is_none_and_never_nought() -> None:
    assert turnover_rate(None, 200) is None
    assert vacancy_rate(None, 200) is None
    assert agency_rate(5, None) is None
    assert caseload(20, 0) is None
    assert vacancy_rate(0, 0) is None
    assert vacancy_rate(0, 200) == 0


def test_a_negative_number_of_staff_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        turnover_rate(-1, 200)
