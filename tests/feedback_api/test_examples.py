"""The synthetic examples that `make run` loads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


async def test_the_examples_are_accepted_and_loaded_again_change_nothing(feedback: Any) -> None:
    client = await feedback.client("admin")
    views = (EXAMPLES / "views.json").read_bytes()
    headers = {"Content-Type": "application/json"}
    for name in ("created", "unchanged"):
        report = await client.post("/v1/views/imports?mode=atomic", content=views, headers=headers)
        assert report.status_code == 200, report.text
        assert report.json()[name] == report.json()["received"] > 0
        assert report.json()["rows"] == [], "no example holds an identifier"
    for kind in ("complaints", "compliments"):
        items = json.loads((EXAMPLES / f"{kind}.json").read_text(encoding="utf-8"))["items"]
        for status in (201, 200):
            for item in items:
                answer = await client.post(f"/v1/{kind}", json=item)
                assert (answer.status_code, answer.json()["version"]) == (status, 1), answer.text
    flagged = (await client.get("/v1/views?flagged=true")).json()["items"]
    assert flagged == []
