"""What the ledger posts to each service: synthetic figures, audits and views, and how they are read back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from faults.running.ledger import Kind
from faults.running.place import ask
from tests.audit_api.papers import answers, whole

BATCH = 250
_PART = ("breakdown", "numerator", "denominator")


def _figures(number: int) -> dict[str, Any]:
    """250 synthetic breakdowns of one month; numerators and denominators tell batches of the same month apart."""
    month, share = number % 360, number // 360
    period = f"{1991 + month // 12}-{month % 12 + 1:02}"
    return {
        "items": [
            {
                "indicator": "specialist_teachers_enhanced_dbs", "area": "E06000059", "period": period,
                "breakdown": f"synthetic={share}_{row}",
                "numerator": row + 1, "denominator": number + row + 1,
                "source_ref": f"indicator-{number}",
            }
            for row in range(BATCH)
        ]
    }  # fmt: skip


def _told_figures(body: dict[str, Any]) -> Any:
    return sorted([one[name] for name in _PART] for one in body["items"])


def _stored_figures(url: str) -> Iterator[tuple[str, Any]]:
    by_batch: dict[str, list[Any]] = defaultdict(list)
    columns = "source_ref, breakdown, numerator::int, denominator::int"
    for key, *part in ask(url, f"SELECT {columns} FROM observation WHERE source_ref ~ '^indicator-'"):
        by_batch[key].append(part)
    yield from ((key, sorted(rows)) for key, rows in by_batch.items())


FIGURES = Kind(
    "indicator", "/v1/observations/imports?mode=atomic", _figures, _told_figures, _stored_figures,
    "SELECT count(*) FROM activity WHERE action = 'observations.imported'", BATCH,
)  # fmt: skip


def _audit(number: int) -> dict[str, Any]:
    return whole(case_reference=f"SYN-{number:06}", answers=answers(strengths=f"Synthetic words of audit {number}."))


def _told_audit(body: dict[str, Any]) -> Any:
    return sorted([question, str(value)] for question, value in body["answers"].items())


def _stored_audits(url: str) -> Iterator[tuple[str, Any]]:
    rows = ask(
        url,
        "SELECT a.id, a.case_reference, q.question, q.value FROM audit a "
        "JOIN audit_answer q ON q.audit_id = a.id WHERE a.case_reference ~ '^SYN-'",
    )
    by_audit: dict[tuple[Any, str], list[Any]] = defaultdict(list)
    for audit, case, question, value in rows:
        by_audit[audit, case].append([question, value])
    yield from ((f"audit-{int(case[4:])}", sorted(given)) for (_, case), given in by_audit.items())


AUDITS = Kind(
    "audit", "/v1/audits", _audit, _told_audit, _stored_audits,
    "SELECT count(DISTINCT subject_id) FROM activity WHERE subject_type = 'audit' AND action LIKE '%submitted'",
    40,
)  # fmt: skip


def _view(number: int) -> dict[str, Any]:
    return {
        "source": "case_management", "source_ref": f"feedback-{number}", "channel": "review_process",
        "respondent_group": "young_person", "unit": "fs_weymouth", "given_on": "2026-10-14", "age_band": "10-15",
        "rating": number % 5 + 1, "sentiment": "positive", "themes": ["voice_of_the_child"],
        "what_works": f"Synthetic words of view {number}.", "consent": "anonymous",
    }  # fmt: skip


def _told_view(body: dict[str, Any]) -> Any:
    return [body[name] for name in ("unit", "rating", "what_works")]


def _stored_views(url: str) -> Iterator[tuple[str, Any]]:
    for key, *told in ask(url, "SELECT source_ref, unit, rating, what_works FROM view WHERE source_ref ~ '^feedback-'"):
        yield key, told


VIEWS = Kind(
    "feedback", "/v1/views", _view, _told_view, _stored_views,
    "SELECT count(*) FROM activity WHERE subject_type = 'view'", 1,
)  # fmt: skip
