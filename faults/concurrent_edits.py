"""Many people save the same few drafts: each success is one version more, everybody else is told to read again."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.place import Place, ask, chain_faults
from faults.running.program import Dose, Findings, main
from tests.audit_api.papers import whole

FULL = {"clients": 50, "edits": 200, "records": 20}
SMALL = {"clients": 10, "edits": 10, "records": 4}
_BUSY = frozenset({429, 503})


class Editors:
    """Clients that read a draft, change an answer of it and save it under the version they read."""

    def __init__(self, client: httpx.AsyncClient, drafts: list[str]) -> None:
        self._client, self._drafts = client, drafts
        self.answers: Counter[int] = Counter()
        self.wins: Counter[str] = Counter()
        self.without: Counter[int] = Counter()

    async def edit(self, editor: int, edits: int) -> None:
        dice = random.Random(editor)
        for number in range(edits):
            draft = dice.choice(self._drafts)
            read = await self._client.get(f"/v1/audits/{draft}")
            while read.status_code in _BUSY:
                await asyncio.sleep(0.1)
                read = await self._client.get(f"/v1/audits/{draft}")
            body = {"answers": {"strengths": f"Synthetic words of editor {editor}, edit {number}."}}
            saved = await self._save(draft, body, {"If-Match": read.headers["etag"]})
            while saved.status_code in _BUSY:
                await asyncio.sleep(0.1)
                saved = await self._save(draft, body, {"If-Match": read.headers["etag"]})
            self.answers[saved.status_code] += 1
            self.wins[draft] += saved.status_code == 200
            if number % 20 == 0:
                self.without[(await self._save(draft, body, {})).status_code] += 1

    async def _save(self, draft: str, body: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
        return await self._client.put(f"/v1/audits/{draft}/answers", json=body, headers=headers)


async def _edit_all(address: str, token: str, dose: Dose) -> Editors:
    limits = httpx.Limits(max_connections=dose["clients"])
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=120, limits=limits, verify=False) as client:
        drafts = []
        for number in range(dose["records"]):
            body = whole(case_reference=f"SYN-{number:06}", submit=False)
            drafts.append((await client.post("/v1/audits", json=body)).raise_for_status().json()["id"])
        editors = Editors(client, drafts)
        await asyncio.gather(*(editors.edit(number, dose["edits"]) for number in range(dose["clients"])))
        return editors


def run(place: Place, dose: Dose) -> Findings:
    url = place.database("audit")
    process = place.serve("audit", url).wait_ready()
    editors = asyncio.run(_edit_all(process.address, place.token(), dose))
    process.end()
    versions = {str(found): version for found, version in ask(url, "SELECT id, version FROM audit")}
    saved = dict(ask(url, "SELECT subject_id, count(*) FROM activity WHERE action = 'audit.saved' GROUP BY 1"))
    lost = sum(editors.wins[draft] - (version - 1) for draft, version in versions.items())
    answers = {str(status): count for status, count in sorted(editors.answers.items())}
    found = Findings({"acked": editors.wins.total(), "lost": max(lost, 0), "double": max(-lost, 0), "answers": answers})
    found.must(set(editors.answers) <= {200, 412}, f"an edit was answered {answers}")
    found.must(
        all(editors.wins[draft] == version - 1 for draft, version in versions.items()),
        "successes are not the increments of versions",
    )
    found.must(
        all(saved.get(draft, 0) == editors.wins[draft] for draft in versions),
        "the activity log does not tell each success once",
    )
    found.must(set(editors.without) == {428}, f"without If-Match it was answered {dict(editors.without)}")
    found.must(chain_faults("audit", url) == [], "the activity chain is not whole")
    return found


if __name__ == "__main__":
    main("concurrent edits", run, FULL, SMALL)
