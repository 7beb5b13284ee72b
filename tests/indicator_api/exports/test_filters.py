"""OData's `$filter`: what is offered means what OData says, and what is not is refused without repeating it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.indicator_api.exports.tables import FIGURES, INDICATORS, PLACES
from shared.extracts.errors import NotOffered, UnreadableQuery
from shared.extracts.filters import read_filter

ROW: dict[str, Any] = {
    "indicator": "absence", "place": "E06000059", "period": "AY2024-25", "breakdown": "", "value": 7.4,
    "value_status": None, "provisional": False, "period_end": date(2025, 8, 31), "source_ref": "it's",
    "recorded_at": datetime(2026, 11, 1, 12, tzinfo=UTC), "definition_version": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("indicator eq 'absence'", True),
        ("indicator ne 'absence'", False),
        ("value gt 7 and value lt 8", True),
        ("value gt 8 or place eq 'E06000059'", True),
        ("value gt 8 or place eq 'x' and value lt 8", False),
        ("(value gt 8 or place eq 'E06000059') and value lt 8", True),
        ("value_status eq null", True),
        ("value_status ne null", False),
        ("value_status gt 'a'", False),
        ("value gt null", False),
        ("provisional eq false", True),
        ("source_ref eq 'it''s'", True),
        ("period_end ge 2025-08-31", True),
        ("recorded_at lt 2026-11-01T12:00:00Z", False),
        ("recorded_at le 2026-11-01T13:00:00+01:00", True),
        ("definition_version eq 1", True),
        ("period ge 'AY2024-25'", True),
    ],
)
def test_what_is_offered_means_what_odata_says(text: str, holds: bool) -> None:
    assert read_filter(text, FIGURES).holds(ROW) is holds


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("contains(indicator,'abs')", NotOffered),
        ("not indicator eq 'absence'", NotOffered),
        ("value add 1 eq 2", NotOffered),
        ("nothing eq 'x'", UnreadableQuery),
        ("value eq 'seven'", UnreadableQuery),
        ("indicator eq absence", UnreadableQuery),
        ("period_end ge 2025-13-31", UnreadableQuery),
        ("recorded_at ge 2025-08-31", UnreadableQuery),
        ("provisional eq maybe", UnreadableQuery),
        ("indicator eq 'absence", UnreadableQuery),
        ("indicator eq 'a' indicator", UnreadableQuery),
        ("(indicator eq 'a'", UnreadableQuery),
        ("indicator eq", UnreadableQuery),
        ("", UnreadableQuery),
        ("(" * 50 + "indicator eq 'a'" + ")" * 50, UnreadableQuery),
        ("indicator eq 'Zebedee' %", UnreadableQuery),
    ],
)
def test_what_cannot_be_answered_is_refused_and_never_repeated(text: str, problem: type[Exception]) -> None:
    with pytest.raises(problem) as refused:
        read_filter(text, FIGURES)
    assert "Zebedee" not in str(vars(refused.value))


def test_properties_are_those_of_the_entity() -> None:
    assert read_filter("retired eq true", INDICATORS).columns() == {"retired"}
    with pytest.raises(UnreadableQuery):
        read_filter("retired eq true", PLACES)
