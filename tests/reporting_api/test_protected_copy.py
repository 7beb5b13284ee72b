"""The protected copy of a report whose own board sees every figure: what it tells, and what it holds back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.reporting_api.document import COPY, HELD_BACK, held_back
from tests.reporting_api.conftest import CLOSING, Desk, section
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.test_published import recomputed

COUNT = "complaints_received"  # about people, and published by nobody else
QUARTER = "FY2026-27-Q1"


async def read_as(desk: Desk, role: str, report: str) -> dict[str, Any]:
    return await desk.document(report, role)


def figure(document: dict[str, Any], indicator: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in section(document, "key_indicators")["figures"] if one["indicator"] == indicator
    )
    return found


async def show_complaints(desk: Desk) -> None:
    """Have the group's report show a figure that a protected copy hides where it is small."""
    item = framework_item("reports", "csdg_monthly")
    sections = [
        {**one, "indicators": [*one["indicators"], COUNT]} if one["code"] == "key_indicators" else one
        for one in item["sections"]
    ]
    await apply_change(await desk.client("admin"), "reports", {**item, "sections": sections})


@pytest.mark.parametrize(("was", "becomes", "told"), [(3.0, 7.0, "c"), (7.0, 3.0, None), (8.0, 7.0, "8")])
async def test_a_copy_tells_of_an_earlier_figure_only_what_copies_have_shown(
    desk: Desk, was: float, becomes: float, told: str | None
) -> None:
    await show_complaints(desk)
    desk.neighbours.points[COUNT] = [(QUARTER, was, None, None)]
    await desk.publish((await desk.draft(period="2026-09"))["id"])
    desk.neighbours.points[COUNT] = [(QUARTER, becomes, None, None)]
    report = await desk.publish((await desk.draft(period="2026-10"))["id"])
    copy = await read_as(desk, "board_reader", report["id"])
    assert figure(report, COUNT)["changed_since_last_report"] == f"{was:.0f}"
    assert figure(copy, COUNT)["changed_since_last_report"] == told
    assert figure(copy, COUNT)["display"] == ("c" if becomes == 3.0 else "7")


async def test_R09_a_copy_holds_back_written_texts_that_tell_a_number(desk: Desk) -> None:
    edit = {
        **CLOSING,
        "headlines": ["Only 3 children were heard."],
        "making_a_difference": "Three children say so.",
        "participation": {
            "took_place": True, "methods": ["questionnaires"], "who": "2 young people from Weymouth", "how_many": 43,
            "what_changed": "Letters come in plain words.",
        },
        "key_actions": [{"text": "Visit the 4 families", "evidence": ["R44"]}],
        "sections": [
            {"code": "feedback", "headline": "3 staff spoke", "narrative": "All of them are new."},
            {"code": "complaints", "narrative": "½ of them, or\u00a0④, are upheld."},
        ],
    }  # fmt: skip
    draft = await desk.draft()
    assembled = (await read_as(desk, "board_reader", (await desk.publish(draft["id"], edit))["id"]))["headlines"]
    report = await read_as(desk, "analyst", draft["id"])
    assert (report["headlines"], report["making_a_difference"]) == (edit["headlines"], edit["making_a_difference"])
    assert (section(report, "feedback")["headline"], report["participation"]["how_many"]) == ("3 staff spoke", 43)
    copy = await read_as(desk, "board_reader", draft["id"])
    assert assembled[0].startswith("Exceptions: 1 new exception in October 2026")
    assert copy["doing_the_right_things"] == CLOSING["doing_the_right_things"]
    assert copy["making_a_difference"] == HELD_BACK
    told = section(copy, "feedback")
    assert (told["headline"], told["narrative"]) == (HELD_BACK, "All of them are new.")
    assert section(copy, "complaints")["narrative"] == HELD_BACK
    took = copy["participation"]
    assert (took["who"], took["what_changed"]) == (HELD_BACK, "Letters come in plain words.")
    # Only the records say how many, as everybody is told it.
    assert (took["how_many"], took["value_status"]) == (None, "c")
    assert (copy["key_actions"][0]["text"], copy["key_actions"][0]["evidence"]) == (HELD_BACK, ["R44"])


async def test_reasons_and_comments_that_tell_a_number_are_held_back_too(desk: Desk) -> None:
    first = await desk.publish((await desk.draft())["id"])
    reason = "Of 41 views 3 were counted twice."
    newer = (await desk.step(first["id"], "supersessions", {"reason": reason})).json()["id"]
    await desk.step(newer, "submissions", role="analyst")
    content = (await desk.state(newer))["content_hash"]
    body = {"role": "head_of_service", "content_hash": content, "comment": "I spoke to the two families."}
    assert (await desk.step(newer, "signatures", body, role="head_of_service")).status_code == 200
    await desk.step(newer, "publications")
    copy = await read_as(desk, "board_reader", newer)
    state = (await (await desk.client("board_reader")).get(f"/v1/reports/{newer}/state")).json()
    for one in (copy, state):
        assert (one["supersession_reason"], one["signatures"][0]["comment"]) == (HELD_BACK, HELD_BACK)
    report = await desk.document(newer)
    assert (report["supersession_reason"], report["signatures"][0]["comment"]) == (reason, body["comment"])


async def test_what_people_write_for_a_protected_board_itself_stays_as_they_wrote_it(desk: Desk) -> None:
    item = framework_item("reports", "csdg_monthly")
    await apply_change(await desk.client("admin"), "reports", {**item, "audiences": ["csdg", "csoc"]})
    draft = await desk.draft()
    await desk.step(draft["id"], "edit", {"headlines": ["14 teams audit."], "doing_the_right_things": "For 14 teams."})
    report = await read_as(desk, "analyst", draft["id"])
    assert (report["headlines"], report["doing_the_right_things"]) == (["14 teams audit."], "For 14 teams.")
    assert report["protected_copy_of"] is None


async def test_a_copy_says_on_every_form_that_it_is_one_and_its_hash_can_be_recomputed(desk: Desk) -> None:
    report = await desk.publish((await desk.draft())["id"])
    copy = await read_as(desk, "board_reader", report["id"])
    assert copy["caveats"][0] == COPY
    mark = (await desk.state(report["id"]))["copy_mark"]
    assert (copy["disclosure"], copy["protected_copy_of"]) == ("protected", mark)
    assert {one["content_hash"] for one in copy["signatures"]} == {mark}
    # From the hash of the whole a reader could find the few numbers he lacks, by trying.
    state = await (await desk.client("board_reader")).get(f"/v1/reports/{report['id']}/state")
    assert report["content_hash"] not in json.dumps(copy) + state.text
    assert copy["content_hash"] == recomputed(copy)
    page = (await (await desk.client("board_reader")).get(f"/v1/reports/{report['id']}/html")).text
    assert page.count("This is the protected copy") == 1
    assert page.index("This is the protected copy") < page.index("In short")
    own = await desk.document(report["id"], "head_of_service")
    assert (own["disclosure"], own["protected_copy_of"]) == ("full", None)
    assert "protected copy" not in json.dumps(own)


async def test_a_copy_shows_the_figures_that_an_official_body_has_published(desk: Desk) -> None:
    desk.neighbours.points["three_or_more_placements"] = [("RY2025", 4.0, 4.0, 100.0)]
    report = await desk.publish((await desk.draft())["id"])
    copy = await read_as(desk, "board_reader", report["id"])
    shown = figure(copy, "three_or_more_placements")
    assert (shown["value"], shown["value_status"]) == (4.0, None)
    assert figure(copy, "looked_after_rate") == figure(report, "looked_after_rate")
    assert "Includes figures published by Department for Education." in copy["attribution"]


@pytest.mark.parametrize("text", ["In 2026", "A third, ⅓ of all", "Both went home", "ELEVEN of them", "no. ٣"])
def test_a_number_is_seen_in_digits_of_any_script_and_in_words(text: str) -> None:
    assert held_back(text) == HELD_BACK


@pytest.mark.parametrize("text", [None, "", "None of the stones weighed often", "Fewer children wait than a year ago"])
def test_a_text_without_a_number_stays(text: str | None) -> None:
    assert held_back(text) == text
