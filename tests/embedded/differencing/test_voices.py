"""No small number of voices follows from everything that may be asked, before and after records come and go."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from services.feedback_api.protection import Shield, Shown
from services.feedback_api.summary import releases
from shared.auth.local_issuer import LocalIssuer
from shared.suppression import THRESHOLD
from tests.door import Door
from tests.doses import dose, tell
from tests.embedded.differencing.knowledge import Knowledge
from tests.embedded.differencing.voices import World, fill, told_apart
from tests.embedded.differencing.voices_told import EVERYTHING, Asker, ask_plainly, ask_summaries, hold_together

CALLERS = (("practitioner", None), ("auditor", None), ("team_manager", "family_support"), ("practitioner", "cwd_east"))


async def reader(
    embedded: Any, issuer: LocalIssuer, seed: int, role: str = "practitioner", unit: str | None = None
) -> Asker:
    """A caller at the door of a council that has been filled, who knows nothing yet."""
    chance = random.Random(seed)
    world = World.random(chance)
    await fill(await embedded("admin"), world, chance)
    headers = {"Authorization": f"Bearer {issuer.token(f'test-{role}', [role], unit)}"}
    asker = Asker(Door(embedded.root, headers), Knowledge(world.truth), unit)
    hold_together(asker.known)
    return asker


async def come_and_go(embedded: Any) -> None:
    """A view, a complaint and a compliment more in each quarter, and one complaint erased."""
    admin, officer = await embedded("admin"), await embedded("data_protection_officer")
    for at, day in enumerate(("2026-02-12", "2026-05-14", "2026-08-13")):
        one = {"unit": "cwd_east", "themes": ["planning"]}
        view = {"channel": "case_audit", "respondent_group": "child", "given_on": day, "consent": "shared", "rating": 2}
        case = {"source": "survey", "source_ref": f"LATE-{at}", "sentiment": "negative"}
        complaint = {"respond_ref": f"LATE-{at}", "procedure": "statutory", "received_on": day}
        for path, body in (("views", view | case), ("complaints", complaint), ("compliments", complaint)):
            sent = {name: value for name, value in body.items() if (path, name) != ("compliments", "procedure")}
            answer = await admin.post(f"/feedback/v1/{path}", json=sent | one)
            assert answer.status_code == 201, answer.text
    body = {"subject": {"by": "case", "reference": "CSC-0"}, "ground": "unlawful", "request_reference": "DPO-1"}
    erased = await officer.post("/feedback/v1/privacy/erasures", json=body)
    assert erased.json()["records"] == {"complaint": 1}, erased.text


@pytest.mark.parametrize("seed", range(dose(1, 40)))
async def test_R17_no_small_number_of_voices_follows_from_all_that_is_told(
    embedded: Any, issuer: LocalIssuer, seed: int
) -> None:
    asker = await reader(embedded, issuer, seed, *CALLERS[seed % len(CALLERS)])
    for ask in EVERYTHING:
        await ask(asker)
    first = {path: told(answer) for path, answer in asker.answers.items()}
    found = asker.known.ranges(*told_apart())
    assert [one for one in found if one.low == one.high] == []
    # What a table hides is uncertain by more than the threshold; how often each rating was given stands in none.
    table = [one for one in found if one.name in asker.known.hidden and not one.name.startswith("rated ")]
    assert [one for one in table if one.high is not None and one.high - one.low <= THRESHOLD] == []
    await come_and_go(embedded)
    # What is told once is what it was: of what came since nothing follows.
    await ask_summaries(asker)
    assert {path: told(answer) for path, answer in asker.answers.items()} == first
    tell(worlds=1, questions=asker.asked, figures=asker.known.figures, small_numbers=len(found))


def told(answer: Any) -> Any:
    """An answer without the moment it was given."""
    if isinstance(answer, dict):
        return {name: told(value) for name, value in answer.items() if name not in ("as_at", "as_of", "read_at")}
    return [told(one) for one in answer] if isinstance(answer, list) else answer


class Careless(Shield):
    """Hides each small figure and nothing that gives it away."""

    def lists(self, total: int, lists: Mapping[str, Mapping[str, int]]) -> tuple[int | None, list[Shown]]:
        return total, [{code: self.one(count) for code, count in parts.items()} for parts in lists.values()]

    def gives_away(self, given: int, points: int) -> bool:
        return False


async def test_the_attack_finds_them_where_small_figures_alone_are_hidden(
    embedded: Any, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "Shield", Careless)
    asker = await reader(embedded, issuer, 1)
    await ask_plainly(asker)
    assert asker.known.found() != []
