"""The report on paper: tagged for screen readers, the same bytes each time, and nothing written in it is obeyed."""

from __future__ import annotations

from pathlib import Path

import pytest
import typst

from services.reporting_api.renders.typesetting.paper import as_pdf, as_pictures
from tests.reporting_api.renders.largest_pack import largest_pack


@pytest.fixture(scope="module")
def paper() -> bytes:
    return as_pdf(largest_pack())


def test_the_document_is_tagged_text_for_archives_and_screen_readers(paper: bytes) -> None:
    for sign in (b"/StructTreeRoot", b"<pdfuaid:part>1", b"<pdfaid:part>2", b"/Lang", b"/ToUnicode", b"/Outlines"):
        assert sign in paper, sign
    assert b"Monthly performance and quality pack, October 2026" in paper


def test_the_same_report_gives_the_same_bytes(paper: bytes) -> None:
    assert as_pdf(largest_pack()) == paper


def test_its_fonts_are_those_that_typst_brings() -> None:
    own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    assert {one.path for one in own.fonts()} == {None}
    assert "Libertinus Serif" in own.families()


def test_the_folder_typst_may_read_holds_the_template_and_no_more() -> None:
    from services.reporting_api.renders.typesetting import paper as module

    names = {path.name for path in Path(module.__file__).parent.iterdir() if path.name != "__pycache__"}
    assert names == {"__init__.py", "paper.py", "report.typ"}


@pytest.mark.parametrize(
    "text",
    [
        '#read("/etc/passwd") #panic() #import "@preview/cetz:0.2.0": * $ x^2 $ *bold* <label> @ref ]]}',
        "Łódź, Żaneta, Wałęsa; القاهرة; Київ; 中文",
        "Well done 😀 \ue000 a\u200bb\u2028c",
        "x" * 5_000,
        "word " * 3_000,
    ],
)
def test_whatever_a_person_wrote_is_set_as_text(text: str) -> None:
    report = largest_pack()
    report.sections = report.sections[-1:]
    report.sections[0].narrative = text
    report.headlines, report.title = [text], text[:200]
    assert as_pdf(report).startswith(b"%PDF-")


def test_a_draft_bears_its_mark_on_every_page() -> None:
    short = {"sections": largest_pack().sections[-1:]}
    plain = as_pictures(largest_pack().model_copy(update=short), ppi=20)
    drafts = as_pictures(largest_pack("draft").model_copy(update=short), ppi=20)
    assert len(drafts) >= 1
    assert all(page != other for page, other in zip(plain, drafts, strict=False))
    assert all(page.startswith(b"\x89PNG") for page in drafts)
