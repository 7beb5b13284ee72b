"""Any sequence of steps on a complaint: what is offered is taken, what is not is refused and leaves all as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.conftest import Running
from tests.doses import dose, tell
from tests.machines import Machine, have_come_by, live

STAGES = ["stage_1", "stage_2", "stage_3", "panel_report", "authority_response"]
# The step of the address, as the complaint names it among what may be done, and what it leads to.
STEPS = {
    "outcomes": ("end_stage", {"open", "closed"}),
    "stages": ("open_stage", {"open"}),
    "freezes": ("set_aside", {"open"}),
    "resumptions": ("resume", {"open", "closed", "refused"}),
    "escalations": ("escalate", {"open"}),
    "extensions": ("extend", {"open"}),
    "decisions": ("decide", {"open", "refused", "closed"}),
    "advocacy": ("offer_advocacy", {"open", "refused", "closed"}),
}
# What the law may still forbid although the step is offered: a limit that is used up, a stage that cannot follow.
BOUNDED = {"extensions", "escalations"}


async def test_a_complaint_goes_only_where_it_says(feedback: Running, a_complaint: Callable[..., Any]) -> None:
    client, numbers = await feedback.client("complaints_manager"), count(1)
    taken: list[str] = []

    class Life(Machine):
        @initialize()
        def begin(self) -> None:
            stages = [{"stage": "stage_1", "started_on": "2026-09-07"}]
            body = a_complaint(respond_ref=f"CSC-2026-9{next(numbers):04}", received_on="2026-09-07", stages=stages)
            sent = self.wait(client.post("/v1/complaints", json=body))
            assert sent.status_code == 201, sent.text
            self.path, self.told, self.etag = sent.headers["location"], sent.json(), sent.headers["etag"]
            self.day, self.steps = date(2026, 9, 8), 0

        def body(self, step: str, accepted: bool) -> dict[str, Any]:
            day = self.day.isoformat()
            at = self.told["current"]["stage"] if self.told["current"] else self.told["stages"][-1]["stage"]
            following = STAGES[min(STAGES.index(at) + 1, len(STAGES) - 1)]
            bodies: dict[str, dict[str, Any]] = {
                "outcomes": {"stage": at, "ended_on": day, "outcome": "not_upheld"},
                "stages": {"stage": following, "started_on": day, "requested_on": day},
                "freezes": {"from": day, "reason": "Proceedings on the same matter."},
                "resumptions": {"to": day},
                "escalations": {"stage": following, "because": "agreed", "started_on": day, "reason": "Both agreed."},
                "extensions": {"working_days": 1, "reason": "A witness is away.", "granted_on": day},
                "decisions": {
                    "about": "eligibility", "accepted": accepted, "decided_by": "officer-2", "decided_on": day,
                    "reason": "About another council.", "refusal_code": None if accepted else "too_late",
                },
                "advocacy": {"offered_on": day, "answer": "declined"},
            }  # fmt: skip
            return bodies[step]

        @rule(step=st.sampled_from(list(STEPS)), accepted=st.booleans())
        def take(self, step: str, accepted: bool) -> None:
            action, leads_to = STEPS[step]
            body, headers = self.body(step, accepted), {"If-Match": self.etag}
            answer = self.wait(client.post(f"{self.path}/{step}", json=body, headers=headers))
            offered = action in self.told["allowed_actions"]
            if answer.status_code == 200:
                assert offered, (step, self.told["status"], self.told["allowed_actions"])
                assert answer.json()["status"] in leads_to
                assert answer.headers["etag"] != self.etag
                self.told, self.etag, self.steps = answer.json(), answer.headers["etag"], self.steps + 1
                self.day = min(self.day + timedelta(days=1), date(2026, 11, 23))
                taken.append(step)
                again = self.wait(client.post(f"{self.path}/{step}", json=body, headers=headers))
                assert again.status_code == 412, again.text
            else:
                assert answer.status_code in (409, 422), answer.text
                assert not offered or step in BOUNDED or (step == "decisions"), (step, answer.text, self.told)
            now = self.wait(client.get(self.path))
            assert (now.json(), now.headers["etag"]) == (self.told, self.etag)

        def teardown(self) -> None:
            if hasattr(self, "path"):
                kept = self.wait(client.get(f"{self.path}/history?limit=200")).json()["items"]
                assert len(kept) == self.steps + 1

    await live(Life, lives=dose(6, 200), steps=dose(14, 40))
    have_come_by(taken, {"outcomes", "stages", "freezes", "resumptions", "advocacy"}, few=4)
    tell(complaint_steps=len(taken))
