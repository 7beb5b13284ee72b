"""Figures rendered once, straight to the bytes that go out; tests hold them to the declared models."""

from __future__ import annotations

import json
from collections.abc import Sequence

from services.indicator_api.observations.cells import CellFault
from services.indicator_api.observations.queries import Figure


def _text(value: object) -> str:
    return "null" if value is None else json.dumps(str(value), ensure_ascii=False)


def render_figure(figure: Figure, past: bool = False) -> str:
    """One figure as JSON. Its numbers are PostgreSQL's own digits, and its codes hold nothing to be escaped."""
    status, at = figure["value_status"], figure["recorded_at"]
    more = ""
    if past:
        until = figure["superseded_at"]
        more = (
            f',"recorded_by":{_text(figure["recorded_by"])},'
            f'"superseded_at":{_text(until and until.isoformat())},"superseded_by":{_text(figure["superseded_by"])}'
        )
    return (
        f'{{"indicator":"{figure["indicator"]}","area":"{figure["area"]}","period":"{figure["period"]}",'
        f'"breakdown":{_text(figure["breakdown"] or None)},"numerator":{figure["numerator"] or "null"},'
        f'"denominator":{figure["denominator"] or "null"},"value":{figure["value"] or "null"},'
        f'"value_status":{"null" if status is None else _text(status)},'
        f'"provisional":{"true" if figure["provisional"] else "false"},'
        f'"revised":{"true" if figure["revised"] else "false"},"source_ref":{_text(figure["source_ref"])},'
        f'"definition_version":{figure["definition_version"]},"revision":{figure["revision"] or "null"},'
        f'"import_id":{_text(figure["import_id"])},"recorded_at":{_text(at and at.isoformat())}{more}}}'
    )


def render_recorded(figure: Figure, warnings: Sequence[CellFault]) -> str:
    """One figure just recorded, with what is doubtful about it."""
    doubts = [{"pointer": f"/{one.column}", "code": one.code, "detail": one.detail} for one in warnings]
    return f'{render_figure(figure)[:-1]},"warnings":{json.dumps(doubts)}}}'


def render_page(figures: Sequence[Figure], following: str | None, past: bool = False) -> bytes:
    """A page of figures."""
    items = ",".join([render_figure(figure, past) for figure in figures])
    return f'{{"items":[{items}],"next":{_text(following)}}}'.encode()
