"""The words a board member reads: periods, counts and reasons."""

from __future__ import annotations

import pytest

from services.reporting_api.words import counted, in_period, listed, period_short, period_words, reason_words, sentence


@pytest.mark.parametrize(
    ("code", "words", "short", "inside"),
    [
        ("2026-10", "October 2026", "Oct 2026", "in October 2026"),
        ("CY2025", "2025", "2025", "in 2025"),
        ("FY2026-27", "financial year 2026-27", "2026-27", "in the financial year 2026-27"),
        ("FY2026-27-Q4", "January to March 2027", "Q4 2026-27", "in the quarter January to March 2027"),
        ("RY2025", "year to 31 March 2025", "to Mar 2025", "in the year to 31 March 2025"),
        ("AY2026-27", "academic year 2026-27", "school 2026-27", "in the academic year 2026-27"),
        ("AY2026-27-T1", "autumn term 2026", "autumn term 2026", "in the autumn term 2026"),
        ("AY2026-27-T3", "summer term 2027", "summer term 2027", "in the summer term 2027"),
        ("AY2026-27-HT4", "second half of the spring term 2027", "second half of the spring term 2027",
         "in the second half of the spring term 2027"),
    ],
)  # fmt: skip
def test_each_kind_of_period_has_its_words(code: str, words: str, short: str, inside: str) -> None:
    assert (period_words(code), period_short(code), in_period(code)) == (words, short, inside)


def test_counts_lists_and_sentences_read_as_people_write_them() -> None:
    assert [counted(number, "view") for number in (0, 1, 1234)] == ["0 views", "1 view", "1,234 views"]
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert [sentence(text) for text in ("two came.", " one", "")] == ["Two came.", "One.", ""]


def test_a_reason_nobody_has_words_for_is_still_said() -> None:
    assert reason_words("timeout") == "the service did not answer in time"
    assert reason_words("cut_body") == reason_words(None) == "the service gave no usable answer"
