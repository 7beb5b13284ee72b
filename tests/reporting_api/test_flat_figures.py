"""A report laid flat: each figure and each team's, what it is set beside, and no more than the document has."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.reporting_api.published_figures import flat_figures
from shared.schemas.board_figures import BoardFigure, Comparison, EarlierFigure, TopQuartile, UnitFigure
from shared.schemas.board_report import BoardRef, BoardReport, BoardSection, PeriodRef


def comparison(kind: str, **numbers: float) -> Comparison:
    return Comparison(
        comparator_set=kind, name=kind, kind=kind, set_version="2025", period="RY2025", display="", n_available=1,
        n_members=1, **numbers,
    )  # fmt: skip


def figure(**more: object) -> BoardFigure:
    return BoardFigure.model_validate(
        {
            "indicator": "rereferrals", "title": "Re-referrals", "area": "E06000059", "period": "RY2025",
            "period_label": "year to 31 March 2025", "value": 20.5, "display": "20.5", "unit": "%",
            "measure": "percentage", "good_is": "low", "direction_of_travel": "improving", "sentence": "", **more,
        }
    )  # fmt: skip


def report(*figures: BoardFigure) -> BoardReport:
    board = BoardRef(code="csdg", name="Group")
    section = BoardSection(code="key", title="Key", kind="indicators", availability="available", figures=list(figures))
    return BoardReport(
        id="r", report="csdg_monthly", title="Report", rows=[], board=board, audiences=[board], version=1,
        period=PeriodRef(code="2026-10", label="", start=date(2026, 10, 1), end=date(2026, 10, 31)), status="published",
        as_of=datetime(2026, 11, 1, tzinfo=UTC), due_on=date(2026, 11, 30), disclosure="full", headlines=[],
        doing_the_right_things=None, making_a_difference=None, sections=[section], source_families={}, caveats=[],
        missing=[], attribution=[], content_hash="",
    )  # fmt: skip


def test_a_figure_carries_the_council_s_table_in_one_row() -> None:
    (row,) = flat_figures(
        report(
            figure(
                target=18.0, tolerance=1.0, rag="red",
                previous=[EarlierFigure(period="RY2024", label="", value=21.0, display="21.0")],
                year_end=EarlierFigure(period="RY2024", label="", value=21.0, display="21.0"),
                comparisons=[
                    comparison("region", value=19.0), comparison("nation", value=22.4),
                    comparison("statistical_neighbours", mean=20.1, median=19.9, best=12.0),
                ],
                top_quartile=TopQuartile(value=15.0, display="15.0", n_authorities=150),
            )
        )
    )  # fmt: skip
    wanted = {
        "section": "key", "area": "E06000059", "team_name": None, "value": 20.5, "target": 18.0, "tolerance": 1.0,
        "rag": "red", "previous_period": "RY2024", "previous_value": 21.0, "year_end_value": 21.0,
        "national_value": 22.4, "neighbours_average": 20.1, "neighbours_best": 12.0, "top_quartile": 15.0,
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


def test_each_team_has_a_row_of_its_own_that_borrows_nothing_from_the_council_s() -> None:
    hidden = UnitFigure(unit="cwd_west", name="West", value=None, value_status="c", display="c")
    shown = UnitFigure(unit="cwd_east", name="East", value=9.0, display="9.0", direction_of_travel="worsening")
    rows = flat_figures(report(figure(target=18.0, rag="red", units=[hidden, shown]), figure(indicator="other")))
    assert [(row["place"], row["indicator"], row["area"], row["value"], row["display"]) for row in rows] == [
        (0, "rereferrals", "E06000059", 20.5, "20.5"),
        (1, "rereferrals", "cwd_west", None, "c"),
        (2, "rereferrals", "cwd_east", 9.0, "9.0"),
        (3, "other", "E06000059", 20.5, "20.5"),
    ]
    assert {(row["target"], row["rag"]) for row in rows[1:3]} == {(None, "none")}
    assert [row["team_name"] for row in rows] == [None, "West", "East", None]
    assert len({tuple(row) for row in rows}) == 1
