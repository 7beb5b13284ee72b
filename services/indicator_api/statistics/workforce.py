"""The rates of the social work workforce as DfE publishes them (METHODS 2.9)."""

from __future__ import annotations

PER_CENT = 100.0


def turnover_rate(leavers: float | None, in_post: float | None) -> float | None:
    """Leavers in the year to 30 September as a percentage of those in post that day."""
    return _share(leavers, in_post)


def vacancy_rate(vacancies: float | None, in_post: float | None) -> float | None:
    """Vacancies as a percentage of all posts: vacancies and those in post."""
    return _share(vacancies, _both(vacancies, in_post))


def agency_rate(agency: float | None, in_post: float | None) -> float | None:
    """Agency workers as a percentage of all workers: agency and those in post."""
    return _share(agency, _both(agency, in_post))


def caseload(cases: float | None, case_holders: float | None) -> float | None:
    """Cases for each full-time equivalent case holder."""
    return _ratio(cases, case_holders)


def _both(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second


def _share(part: float | None, whole: float | None) -> float | None:
    ratio = _ratio(part, whole)
    return None if ratio is None else PER_CENT * ratio


def _ratio(part: float | None, whole: float | None) -> float | None:
    if part is None or whole is None:
        return None
    if part < 0 or whole < 0:
        raise ValueError("workforce figures are 0 or more")
    return part / whole if whole else None
