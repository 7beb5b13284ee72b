"""Grades of each domain by itself, beside the period before, in figures and in words (R25)."""

from __future__ import annotations

from collections.abc import Mapping

from services.audit_api.analysis.groups import Tally
from services.audit_api.analysis.tools import Edition
from shared.schemas.audit_summary import DomainGrades, GradeCount
from shared.schemas.framework.scales import Grade

TITLES = {
    "quality_of_intervention": "Quality of intervention",
    "outcomes_achieved": "Outcomes achieved",
    "adherence_to_process": "Adherence to process",
    "supervision": "Supervision",
    "context": "About the case",
}
GRADED = ("quality_of_intervention", "outcomes_achieved", "adherence_to_process")
_GOOD = ("outstanding", "good")
Editions = Mapping[tuple[str, int], Edition]
Step = tuple[str, str]


def percent_of(part: float, whole: float) -> float | None:
    """To one decimal; none of nothing."""
    return round(100 * part / whole, 1) if whole else None


def domains(now: Tally, before: Tally | None, editions: Editions) -> list[DomainGrades]:
    """One distribution for each domain, in the order of the scale; editions with the same grade add up."""
    steps = _steps(editions)
    return [_domain(domain, now, before, steps, editions) for domain in GRADED]


def _steps(editions: Editions) -> dict[Step, Grade]:
    found: dict[Step, Grade] = {}
    for edition in editions.values():
        for grade in edition.tool.scale.grades:
            found.setdefault(_step(grade), grade)
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def _step(grade: Grade) -> Step:
    return grade.code, grade.ofsted or ""


def _counts(domain: str, tally: Tally, steps: Mapping[Step, Grade], editions: Editions) -> dict[Step, int]:
    found = dict.fromkeys(steps, 0)
    for (tool, version, of, code), number in tally.grades().items():
        grade = editions[tool, version].tool.scale.grade(code) if of == domain else None
        if grade is not None:
            found[_step(grade)] += number
    return found


def _domain(
    domain: str, now: Tally, before: Tally | None, steps: Mapping[Step, Grade], editions: Editions
) -> DomainGrades:
    counts = _counts(domain, now, steps, editions)
    earlier = None if before is None else _counts(domain, before, steps, editions)
    total, total_before = sum(counts.values()), None if earlier is None else sum(earlier.values())
    grades = [
        _grade(step, counts[key], total, None if earlier is None else earlier[key], total_before)
        for key, step in steps.items()
    ]
    good = sum(number for key, number in counts.items() if key[1].split("_")[0] in _GOOD)
    good_before = sum(number for key, number in (earlier or {}).items() if key[1].split("_")[0] in _GOOD)
    share = percent_of(good, total)
    share_before = percent_of(good_before, total_before or 0)
    return DomainGrades(
        domain=domain,
        title=TITLES[domain],
        graded=total,
        grades=grades,
        graded_before=total_before,
        good_percent=share,
        good_percent_before=share_before,
        movement=_words(share, good, total, share_before, good_before, total_before or 0),
    )


def _grade(step: Grade, count: int, total: int, before: int | None, total_before: int | None) -> GradeCount:
    share, earlier = percent_of(count, total), percent_of(before or 0, total_before or 0)
    points = None if share is None or earlier is None else round(share - earlier, 1)
    return GradeCount(
        grade=step.code, label=step.label, ofsted=step.ofsted or "", count=count, percent=share,
        count_before=before, percent_before=earlier, points=points,
    )  # fmt: skip


def _words(
    share: float | None, good: int, total: int, before: float | None, good_before: int, total_before: int
) -> str:
    if share is None:
        return "No audit was graded here in this period."
    now = f"{good} of {total} good or outstanding ({share:.1f}%)"
    if before is None:
        return f"{now}; no audit was graded in the period before, so there is nothing to compare."
    points = round(share - before, 1)
    earlier = f"from {good_before} of {total_before} ({before:.1f}%)"
    if not points:
        return f"{now}, as in the period before ({good_before} of {total_before})."
    return f"{now}, {'up' if points > 0 else 'down'} {abs(points):.1f} percentage points {earlier}."
