"""Figures rendered once, straight to the bytes that go out; tests hold them to the declared models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from services.indicator_api.observations.queries import Figure
from services.indicator_api.observations.rows.cells import CellFault

# The same by PostgreSQL itself, for figures that go out as they are stored: a fifth of the time.
WRITTEN: sa.ColumnElement[str] = sa.literal_column(
    """'{"indicator":"' || indicator || '","area":"' || area || '","period":"' || period || '","breakdown":'
    || CASE breakdown WHEN '' THEN 'null' ELSE to_json(breakdown)::text END
    || ',"numerator":' || coalesce(numerator::text, 'null') || ',"denominator":' || coalesce(denominator::text, 'null')
    || ',"value":' || coalesce(value::text, 'null')
    || ',"value_status":' || coalesce('"' || value_status || '"', 'null')
    || ',"provisional":' || provisional::text || ',"revised":' || revised::text
    || ',"source_ref":' || coalesce(to_json(source_ref)::text, 'null')
    || ',"definition_version":' || definition_version::text || ',"revision":' || revision::text
    || ',"import_id":"' || import_id::text || '","recorded_at":' || to_json(recorded_at)::text || '}'""",
    sa.Text(),
)


def _text(value: object) -> str:
    return "null" if value is None else json.dumps(str(value), ensure_ascii=False)


def _moment(at: datetime | None) -> str:
    """As PostgreSQL writes it: no noughts at the end of a fraction."""
    if at is None:
        return "null"
    text, zone = at.isoformat()[:-6], at.isoformat()[-6:]
    return f'"{text.rstrip("0") if at.microsecond else text}{zone}"'


def render_figure(figure: Figure, past: bool = False) -> str:
    """One figure as JSON. Its numbers are PostgreSQL's own digits, and its codes hold nothing to be escaped."""
    status = figure["value_status"]
    more = ""
    if past:
        more = (
            f',"recorded_by":{_text(figure["recorded_by"])},'
            f'"superseded_at":{_moment(figure["superseded_at"])},"superseded_by":{_text(figure["superseded_by"])}'
        )
    return (
        f'{{"indicator":"{figure["indicator"]}","area":"{figure["area"]}","period":"{figure["period"]}",'
        f'"breakdown":{_text(figure["breakdown"] or None)},"numerator":{figure["numerator"] or "null"},'
        f'"denominator":{figure["denominator"] or "null"},"value":{figure["value"] or "null"},'
        f'"value_status":{"null" if status is None else _text(status)},'
        f'"provisional":{"true" if figure["provisional"] else "false"},'
        f'"revised":{"true" if figure["revised"] else "false"},"source_ref":{_text(figure["source_ref"])},'
        f'"definition_version":{figure["definition_version"]},"revision":{figure["revision"] or "null"},'
        f'"import_id":{_text(figure["import_id"])},"recorded_at":{_moment(figure["recorded_at"])}{more}}}'
    )


def render_recorded(figure: Figure, warnings: Sequence[CellFault]) -> str:
    """One figure just recorded, with what is doubtful about it."""
    doubts = [{"pointer": f"/{one.column}", "code": one.code, "detail": one.detail} for one in warnings]
    return f'{render_figure(figure)[:-1]},"warnings":{json.dumps(doubts)}}}'


def render_page(figures: Sequence[Figure], following: str | None, past: bool = False) -> bytes:
    """A page of figures."""
    return join_page([render_figure(figure, past) for figure in figures], following)


def join_page(written: Sequence[str], following: str | None) -> bytes:
    """A page of figures already written."""
    return f'{{"items":[{",".join(written)}],"next":{_text(following)}}}'.encode()
