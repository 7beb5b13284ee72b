"""The forms of a report over HTTP: whose copy they are of, how they are named, and what is not sent twice."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import httpx
from python_calamine import CalamineWorkbook

from tests.reporting_api.conftest import Desk, slug
from tests.reporting_api.fake_evidence import a_summary

FORMS = {
    "html": "text/html",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "application/zip",
    "csv/figures": "text/csv",
    "charts": "application/json",
    "charts/key_indicators.looked_after_rate.trend": "image/svg+xml",
}


async def form(desk: Desk, report: str, name: str, role: str = "analyst", **headers: str) -> httpx.Response:
    return await (await desk.client(role)).get(f"/v1/reports/{report}/{name}", headers=headers)


def words_of(answer: httpx.Response) -> str:
    """Everything that can be read in a form; of a PDF nothing, for its text is packed."""
    kind = answer.headers["content-type"]
    if kind == FORMS["xlsx"]:
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
        return "\n".join(str(cell) for row in rows for cell in row)
    if kind == FORMS["csv"]:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            return "\n".join(archive.read(name).decode() for name in archive.namelist())
    return answer.text


async def test_R01_a_published_report_is_had_in_every_form_and_not_made_again_for_whoever_has_it(desk: Desk) -> None:
    report = (await desk.publish((await desk.draft())["id"]))["id"]
    for name, kind in FORMS.items():
        first = await form(desk, report, name)
        assert (first.status_code, first.headers["content-type"].partition(";")[0]) == (200, kind), name
        assert first.headers["content-security-policy"].startswith("default-src 'none'")
        assert first.headers["cache-control"] == "private, no-cache"
        again = await form(desk, report, name, **{"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), name
        assert (await form(desk, report, name)).content == first.content, name


async def test_a_file_is_named_for_its_report_period_edition_copy_and_state(desk: Desk) -> None:
    draft = (await desk.draft())["id"]
    name = "csdg_monthly-2026-10-edition-1"
    assert f'inline; filename="{name}-DRAFT.pdf"' == (await form(desk, draft, "pdf")).headers["content-disposition"]
    await desk.publish(draft)
    for role, file in (("analyst", f"{name}.xlsx"), ("board_reader", f"{name}-protected.xlsx")):
        found = (await form(desk, draft, "xlsx", role)).headers["content-disposition"]
        assert found == f'attachment; filename="{file}"'


async def test_a_draft_and_another_unit_s_report_are_in_no_form(desk: Desk) -> None:
    draft = (await desk.draft())["id"]
    elsewhere = await desk.reporting.client("head_of_service", unit="family_support")
    for name in FORMS:
        assert (await form(desk, draft, name, "board_reader")).status_code == 404, name
        assert (await elsewhere.get(f"/v1/reports/{draft}/{name}")).status_code == 404, name


async def test_small_numbers_are_hidden_in_every_form_of_a_protected_copy(desk: Desk) -> None:
    desk.neighbours.summary = a_summary()
    report = (await desk.publish((await desk.draft())["id"]))["id"]
    own = (await form(desk, report, "csv/tally")).text
    copy = (await form(desk, report, "csv/tally", "board_reader")).text
    staff = next(line for line in own.splitlines() if ",staff," in line)
    hidden = next(line for line in copy.splitlines() if ",staff," in line)
    value = staff.split(",")[1]
    assert value.isdigit()
    assert hidden.split(",")[1] == "c"
    for name in ("html", "xlsx", "csv"):
        assert "This is the protected copy" in words_of(await form(desk, report, name, "board_reader")), name
    page = words_of(await form(desk, report, "html", "board_reader"))
    assert f'<th scope="row">Staff</th><td class="number" data-label="Count">{value}</td>' not in page
    tags = {(await form(desk, report, "pdf", role)).headers["etag"] for role in ("analyst", "board_reader")}
    assert len(tags) == 2


async def test_a_superseded_edition_says_so_in_its_forms_and_leads_to_the_new_one(desk: Desk) -> None:
    first = (await desk.publish((await desk.draft())["id"]))["id"]
    before = await form(desk, first, "html")
    newer = (await desk.step(first, "supersessions", {"reason": "A view was counted twice."}, role="analyst")).json()[
        "id"
    ]
    await desk.publish(newer)
    after = await form(desk, first, "html", **{"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert "This edition has been superseded" in after.text
    assert after.headers["link"] == f'</v1/reports/{newer}>; rel="successor-version"'
    assert "It replaces an earlier edition: A view was counted twice." in (await form(desk, newer, "html")).text


async def test_what_is_not_there_is_a_named_problem(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    table = await form(desk, report, "csv/nothing")
    assert (table.status_code, slug(table)) == (404, "unknown-report-table")
    assert "figures, trend" in table.json()["detail"]
    chart = await form(desk, report, "charts/key_indicators.nothing.trend")
    assert (chart.status_code, slug(chart)) == (404, "unknown-report-chart")
    assert (await form(desk, report, "charts/..%2f..%2fetc")).status_code in (404, 422)


async def test_each_listed_chart_is_drawn_and_says_in_words_what_it_shows(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    listed = (await form(desk, report, "charts")).json()["items"]
    assert {one["kind"] for one in listed} >= {"trend", "grades"}
    client = await desk.client("analyst")
    for one in listed:
        drawn = await client.get(one["svg"])
        root = ElementTree.fromstring(drawn.content)
        assert (root[0].text, root[1].text) == (one["title"], one["description"])
