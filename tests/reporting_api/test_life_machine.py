"""Any sequence of steps on a report by anybody: each goes as its life has it, and what is published stays."""

from __future__ import annotations

from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.doses import dose, tell
from tests.machines import Machine, have_come_by, live
from tests.reporting_api.conftest import CLOSING, Desk

BODIES: dict[str, Any] = {
    "edit": CLOSING, "submissions": None, "withdrawals": {"reason": "A figure is to be checked."},
    "reopenings": {"reason": "A figure came in."}, "publications": None,
}  # fmt: skip
# From where a step is taken, and where it leads.
LIFE = {
    "edit": ({"draft"}, "draft"),
    "submissions": ({"draft"}, "submitted"),
    "withdrawals": ({"submitted", "signed_off"}, "draft"),
    "reopenings": ({"submitted", "signed_off"}, "draft"),
    "publications": ({"signed_off"}, "published"),
}


async def test_a_report_lives_as_its_states_allow_and_stays_as_published(desk: Desk) -> None:
    first = (await desk.draft())["id"]
    admin = await desk.client("admin")
    taken: list[str] = []
    editions = [first]
    closed: set[str] = set()

    class Life(Machine):
        @initialize()
        def begin(self) -> None:
            """A report that is not published yet: the last one, or the one that follows it."""
            state = self.wait(desk.state(editions[-1]))
            if state["status"] == "published":
                body = {"reason": "A figure was corrected."}
                headers = {"If-Match": f'"{state["version"]}"'}
                sent = self.wait(admin.post(f"/v1/reports/{editions[-1]}/supersessions", json=body, headers=headers))
                assert sent.status_code == 201, sent.text
                editions.append(sent.json()["id"])
                # What its author wrote goes on from the edition it takes the place of.
                closed.add(editions[-1])
            self.report = editions[-1]
            self.state = self.wait(desk.state(self.report))

        @property
        def status(self) -> str:
            return str(self.state["status"])

        def settle(self, answer: httpx.Response, name: str, after: str | None) -> None:
            now = self.wait(desk.state(self.report))
            if after is None:
                assert answer.status_code in (403, 409), (name, self.status, answer.text)
                assert now == self.state, name
                return
            assert answer.status_code == 200, (name, self.status, answer.text)
            assert (now["status"], now["version"]) == (after, self.state["version"] + 1), name
            taken.append(name)
            self.state = now

        @rule(name=st.sampled_from(list(BODIES)))
        def try_out(self, name: str) -> None:
            self.take(name)

        def take(self, name: str) -> None:
            start, after = LIFE[name]
            answer = self.wait(desk.step(self.report, name, BODIES[name]))
            missing = name == "submissions" and self.report not in closed
            self.settle(answer, name, after if self.status in start and not missing else None)
            if name == "edit" and answer.status_code == 200:
                closed.add(self.report)
            if name == "publications" and answer.status_code == 200:
                self.keep()

        @rule(own=st.booleans())
        def try_to_sign(self, own: bool) -> None:
            self.sign(own)

        def sign(self, own: bool) -> None:
            """The next signature by its role, or by whoever submitted, who may not."""
            role = self.state["next_signature"]
            if role is None:
                answer = self.wait(desk.sign(self.report, "head_of_service"))
                self.settle(answer, "signatures", None)
                return
            subject = self.state["submitted_by"] if own else None
            answer = self.wait(desk.sign(self.report, role, subject))
            more = answer.status_code == 200 and self.wait(desk.state(self.report))["next_signature"]
            self.settle(answer, "signatures", None if own else "submitted" if more else "signed_off")

        @rule(steps=st.integers(1, 4))
        def go_on(self, steps: int) -> None:
            """Towards its board, as a report mostly goes."""
            for _ in range(steps):
                if self.status == "submitted":
                    self.sign(own=False)
                elif self.status == "draft" and self.report not in closed:
                    self.take("edit")
                elif self.status != "published":
                    self.take("submissions" if self.status == "draft" else "publications")

        @rule()
        def sign_other_content(self) -> None:
            role = self.state["next_signature"] or "head_of_service"
            body = {"role": role, "content_hash": "0" * 64}
            self.settle(self.wait(desk.step(self.report, "signatures", body, role=role)), "signatures", None)

        @rule()
        def step_from_a_version_that_is_past(self) -> None:
            headers = {"If-Match": f'"{self.state["version"] - 1}"'}
            past = self.wait(admin.patch(f"/v1/reports/{self.report}", json=CLOSING, headers=headers))
            assert past.status_code == 412 or (past.status_code == 409 and self.status != "draft"), past.text

        def keep(self) -> None:
            """What is published is the same bytes whatever is tried with it."""
            path = f"/v1/reports/{self.report}"
            before = self.wait(admin.get(path))
            for name, body in BODIES.items():
                assert self.wait(desk.step(self.report, name, body)).status_code == 409
            after = self.wait(admin.get(path))
            assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])

    await live(Life, lives=dose(5, 120), steps=dose(14, 40))
    have_come_by(taken, {"edit", "submissions", "signatures", "publications"}, few=3)
    tell(report_steps=len(taken), editions=len(editions))
