"""What people speak of: themes counted, compared with earlier periods, and laid side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.feedback_api.intervals import share_change, share_interval
from shared.tables import read_log

Make = Callable[..., dict[str, Any]]


@pytest.fixture
async def filled(feedback: Any, a_view: Make, a_complaint: Make, a_compliment: Make) -> Any:
    """A quarter and the one before, with views of three teams, complaints and compliments."""
    client = await feedback.client("admin")
    august, may = {"given_on": "2026-08-14"}, {"given_on": "2026-05-14"}
    both = ["communication", "planning"]
    views = [a_view(themes=both, **august)] * 30 + [a_view(themes=["communication"], **august)] * 30
    views += [a_view(themes=["planning"], unit="fs_portland", respondent_group="child", **august)] * 20
    views += [a_view(themes=["supervision"], unit="cwd_east", respondent_group="practitioner", **august)] * 2
    views += [a_view(themes=[], what_works="Nobody returned my calls.", **august)] * 8
    views += [a_view(themes=["communication"], **may)] * 10 + [a_view(themes=["planning"], **may)] * 50
    assert (await client.post("/v1/views/imports", json={"items": views})).status_code == 200
    for number in range(7):
        body = a_complaint(respond_ref=f"C-{number}", received_on="2026-08-03", themes=["communication"])
        assert (await client.post("/v1/complaints", json=body)).status_code == 201
    body = a_compliment(received_on="2026-08-03", themes=["planning"])
    assert (await client.post("/v1/compliments", json=body)).status_code == 201
    return feedback


async def analysis(running: Any, query: str = "", role: str = "analyst", unit: str | None = None) -> Any:
    client = await running.client(role, unit=unit)
    answer = await client.get(f"/v1/themes/analysis?period=FY2026-27-Q2{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def by_theme(found: Any) -> dict[str, Any]:
    return {one["theme"]: one for one in found["themes"]}


async def test_R61_themes_are_counted_by_kind_and_only_where_a_person_gave_or_confirmed_them(filled: Any) -> None:
    found = await analysis(filled)
    assert found["records"]["views"] == {"records": 90, "themed": 82, "value_status": None}
    assert found["records"]["together"] == {"records": 98, "themed": 90, "value_status": None}
    communication = by_theme(found)["communication"]
    assert communication["counts"] == {"views": 60, "complaints": 7, "compliments": 0, "together": 67}
    wanted = share_interval(67, 90)
    assert wanted is not None
    assert communication["share"] == {
        "value": round(wanted.value, 4), "lower": round(wanted.lower, 4), "upper": round(wanted.upper, 4),
    }  # fmt: skip
    assert by_theme(found)["neglect"]["counts"]["together"] == 0
    assert [one["theme"] for one in found["themes"]][:3] == ["communication", "planning", "supervision"]


async def test_movement_is_told_with_an_interval_and_a_word_only_where_it_is_clear(filled: Any) -> None:
    found = by_theme(await analysis(filled, "&of=views&back=2"))
    communication, earlier = found["communication"], found["communication"]["movement"]
    assert [one["period"] for one in earlier] == ["FY2026-27-Q1", "FY2025-26-Q4"]
    wanted = share_change((60, 82), (10, 60))
    assert wanted is not None
    assert earlier[0]["difference"] == {
        "value": round(wanted.value, 4), "lower": round(wanted.lower, 4), "upper": round(wanted.upper, 4),
    }  # fmt: skip
    assert (earlier[0]["count"], earlier[0]["themed"], earlier[0]["word"]) == (10, 60, "more")
    assert found["planning"]["movement"][0]["word"] == "less"
    assert found["supervision"]["movement"][0]["word"] == "no_clear_change"
    # With nobody to compare with there is no difference, and no word.
    assert (communication["movement"][1]["share"], communication["movement"][1]["word"]) == (None, None)


@pytest.mark.parametrize(("of", "word"), [("complaints", "worse"), ("compliments", "better")])
async def test_a_larger_share_of_complaints_is_worse_and_of_compliments_better(
    feedback: Any, a_complaint: Make, a_compliment: Make, of: str, word: str
) -> None:
    client = await feedback.client("admin")
    for number in range(24):
        themes = ["communication"] if number > 1 and number != 13 else ["planning"]
        day = "2026-05-04" if number < 12 else "2026-08-03"
        themes = themes if number >= 12 else ["planning"]
        fields = {"respond_ref": f"R-{number}", "received_on": day, "themes": themes}
        body = a_complaint(**fields) if of == "complaints" else a_compliment(**fields)
        assert (await client.post(f"/v1/{of}", json=body)).status_code == 201
    found = by_theme(await analysis(feedback, f"&of={of}"))
    assert found["communication"]["movement"][0]["word"] == word


async def test_themes_that_stand_together_are_told_with_their_lift(filled: Any) -> None:
    (pair,) = (await analysis(filled, "&of=views"))["pairs"]
    assert pair == {"themes": ["communication", "planning"], "count": 30, "lift": round(30 * 82 / (60 * 50), 3)}


async def test_R17_themes_are_told_by_group_and_by_the_level_asked_for(filled: Any) -> None:
    found = await analysis(filled, "&of=views&level=segment")
    groups = {one["code"]: one["themes"] for one in found["groups"]}
    assert groups["child"] == {"planning": 20}
    assert {one["code"]: one["themed"] for one in found["units"]} == {
        "family_support": 80, "children_who_are_disabled": 2,
    }  # fmt: skip
    teams = await analysis(filled, "&of=views&level=local_office")
    assert {one["code"]: one["themes"] for one in teams["units"]}["fs_portland"] == {"planning": 20}
    assert (await analysis(filled, "&level=whole_service"))["units"] == []


async def test_an_analysis_is_narrowed_to_a_unit_and_a_family(filled: Any) -> None:
    assert by_theme(await analysis(filled, "&unit=fs_portland"))["planning"]["counts"]["views"] == 20
    staff = await analysis(filled, "&family=staff")
    assert staff["records"]["together"]["records"] == 2
    head = await analysis(filled, role="head_of_service", unit="children_who_are_disabled")
    assert by_theme(head)["supervision"]["counts"]["together"] == 2
    assert by_theme(head)["planning"]["counts"]["together"] == 0


async def test_R17_the_individual_level_is_for_roles_that_may_and_each_reading_is_logged(filled: Any) -> None:
    found = await analysis(filled, "&level=individual&unit=cwd_east")
    assert [one["themes"] for one in found["individuals"]] == [["supervision"]] * 2
    async with filled.database.snapshot() as session:
        logged = (await session.execute(read_log.select())).all()
    assert {row.subject_id for row in logged} == {one["ref"] for one in found["individuals"]}
    assert {row.operation for row in logged} == {"get_theme_analysis"}
    client = await filled.client("team_manager", unit="cwd_east")
    answer = await client.get("/v1/themes/analysis?period=FY2026-27-Q2&level=individual")
    assert (answer.status_code, answer.json()["needed_scope"]) == (403, "feedback:figures")


async def test_small_numbers_of_an_analysis_are_hidden(filled: Any) -> None:
    found = await analysis(filled, "&level=segment", role="team_manager")
    themes = by_theme(found)
    assert found["protected"] is True
    assert found["records"]["views"] == {"records": 90, "themed": 82, "value_status": None}
    assert themes["supervision"]["counts"] == {"views": None, "complaints": 0, "compliments": None, "together": None}
    assert themes["supervision"]["share"] is themes["supervision"]["movement"][0]["difference"] is None
    # Were every other theme shown, the two would be what is left.
    assert [theme for theme, one in themes.items() if one["counts"]["views"] is None and one["value_status"]]
    assert sum(one["counts"]["views"] is None for one in themes.values()) >= 2
    assert all(one["themed"] is None for one in found["units"] if one["code"] == "children_who_are_disabled")
    assert found["records"]["compliments"]["records"] is None


async def test_months_and_quarters_not_yet_told_are_withheld(filled: Any) -> None:
    client = await filled.client("practitioner")
    for period in ("2026-08", "FY2026-27-Q3"):
        found = (await client.get(f"/v1/themes/analysis?period={period}")).json()
        assert found["withheld"]
        assert (found["themes"], found["records"]) == ([], {})


@pytest.mark.parametrize("query", ["period=1990-01&back=12", "period=CY1990", "period=CY2099&back=12"])
async def test_periods_without_records_are_told_as_such(feedback: Any, query: str) -> None:
    for role in ("analyst", "practitioner"):
        client = await feedback.client(role)
        assert (await client.get(f"/v1/themes/analysis?{query}")).status_code == 200


@pytest.mark.parametrize(
    "query", ["", "period=soon", "period=AY2026-27-T1", "period=2026-10&back=13", "period=2026-10&of=x"]
)
async def test_an_analysis_that_cannot_be_asked_for_is_refused(feedback: Any, query: str) -> None:
    assert (await (await feedback.client("analyst")).get(f"/v1/themes/analysis?{query}")).status_code == 422


async def test_R08_how_a_family_felt_about_a_theme_is_told_with_true_figures_only(filled: Any, a_view: Make) -> None:
    client = await filled.client("admin")
    said = [
        ("practitioner", "positive", 4),
        ("practitioner", "negative", 2),
        ("practitioner", None, 1),
        ("child", "negative", 9),
    ]
    views = [
        a_view(themes=["recording"], respondent_group=group, sentiment=felt, given_on="2026-08-20")
        for group, felt, times in said
        for _ in range(times)
    ]
    assert (await client.post("/v1/views/imports", json={"items": views})).status_code == 200
    staff = by_theme(await analysis(filled, "&family=staff&of=views"))
    assert staff["recording"]["sentiment"] == {
        "positive": 4, "mixed": 0, "negative": 2, "not_given": 1, "value_status": None,
    }  # fmt: skip
    everyone = by_theme(await analysis(filled, "&of=views"))
    assert everyone["recording"]["sentiment"]["negative"] == 11
    assert everyone["neglect"]["sentiment"] is None
    protected = await analysis(filled, "&of=views", role="practitioner")
    assert protected["withheld"] is None
    assert {one["sentiment"] for one in protected["themes"]} == {None}
