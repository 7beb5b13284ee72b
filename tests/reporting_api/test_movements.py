"""What moved between two contents is told by what a thing is, not by what it is called."""

from __future__ import annotations

from services.reporting_api.assembly.movements import movements
from shared.schemas.board_figures import BoardFigure, Comparison, UnitFigure
from shared.schemas.board_report import BoardRef, BoardReport
from tests.reporting_api.test_flat_figures import figure, report


def team(unit: str, display: str) -> UnitFigure:
    return UnitFigure(unit=unit, name="Weymouth", value=None, display=display)


def beside(code: str, display: str, version: str = "2025") -> Comparison:
    return Comparison(
        comparator_set=code, name="Weymouth", set_version=version, period="RY2025", display=display, n_available=1,
        n_members=1,
    )  # fmt: skip


def of(teams: list[UnitFigure], sets: list[Comparison]) -> BoardFigure:
    return figure(units=[one.model_dump() for one in teams], comparisons=[one.model_dump() for one in sets])


def sentences(before: BoardReport, now: BoardReport) -> list[str]:
    return [one.sentence for one in movements(before, now)]


def told(was: str, now: str) -> str:
    return f"Key: Re-referrals, Weymouth, {was} before, {now} now."


def test_teams_and_areas_of_one_name_are_told_each() -> None:
    before = report(of([team("a", "1"), team("b", "2")], [beside("near", "3"), beside("far", "4")]))
    now = report(of([team("a", "5"), team("b", "2")], [beside("near", "7"), beside("far", "4")]))
    assert sentences(before, now) == [told("1", "5"), told("3", "7")]


def test_a_new_edition_of_a_comparator_set_that_reads_otherwise_is_told() -> None:
    before, now = report(of([], [beside("near", "3")])), report(of([], [beside("near", "7", "2026")]))
    assert sentences(before, now) == [told("3", "7")]


def test_a_renamed_team_or_board_has_not_moved() -> None:
    before = report(of([team("a", "1")], []))
    now = report(of([team("a", "1").model_copy(update={"name": "Portland"})], []))
    now = now.model_copy(update={"audiences": [BoardRef(code="csdg", name="Delivery group")]})
    assert sentences(before, now) == []


def test_a_report_that_goes_to_another_board_says_so_by_name() -> None:
    before = report(of([], []))
    now = before.model_copy(update={"audiences": [BoardRef(code="other", name="Trust")]})
    assert sentences(before, now) == ["It goes to Trust, it went to Group."]
