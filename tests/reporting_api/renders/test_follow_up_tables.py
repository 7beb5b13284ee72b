"""What others owe a board is read in tables that say what is late, not in rows of field names."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.reporting_api.renders.blocks import Cell, Table
from services.reporting_api.renders.item_tables import item_blocks
from shared.schemas.board_evidence_items import CommitmentItem, FamilyItem, OwedSurveyItem, QuarterCases
from shared.schemas.board_follow_up_items import ContributionItem, MatterItem, TimelinessItem
from shared.schemas.board_report_items import OccurrenceItem
from shared.schemas.board_return_items import ReturnItem

DAY = date(2026, 11, 11)
COMMITMENT = CommitmentItem(
    code="multi-agency", title="Multi-agency audits", year="FY2026-27", year_label="financial year 2026-27", target=18,
    completed=9, scheduled=2, expected_by_now=11, forecast=14, rag="red",
    quarters=[QuarterCases(quarter="FY2026-27-Q1", label="April to June 2026", cases=4, cases_so_far=4)],
)  # fmt: skip
SURVEY = OwedSurveyItem(
    duty="s", title="Parents’ survey", unit="u", unit_name="Hearing support", due_on=DAY, overdue=True,
    done=["Parents", "Carers"], coming=[], missing=["Schools"],
)  # fmt: skip
FAMILY = FamilyItem(family="staff", label="Front-line staff", expected=True, contributed=False, sections=[])
MATTER = MatterItem(
    id="1", board="csoc", board_name="Overview Committee", decided_on=DAY, report_title="Quarterly report",
    period_label="July 2026", text="Visit every team", owner="Head of Service", originally_due_on=date(2026, 10, 1),
    due_on=DAY, status="open", overdue=True, progress="Half are done", progress_on=DAY,
)  # fmt: skip
TIMELINESS = TimelinessItem(
    group="board", code="csoc", title="Overview Committee", expected=8, on_time=3, late=2, open_late=1, missed=2
)
CONTRIBUTION = ContributionItem(
    contributor="police", name="Dorset Police", due_on=DAY, standing="overdue", standing_label="overdue", chased=2,
    last_chased_on=DAY, nothing_to_report=["Audits"],
)  # fmt: skip
RETURN = ReturnItem(
    code="ssda903", title="SSDA903", period="RY2026", period_label="year to 31 March 2026", due_on=DAY,
    status="submitted", status_label="submitted", submission=2, reviewed_by="a-reviewer", reviewed_for="a-head",
    submitted_by="an-analyst", submitted_on=DAY, on_time=False,
)  # fmt: skip
OCCURRENCE = OccurrenceItem(
    report="csdg_monthly", title="Monthly report", period="2026-10", period_label="October 2026", due_on=DAY,
    outcome="late", outcome_label="late", reason="The census closed late.",
)  # fmt: skip


def read(item: Any) -> tuple[list[Cell], str]:
    tables = [one for one in item_blocks([item]) if isinstance(one, Table)]
    cells = [cell for table in tables for row in table.rows for cell in row]
    return cells, " | ".join(" ".join((cell.text, *cell.below, cell.flag or "")) for cell in cells)


@pytest.mark.parametrize(
    ("item", "words", "tone"),
    [
        (COMMITMENT, ["Financial year 2026-27", "18", "Red", "April to June 2026"], "red"),
        (SURVEY, ["11 November 2026 Overdue", "Parents and Carers", "Schools"], "amber"),
        (FAMILY, ["Front-line staff", "Silent although expected"], "red"),
        (MATTER, ["Overview Committee, 11 November 2026", "first 1 October 2026", "Overdue", "Half are done"], "red"),
        (TIMELINESS, ["Overview Committee  | 8  | 3  | 2  | 1  | 2"], None),
        (CONTRIBUTION, ["Overdue", "2 last 11 November 2026", "Nothing to report: Audits"], "red"),
        (RETURN, ["a-reviewer for a-head", "an-analyst", "submission 2"], "red"),
        (OCCURRENCE, ["Late The census closed late."], None),
    ],
)
def test_a_row_of_what_is_owed_says_in_words_how_it_stands(item: Any, words: list[str], tone: str | None) -> None:
    cells, text = read(item)
    assert [one for one in words if one not in text] == []
    assert tone is None or tone in {cell.tone for cell in cells}
    assert "_" not in text
