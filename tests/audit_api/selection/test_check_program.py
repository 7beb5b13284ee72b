"""The program in the guide, run as a stranger would run it, agrees with what was drawn and notices what was not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

from tests.audit_api.selecting import cases, draw_one, keep_auditor, post_cases
from tests.conftest import ROOT, Running

GUIDE = (ROOT / "docs" / "audits" / "selection.md").read_text(encoding="utf-8")


def check(pool: dict[str, Any]) -> str:
    (program,) = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(pool), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


async def test_the_program_of_the_guide_redoes_a_draw_from_its_pool(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await post_cases(client, "fs_weymouth", cases(40))
    await keep_auditor(client, "auditor-1", capacity_per_month=100)
    for body in ({"count": 5}, {"count": 7, "stratify_by": "status", "weights": {"child_protection": 4}}):
        found = await draw_one(client, unit="fs_weymouth", tool="case_audit", **body)
        pool = (await client.get(f"/v1/draws/{found['id']}/pool")).json()
        assert check(pool) == "as recorded"
        assert check(pool | {"seed": "another"}) == "NOT as recorded"
        assert check(pool | {"pool": pool["pool"][1:]}) == "NOT as recorded"
        assert check(pool | {"drawn": pool["drawn"][::-1]}) == "NOT as recorded"
