"""Files that have broken such services before: each is refused at its place, without its value, and nothing stays."""

from __future__ import annotations

import pytest

from tests.conftest import Running, Start
from tests.indicator_api.observations.files import COLUMNS, IMPORTS, body, row, send, stored

HEADER = ",".join(COLUMNS).encode() + b"\r\n"
CANARY = "canary-9434765919"
GOOD = b"referrals_monthly,E06000059,2026-04,,,,412,,\r\n"


def line(**cells: str) -> bytes:
    """One CSV line, its cells as they are given."""
    good = dict(zip(COLUMNS, GOOD.decode().strip().split(","), strict=True))
    return ",".join((good | cells).values()).encode("utf-8", "surrogatepass") + b"\r\n"


BAD_LINES = {
    "unknown indicator": (line(indicator=CANARY), "indicator", "unknown_indicator"),
    "no indicator": (line(indicator=""), "indicator", "missing"),
    "unknown area": (line(area=CANARY), "area", "unknown_area"),
    "code of another case": (line(area="e06000059"), "area", "unknown_area"),
    "excel serial date": (line(period="45383"), "period", "spreadsheet_date"),
    "excel month": (line(period="Apr-26"), "period", "period"),
    "month 13": (line(period="2026-13"), "period", "period"),
    "year 9999": (line(period="9999-01"), "period", "period"),
    "digits of another script": (line(period="٢٠٢٦-٠٤"), "period", "period"),
    "other kind of period": (line(period="RY2026"), "period", "period_kind"),
    "not a number": (line(value="NaN"), "value", "number"),
    "infinity": (line(value="Infinity"), "value", "number"),
    "1e400": (line(value="1e400"), "value", "number"),
    "1e-400": (line(value="1e-400"), "value", "number"),
    "2^63 thousandfold": (line(value="9223372036854775808000"), "value", "number"),
    "hexadecimal": (line(value="0x1F"), "value", "number"),
    "underscore": (line(value="1_000"), "value", "number"),
    "boolean": (line(value="TRUE"), "value", "number"),
    "full-width digits": (line(value="４１２"), "value", "number"),
    "words in a number": (line(numerator=CANARY), "numerator", "number"),
    "unknown symbol": (line(value="", value_status="q"), "value_status", "value_status"),
    "two symbols": (line(value="c", value_status="z"), "value_status", "two_symbols"),
    "nothing at all": (line(value=""), "value", "value_missing"),
    "formula": (line(source_ref=f"=HYPERLINK({CANARY})"), "source_ref", "formula"),
    "formula plus": (line(breakdown="+1"), "breakdown", "formula"),
    "formula minus": (line(source_ref="-2"), "source_ref", "formula"),
    "formula at": (line(source_ref="@x"), "source_ref", "formula"),
    "formula tab": (line(source_ref="\t=x"), "source_ref", "text"),
    "NUL": (line(source_ref="a\x00b"), "source_ref", "nul_character"),
    "NUL in a code": (line(area="E06000059\x00"), "area", "nul_character"),
    "escape character": (line(source_ref="a\x1bb"), "source_ref", "text"),
    "unit separator": (line(source_ref="a\x1fb"), "source_ref", "text"),
    "right-to-left override": (line(breakdown="a\u202eb"), "breakdown", "text"),
    "zero width": (line(breakdown="a\u200bb"), "breakdown", "text"),
    "combining marks": (line(source_ref="a" + "\u0301" * 10_000), "source_ref", "text"),
    "lone surrogate": (line(source_ref="a\ud800"), "source_ref", "not_utf8"),
    "latin-1": (b"referrals_monthly,E06000059,2026-04,,,,412,,Caf\xe9\r\n", "source_ref", "not_utf8"),
    "long text": (line(source_ref="x" * 201), "source_ref", "too_long"),
    "long breakdown": (line(breakdown="x" * 101), "breakdown", "too_long"),
    "huge cell": (line(source_ref="x" * 100_000), "source_ref", "too_long"),
    "huge line": (line(source_ref="x" * 400_000), None, "too_long"),
    "too few cells": (b"referrals_monthly,E06000059\r\n", None, "cells"),
    "too many cells": (GOOD.strip() + b",more\r\n", None, "cells"),
    "many cells": (b"," * 20_000 + b"\r\n", None, "cells"),
    "open quote": (b'referrals_monthly,E06000059,2026-04,,,,412,,"open\r\n', None, "quoting"),
    "text after a quote": (b'"referrals_monthly"x,E06000059,2026-04,,,,412,,\r\n', None, "quoting"),
    "lone carriage return": (b"referrals_monthly,E06000059\r,2026-04,,,,412,,a\rb\r\n", "source_ref", "text"),
}


async def test_a_bad_line_of_csv_is_named_and_its_value_is_not(indicator: Running) -> None:
    other = b"referrals_monthly,E06000059,2026-05,,,,413,,\r\n"
    client = await indicator.client("ingest_client")
    for case, (bad, column, code) in BAD_LINES.items():
        refused = await send(client, HEADER + GOOD + bad + other)
        assert refused.status_code == 422, case
        assert CANARY not in refused.text, case
        faults = [(e["row"], e["line"], e["column"], e["code"]) for e in refused.json()["errors"]]
        assert faults == [(2, 3, column, code)], case
    assert await stored(client) == []
    for case, (bad, _, _) in BAD_LINES.items():
        partial = await send(client, HEADER + GOOD + bad + other, mode="partial")
        assert (partial.json()["rows"], partial.json()["rejected"]) == (3, 1), case
    assert len(await stored(client)) == 2


BAD_FILES = {
    "empty": (b"", "empty"),
    "blank": (b"\r\n\r\n", "empty"),
    "no header": (GOOD, "unknown_column"),
    "unknown column": (HEADER.replace(b"value,", b"value," + CANARY.encode() + b",") + GOOD, "unknown_column"),
    "column twice": (HEADER.replace(b"source_ref", b"value") + GOOD, "column_twice"),
    "column missing": (b"indicator,period,value\r\n", "missing_column"),
    "semicolons": (HEADER.replace(b",", b";") + GOOD.replace(b",", b";"), "unknown_column"),
    "tabs": (HEADER.replace(b",", b"\t"), "unknown_column"),
    "UTF-16": ((HEADER + GOOD).decode().encode("utf-16"), "encoding"),
    "UTF-16 without mark": ((HEADER + GOOD).decode().encode("utf-16-le"), "encoding"),
    "UTF-32": ((HEADER + GOOD).decode().encode("utf-32"), "encoding"),
    "XLSX": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "unknown_column"),
    "JSON called CSV": (body("json", [row()]), "unknown_column"),
    "open quote in the header": (b'"indicator,area\r\n', "quoting"),
    "one endless line": (b"x" * 600_000, "too_long"),
    "old line ends": ((HEADER + GOOD).replace(b"\r\n", b"\r"), "unknown_column"),
}


@pytest.mark.parametrize("mode", ["atomic", "partial"])
async def test_a_file_that_is_no_table_of_figures_is_refused_whole(indicator: Running, mode: str) -> None:
    client = await indicator.client("ingest_client")
    for case, (content, code) in BAD_FILES.items():
        refused = await send(client, content, mode=mode)
        assert refused.status_code == 422, case
        assert CANARY not in refused.text, case
        assert refused.json()["type"].endswith("/unreadable-file"), case
        assert code in {error["code"] for error in refused.json()["errors"]}, case
    assert await stored(client) == []


ITEM = '{"indicator":"referrals_monthly","area":"E06000059","period":"2026-04","value":412}'
BAD_ITEMS = {
    "unknown key": (ITEM[:-1] + f',"{CANARY}":1}}', None, "unknown_key"),
    "number as text": (ITEM.replace("412", '"412"'), "value", "number"),
    "boolean": (ITEM.replace("412", "true"), "value", "number"),
    "object for a number": (ITEM.replace("412", '{"a":1}'), "value", "number"),
    "list for a text": (ITEM.replace('"2026-04"', '["2026-04"]'), "period", "text"),
    "epoch number": (ITEM.replace('"2026-04"', "1775001600"), "period", "text"),
    "int 2^63": (ITEM.replace("412", str(2**63)), "value", "number"),
    "int of 4,000 digits": (ITEM.replace("412", "9" * 4_000), "value", "number"),
    "1e400": (ITEM.replace("412", "1e400"), "value", "number"),
    "decimal of 1,000 digits": (ITEM.replace("412", "0." + "1" * 1_000), "value", "number"),
    "NUL": (ITEM.replace("412", '412,"source_ref":"a\\u0000b"'), "source_ref", "nul_character"),
    "control character": (ITEM.replace("412", '412,"source_ref":"a\\u0007b"'), "source_ref", "text"),
    "no period": ('{"indicator":"referrals_monthly","area":"E06000059","value":1}', "period", "period"),
    "long text": (ITEM.replace("412", f'412,"source_ref":"{"x" * 50_000}"'), "source_ref", "too_long"),
    "not an object": ("[1,2]", None, "not_an_object"),
    "null": ("null", None, "not_an_object"),
    "100,000 keys": ("{" + ",".join(f'"k{n}":1' for n in range(10_000)) + "}", None, "unknown_key"),
}


@pytest.mark.parametrize("kind", ["json", "ndjson"])
async def test_a_bad_item_is_named_and_its_value_is_not(indicator: Running, kind: str) -> None:
    client = await indicator.client("ingest_client")
    for case, (bad, column, code) in BAD_ITEMS.items():
        items = [ITEM, bad, ITEM.replace("2026-04", "2026-05")]
        content = f'{{"items":[{",".join(items)}]}}' if kind == "json" else "\n".join(items)
        refused = await send(client, content.encode(), kind)
        assert refused.status_code == 422, case
        assert CANARY not in refused.text, case
        assert (2, column, code) in [(e["row"], e["column"], e["code"]) for e in refused.json()["errors"]], case
        assert {e["row"] for e in refused.json()["errors"]} == {2}, case
        partial = await send(client, content.encode(), kind, mode="partial")
        assert (partial.json()["rows"], partial.json()["rejected"]) == (3, 1), case
    assert len(await stored(client)) == 2


BAD_JSON = {
    "nothing": b"",
    "not JSON": b"{",
    "a list": b"[]",
    "a text": b'"items"',
    "no items": b"{}",
    "items no list": b'{"items":{}}',
    "another key": f'{{"items":[{ITEM}],"{CANARY}":1}}'.encode(),
    "items twice": f'{{"items":[],"items":[{ITEM}]}}'.encode(),
    "key twice": f'{{"items":[{ITEM[:-1]},"value":5}}]}}'.encode(),
    "NaN": f'{{"items":[{ITEM.replace("412", "NaN")}]}}'.encode(),
    "lone surrogate": f'{{"items":[{ITEM.replace("412", "412," + chr(34) + "source_ref" + chr(34) + ":" + chr(34))}'
    f'\\ud800"}}]}}'.encode(),
    "not UTF-8": f'{{"items":[{ITEM}]}}'.encode().replace(b"2026-04", b"2026-\xff4"),
    "mark": b"\xef\xbb\xbf" + f'{{"items":[{ITEM}]}}'.encode(),
    "trailing comma": f'{{"items":[{ITEM},]}}'.encode(),
    "1,000 deep": b'{"items":' + b"[" * 1_000 + b"]" * 1_000 + b"}",
    "cut short": f'{{"items":[{ITEM}'.encode(),
    "CSV called JSON": HEADER + GOOD,
}
PADDING = ",".join(ITEM.replace("2026-04", "2026-05") for _ in range(14_000))


@pytest.mark.parametrize("mode", ["atomic", "partial"])
async def test_a_body_that_is_not_the_documented_json_is_refused_whole(indicator: Running, mode: str) -> None:
    client = await indicator.client("ingest_client")
    for case, content in BAD_JSON.items():
        refused = await send(client, content, "json", mode=mode)
        assert refused.status_code == 422, case
        assert CANARY not in refused.text, case
        assert refused.json()["errors"], case
    assert await stored(client) == []


LARGE_ENDS = {
    f',{ITEM[:-1]},"value":5}}]}}': "/items/14000",
    f",{ITEM.replace('412', 'NaN')}]}}": "/items/14000",
    f",{ITEM.replace('412', '[[]]')}]}}": "/items/14000",
    ",]}": "/items/14000",
    "": "/items/13999",
    "]": "",
    f'],"{CANARY}":1}}': "",
    "]}]}": "",
}


async def test_a_large_body_of_json_is_refused_at_its_fault(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    for end, pointer in LARGE_ENDS.items():
        content = f'{{"items":[{PADDING}{end}'.encode()
        assert len(content) > 1 << 20
        refused = await send(client, content, "json", mode="partial")
        assert refused.status_code == 422, end
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer], end
        assert CANARY not in refused.text, end
    assert await stored(client) == []


async def test_bad_json_lines_spoil_only_themselves(indicator: Running) -> None:
    lines = [ITEM, "{", ITEM.replace("2026-04", "2026-05") + ITEM, "", ITEM[:-1] + ',"value":1}', "[" * 500]
    client = await indicator.client("ingest_client")
    answer = await send(client, "\n".join(lines).encode(), "ndjson", mode="partial")
    assert answer.json()["created"] == 1
    assert [(e["row"], e["line"], e["code"]) for e in answer.json()["errors"]] == [
        (2, 2, "json_invalid"), (3, 3, "json_invalid"), (4, 5, "duplicate_key"), (5, 6, "too_deep")
    ]  # fmt: skip


async def test_another_kind_of_body_is_415(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    for kind in ("", "text/plain", "application/xml", "text/csv; charset=utf-16", "multipart/form-data", "rubbish"):
        answer = await client.post(IMPORTS, content=HEADER + GOOD, headers={"Content-Type": kind})
        assert answer.status_code == 415, kind
    packed = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}
    assert (await client.post(IMPORTS, content=b"x", headers=packed)).status_code == 415


async def test_a_body_over_the_limit_is_413_whether_it_says_so_or_not(start: Start) -> None:
    indicator = await start("indicator", max_import_bytes=2_000)
    client = await indicator.client("ingest_client")
    assert (await send(client, HEADER + GOOD * 50)).status_code == 413

    async def pieces():  # type: ignore[no-untyped-def]
        yield HEADER
        for _ in range(100):
            yield GOOD

    assert (await send(client, pieces())).status_code == 413
    assert await stored(client) == []


async def test_unknown_choices_are_422(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    for query in ("mode=both", "dry_run=perhaps", "mode=", "provisional=2"):
        answer = await client.post(f"{IMPORTS}?{query}", content=HEADER + GOOD, headers={"Content-Type": "text/csv"})
        assert answer.status_code == 422, query
    assert await stored(client) == []
