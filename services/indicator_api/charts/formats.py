"""A chart as a page with its real table, and the table alone as CSV."""

from __future__ import annotations

import re
from html import escape

from services.indicator_api.charts.page import Chart, Table
from shared.extracts.csv_text import defused, written

_STYLE = """
body{font:16px/1.5 Arial,Helvetica,sans-serif;color:#212b32;margin:1.5rem auto;max-width:64rem;padding:0 1rem}
figure{margin:0}svg{max-width:100%;height:auto}table{border-collapse:collapse;margin-top:1.5rem}
caption{text-align:left;font-weight:bold;padding:.25rem 0}th,td{border-bottom:1px solid #d8dde0;padding:.3rem .75rem}
th{text-align:left}td{text-align:right}@media print{body{margin:0}tr{break-inside:avoid}}
""".strip().replace("\n", "")
# One file with its own style: nothing else may be loaded or run, whatever a title says.
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
DRAWING_POLICY = "default-src 'none'; sandbox"
# A figure below nothing, or an interval that begins there, is what it looks like.
_FIGURE = re.compile(r"-£?[0-9][0-9,.]*%?(?: [a-z]+| to -?£?[0-9][0-9,.]*%?)?")


def as_page(chart: Chart) -> str:
    """A document whose table screen readers walk cell by cell; the drawing above it says the same in one sentence."""
    title, sentence = escape(chart.title), escape(chart.sentence)
    return (
        f'<!DOCTYPE html>\n<html lang="en-GB">\n<head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n<body>\n'
        f"<main>\n<figure>\n{chart.svg.decode()}\n<figcaption>{sentence}</figcaption>\n</figure>\n"
        f"{_table(chart.table)}\n</main>\n</body>\n</html>\n"
    )


def _table(table: Table) -> str:
    # A column that holds nothing is read out cell by cell all the same.
    held = [place for place, _ in enumerate(table.columns) if not place or any(row[place] for row in table.rows)]
    head = "".join(f'<th scope="col">{escape(table.columns[place])}</th>' for place in held)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        f"{''.join(f'<td>{escape(row[place])}</td>' for place in held[1:])}</tr>"
        for row in table.rows
    )
    caption = f"<caption>{escape(table.caption)}</caption>"
    return f"<table>\n{caption}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"


def as_csv(chart: Chart) -> str:
    """Every column the chart may have, and last the code of the period; no cell can be read as a formula."""
    table = chart.table
    head = [*map(_plain, table.columns), "Period code"]
    rows = ([*map(_plain, row), period] for row, period in zip(table.rows, table.periods, strict=True))
    return written([head, *rows])


def _plain(cell: str) -> str:
    return cell if cell == "-" or _FIGURE.fullmatch(cell) else defused(cell)
