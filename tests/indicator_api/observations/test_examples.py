"""The example files and the examples of the documentation are true: they load as they stand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.indicator_api.observations.rows import cells
from services.indicator_api.observations.schemas import IMPORT_BODY, ObservationIn
from tests.conftest import ROOT, Running
from tests.indicator_api.observations.files import COLUMNS, counts, send, stored


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "figures").glob("*.csv")), ids=lambda path: path.stem)
async def test_the_examples_load_whole_and_come_back(indicator: Running, path: Any) -> None:
    client = await indicator.client("ingest_client")
    content = path.read_bytes()
    size = content.count(b"\n") - 1
    assert counts(await send(client, content)) == (size, 0, 0, 0)
    assert counts(await send(client, content)) == (0, 0, size, 0)
    lines = [line.split(",") for line in content.decode().split("\n")[1:] if line]
    published = {tuple(cells[:4]): cells[6] for cells in lines}
    seeing = await indicator.client("analyst")
    found = {
        (item["indicator"], item["area"], item["period"], item["breakdown"] or ""): item["value"]
        for item in await stored(seeing)
    }
    assert {key: None if value is None else float(value) for key, value in found.items()} == {
        key: float(value) if value else None for key, value in published.items()
    }


def test_the_columns_of_the_examples_are_those_of_the_import() -> None:
    assert list(cells.COLUMNS) == COLUMNS


async def test_the_examples_of_the_documentation_are_true(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    for example in ObservationIn.model_config["json_schema_extra"]["examples"]:  # type: ignore[index,call-overload]
        assert (await client.post("/v1/observations", json=example)).status_code == 201
    forms = IMPORT_BODY["requestBody"]["content"]
    assert counts(await send(client, json.dumps(forms["application/json"]["example"]), "json"))[3] == 0
    assert counts(await send(client, forms["text/csv"]["example"]))[3] == 0
