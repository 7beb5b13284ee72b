"""The report on paper: a tagged PDF for archives and screen readers, set by typst with the fonts it brings itself."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typst

from services.reporting_api.renders.outline import lay_out
from shared.schemas.board_report import BoardReport

# The only folder typst may read: the template alone stands in it. Fonts of the machine would print differently there.
_HERE = Path(__file__).parent
_TEMPLATE = (_HERE / "report.typ").read_bytes()
_FONTS = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
_STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]


def as_pdf(report: BoardReport) -> bytes:
    """PDF/A-2a and PDF/UA-1; the same report gives the same bytes.

    Those standards refuse a sign that no font has, an emoji in a narrative, say. Such a report is tagged all the
    same and without their seal: the sign is a box on paper, and itself when it is copied.
    """
    moment = int((report.published_at or report.as_of).timestamp())
    try:
        return _one(_compiler(report).compile(format="pdf", pdf_standards=_STANDARDS, timestamp=moment))
    except typst.TypstError:
        return _one(_compiler(report).compile(format="pdf", timestamp=moment))


def as_pictures(report: BoardReport, ppi: float = 72.0) -> list[bytes]:
    """The pages as PNG, to be looked at."""
    found = _compiler(report).compile(format="png", ppi=ppi)
    assert found is not None
    return found if isinstance(found, list) else [found]


def _compiler(report: BoardReport) -> typst.Compiler:
    """The report goes in as data, beside the template: nothing that a person wrote is read as markup."""
    laid = lay_out(report)
    data = {**asdict(laid), "document_title": f"{laid.title}, {laid.period}"}
    given = {"laid": json.dumps(data, ensure_ascii=False)}
    return typst.Compiler(_TEMPLATE, root=_HERE, font_paths=_FONTS, ignore_system_fonts=True, sys_inputs=given)


def _one(found: Any) -> bytes:
    assert isinstance(found, bytes)
    return found
