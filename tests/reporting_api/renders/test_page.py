"""The page: everything the report holds is on it, in order, with headings and names that a screen reader can follow."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from typing import Literal

import pytest

from services.reporting_api.renders.any_items import any_table
from services.reporting_api.renders.blocks import Table
from services.reporting_api.renders.page import as_page
from shared.schemas.base import OutModel
from shared.schemas.board_report_items import Shown
from tests.reporting_api.renders.largest_pack import largest_pack


class Reader(HTMLParser):
    """Headings, ids, the words, and what each cell of a table is called."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.leads: list[str] = []
        self.words: list[str] = []
        self.bare_headers = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if "id" in given:
            self.ids.append(str(given["id"]))
        self.leads += [str(given["href"])[1:]] if tag == "a" else []
        self.leads += str(given.get("aria-labelledby") or "").split()
        self.bare_headers += tag == "th" and "scope" not in given

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


def read(page: bytes) -> Reader:
    reader = Reader()
    reader.feed(page.decode())
    return reader


def test_headings_never_skip_a_level_and_every_id_is_there_once() -> None:
    found = read(as_page(largest_pack()))
    assert found.levels[0] == 1 and found.levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(found.levels, found.levels[1:], strict=False))
    assert len(found.ids) == len(set(found.ids))
    assert set(found.leads) <= set(found.ids)
    assert found.bare_headers == 0


def test_every_section_every_measure_and_the_words_of_every_row_are_on_the_page() -> None:
    report = largest_pack()
    words = " ".join(read(as_page(report)).words)
    for section in report.sections:
        assert section.title in words
        for figure in section.figures:
            assert figure.title in words
        for item in section.items:
            for field in ("title", "text", "sentence", "explanation", "unit_name", "name", "why", "reason", "before"):
                told = getattr(item, field, None)
                assert told is None or told in words, (item.type, field)
    assert "This section is not available: the service did not answer in time." in words


def test_tables_that_scroll_have_names_of_their_own_and_a_focus_names_its_measures_in_words() -> None:
    report = largest_pack()
    (focus,) = (one for one in report.sections if one.code == "focus")
    measures = next(one for one in report.sections if one.figures)
    twin = measures.model_copy(update={"code": "twin", "title": "The same again", "groups": []})
    first = measures.figures[7]
    focus.figures = [
        first.model_copy(update={"value": None, "value_status": "x", "display": "x", "status_words": "gone"})
    ]
    focus.items[0].indicators = [first.indicator]
    report.sections = [focus, measures.model_copy(update={"groups": []}), twin]
    page = as_page(report).decode()
    names = re.findall(r'role="region" aria-label="([^"]+)"', page)
    assert len(names) == len(set(names)) >= 3
    (told,) = re.findall(r'data-label="Indicators">([^<]+)<', page)
    assert told == first.title
    assert "Latest, gone" not in page


def test_the_table_of_a_council_shows_target_status_direction_comparators_and_what_has_changed() -> None:
    page = as_page(largest_pack()).decode()
    head = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', page[page.index('class="wide stack"') :])[:14]
    assert head == [
        "Measure", "Good is", "Jul 2026", "Aug 2026", "Sep 2026", "Latest, Oct 2026", "Year end, Mar 2026", "Target",
        "Against target", "Direction since Sep 2026", "Neighbours’ average", "Neighbours’ best", "National",
        "Top quartile",
    ]  # fmt: skip
    row = page[page.index("Referrals to children") :].split("</tr>")[0]
    told = ["15.3", "was 23.8", "within 1.5", '<span class="tag green">Green</span>', "meets the target", "improving"]
    assert [one for one in told if one not in row] == []


@pytest.mark.parametrize("status", ["draft", "submitted", "signed_off"])
def test_whatever_is_not_published_says_draft_in_its_title_and_at_its_head(status: str) -> None:
    page = as_page(largest_pack(status)).decode()
    assert "<title>DRAFT: Monthly performance" in page
    assert "This is a draft; it has not been published." in page
    assert "DRAFT" not in as_page(largest_pack()).decode()


class Unheard(OutModel):
    """A row of a type that these forms have never heard of."""

    type: Literal["unheard"] = "unheard"
    title: str
    unit: str
    unit_name: str
    held_on: date
    answered: Shown
    agreed: bool
    reasons: list[str] = []


def test_a_row_of_a_type_nobody_laid_out_is_shown_by_its_own_fields() -> None:
    shown = Shown(value=None, value_status="c", display="c")  # type: ignore[arg-type]
    day = date(2026, 10, 2)
    row = Unheard(title="Visit", unit="u1", unit_name="Weymouth", held_on=day, answered=shown, agreed=True)
    (table,) = any_table([row])
    assert isinstance(table, Table)
    told = {column.title: cell.text for column, cell in zip(table.columns, table.rows[0], strict=True)}
    assert told == {"Title": "Visit", "Unit": "Weymouth", "Held": "2 October 2026", "Answered": "c", "Agreed": "Yes"}
