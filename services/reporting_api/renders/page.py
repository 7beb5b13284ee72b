"""The report as a page: read on a screen, by a screen reader and on paper, without any script."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.reporting_api.renders.outline import lay_out
from shared.schemas.board_report import BoardReport

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# The page is one file with its own style: nothing else may be loaded or run, whatever a narrative says.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def as_page(report: BoardReport) -> bytes:
    """The page; everything a person wrote is escaped."""
    return _templates.get_template("page.html.j2").render(laid=lay_out(report)).encode()
