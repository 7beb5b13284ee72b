"""The Power Query script of the guide asks what there is, and names columns of the kinds it takes them for."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from shared.activity.sealer import seal_all
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "reporting" / "warehouse.md").read_text(encoding="utf-8")
SCRIPT = re.findall(r"^```powerquery\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]
TYPES = {"type date": "date", "type datetimezone": "moment", "type number": "number", "Int64.Type": "integer"}


async def test_what_the_script_loads_is_there_with_the_columns_it_names(made_run: Any) -> None:
    await seal_all(made_run.root.state.apps["reporting"].state.database)
    client = await made_run("analyst")
    (path,) = re.findall(r'RelativePath = "([^"]+)" & Name & "([^"]+)"', SCRIPT)
    loaded = re.findall(r'Load\("([\w-]+)"\), \{(.*?)\}, "en-GB"\)', SCRIPT, re.DOTALL)
    tables = {one["name"]: one for one in (await client.get("/reporting/v1/extracts")).json()["items"]}
    assert [name for name, _ in loaded] == list(tables) == ["published-figures", "occurrences"]
    named = set()
    for name, typed in loaded:
        answer = await client.get(f"/{path[0]}{name}{path[1]}")
        assert answer.status_code == 200
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert rows
        kinds = {one["name"]: one["kind"] for one in tables[name]["columns"]}
        columns = re.findall(r'\{"(\w+)", ([\w. ]+)\}', typed)
        assert columns
        assert {column: kinds[column] for column, _ in columns} == {column: TYPES[kind] for column, kind in columns}
        named |= set(rows[0])
    other = set(re.findall(r'(?<=[{ ])"(\w+)"(?=[,}])', SCRIPT)) | set(re.findall(r"\[(\w+)\]\)", SCRIPT))
    assert other - {"Due", "en", "GB"} <= named


async def test_the_feed_the_page_names_is_there(embedded: Any) -> None:
    (path,) = re.findall(r'OData\.Feed\(Base & "([^"]+)"', PAGE)
    answer = await (await embedded("analyst")).get(path)
    assert [one["name"] for one in answer.json()["value"]] == ["PublishedFigures", "Occurrences"]
