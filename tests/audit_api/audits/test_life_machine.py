"""Any sequence of steps in an audit's life: taken where its life allows, else refused with nothing changed."""

from __future__ import annotations

from typing import Any

import httpx
from hypothesis.stateful import initialize, invariant, precondition, rule

from tests.audit_api.life import learn
from tests.audit_api.papers import whole
from tests.conftest import Running
from tests.doses import dose, tell
from tests.machines import Machine, have_come_by, live

BODIES: dict[str, Any] = {
    "submissions": None, "closures": {}, "reopenings": {"reason": "Read in the wrong edition."},
    "withdrawals": {"reason": "The case had moved away."},
}  # fmt: skip
# What each step leads to from where; a step that is not here is refused.
LIFE = {
    ("in_progress", "submissions"): "submitted",
    ("in_progress", "withdrawals"): "withdrawn",
    ("submitted", "closures"): "closed",
    ("submitted", "reopenings"): "in_progress",
    ("closed", "reopenings"): "in_progress",
}
NAMES = {"submissions": "submit", "closures": "close", "reopenings": "reopen", "withdrawals": "withdraw"}


async def test_an_audit_lives_as_its_states_allow_whatever_is_asked_of_it(audit: Running) -> None:
    client = await audit.client("qa_manager")
    taken: list[str] = []

    class Life(Machine):
        @initialize()
        def begin(self) -> None:
            sent = self.wait(client.post("/v1/audits", json=whole(submit=False)))
            assert sent.status_code == 201, sent.text
            self.path = f"/v1/audits/{sent.json()['id']}"
            self.status, self.version, self.edition, self.learned = "in_progress", sent.json()["version"], 0, False

        def step(self, name: str) -> None:
            after = LIFE.get((self.status, name))
            if (name == "closures" and not self.learned) or (name == "withdrawals" and self.edition):
                after = None
            answer = self.send("POST", f"/{name}", BODIES[name])
            if after is None:
                assert answer.status_code == 409, (self.status, name, answer.text)
                return
            assert answer.status_code == 201, (self.status, name, answer.text)
            taken.append(name)
            self.edition += name == "submissions"
            self.status, self.version = after, self.version + 1

        def send(self, method: str, path: str, body: Any) -> httpx.Response:
            headers = {"If-Match": f'"{self.version}"'}
            return self.wait(client.request(method, self.path + path, json=body, headers=headers))

        @rule()
        def submit(self) -> None:
            self.step("submissions")

        @rule()
        def close(self) -> None:
            self.step("closures")

        @rule()
        def reopen(self) -> None:
            self.step("reopenings")

        @rule()
        def withdraw(self) -> None:
            self.step("withdrawals")

        @rule()
        def save(self) -> None:
            answer = self.send("PUT", "/answers", {"answers": {"strengths": f"Read anew at {self.version}."}})
            assert answer.status_code == (200 if self.status == "in_progress" else 409), (self.status, answer.text)
            self.version += self.status == "in_progress"

        @precondition(lambda self: not self.learned)
        @rule()
        def pass_on(self) -> None:
            self.wait(learn(audit, self.path.rpartition("/")[2]))
            self.learned = True

        @rule()
        def step_from_a_version_that_is_past(self) -> None:
            headers = {"If-Match": f'"{self.version - 1}"'}
            past = self.wait(client.post(f"{self.path}/reopenings", json=BODIES["reopenings"], headers=headers))
            assert past.status_code == 412, past.text

        @invariant()
        def stands_as_the_life_has_it(self) -> None:
            if not hasattr(self, "path"):
                return
            answer = self.wait(client.get(self.path))
            found = answer.json()
            assert (found["status"], found["edition"]) == (self.status, self.edition or found["edition"])
            assert answer.headers["etag"].startswith(f'"{self.version}-')
            may = {name for status, name in LIFE if status == self.status}
            may -= {"withdrawals"} if self.edition else set()
            assert {name for name in NAMES if NAMES[name] in found["allowed_actions"]} == may, self.status

    await live(Life, lives=dose(6, 200), steps=dose(12, 40))
    have_come_by(taken, BODIES.keys(), few=2)
    tell(audit_steps=len(taken))
