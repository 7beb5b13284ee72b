"""Takes reports to their boards with a word of its own in everything written on the way, and reads every copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.auth.local_issuer import LocalIssuer
from tests.embedded.canaries import Planted, words_of

FORMS = ("", "/html", "/xlsx", "/csv", "/pdf")
AGENCY = "further_education"


@dataclass
class Publisher:
    """The four services, who may do what, and the words planted so far."""

    embedded: Any
    issuer: LocalIssuer
    admin: httpx.AsyncClient
    planted: Planted
    copies: dict[str, list[str]] = field(default_factory=dict)

    def word(self, what: str) -> str:
        found = f"Zq{len(self.planted.tried):05}canary"
        self.planted.tried.add(found)
        self.planted.taken[found] = what
        return f"{found} is what was written."

    async def did(
        self, client: httpx.AsyncClient, method: str, path: str, body: Any, etag: str | None
    ) -> httpx.Response:
        headers = {} if etag is None else {"If-Match": etag}
        answer = await client.request(method, f"/reporting/v1{path}", json=body, headers=headers)
        assert answer.is_success, (path, answer.text)
        return answer

    async def occurrence(self, report: str, period: str) -> str:
        answer = await self.admin.get(f"/reporting/v1/occurrences?report={report}&period={period}")
        return str(answer.json()["items"][0]["id"])

    async def contribute(self, report: str, period: str) -> None:
        """What an agency sends for a report: figures, a text, and why there is nothing to report."""
        asking = {"occurrence": await self.occurrence(report, period), "agency": AGENCY, "due_on": None,
                  "reason": "It is a partner."}  # fmt: skip
        asked = await self.did(self.admin, "POST", "/contributions", asking, None)
        figure = {"label": self.word("submit_contribution /parts/0/figures/0/label"), "measure": "count", "value": 40}
        text, nothing = (self.word(f"submit_contribution /parts/{part}") for part in ("0/text", "1/nothing_to_report"))
        parts = [
            {"part": "core_data", "figures": [figure], "text": text},
            {"part": "audit_contributions", "nothing_to_report": nothing},
        ]
        path = f"/contributions/{asked.json()['id']}/submissions"
        await self.did(self.admin, "POST", path, {"parts": parts}, asked.headers["etag"])

    async def publish(self, report: str, period: str) -> None:
        """Drafts, writes, submits, signs and publishes a report, one of its sections kept from the public."""
        occurrence = await self.occurrence(report, period)
        answer = await self.did(self.admin, "POST", f"/occurrences/{occurrence}/assemblies", None, None)
        path = f"/reports/{answer.json()['id']}"
        sections = (await self.admin.get(f"/reporting/v1{path}")).json()["sections"]
        open_one, exempt = sections[0]["code"], sections[-1]["code"]
        edit = {
            "doing_the_right_things": self.word("edit_report /doing_the_right_things"),
            "making_a_difference": self.word("edit_report /making_a_difference"),
            "headlines": [self.word("edit_report /headlines/0")],
            "sections": [
                {"code": open_one, "narrative": self.word("edit_report /sections/0/narrative")},
                {
                    "code": exempt, "narrative": self.word("edit_report exempt narrative"),
                    "exempt_reason": self.word("edit_report /sections/0/exempt_reason"),
                },
            ],
        }  # fmt: skip
        answer = await self.did(self.admin, "PATCH", path, edit, answer.headers["etag"])
        answer = await self.did(self.admin, "POST", f"{path}/submissions", None, answer.headers["etag"])
        while role := answer.json()["next_signature"]:
            signer = await self.embedded(role)
            comment = self.word("sign_report /comment")
            signing = {"role": role, "content_hash": answer.json()["content_hash"], "comment": comment}
            answer = await self.did(signer, "POST", f"{path}/signatures", signing, answer.headers["etag"])
        await self.did(self.admin, "POST", f"{path}/publications", None, answer.headers["etag"])
        reader = await self.embedded("board_reader")
        for form in FORMS:
            found = await reader.get(f"/reporting/v1{path}{form}")
            assert found.status_code == 200, found.text
            self.copies.setdefault("protected", []).append(words_of(found))
        for form in ("/public", *(f"{form}?copy=public" for form in FORMS[1:])):
            found = await reader.get(f"/reporting/v1{path}{form}")
            if found.status_code == 200:
                self.copies.setdefault("public", []).append(words_of(found))
