"""Hypothesis' state machines over an API that is asynchronous: the machine in a thread, its requests in the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence, Set
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.doses import FULL

T = TypeVar("T")


class Machine(RuleBasedStateMachine):
    """A machine whose rules may await: `self.wait(client.get(...))`."""

    loop: asyncio.AbstractEventLoop

    def wait(self, asked: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(asked, self.loop).result(60)


async def live(machine: type[Machine], *, lives: int, steps: int) -> None:
    """Run so many lives of so many steps at most."""
    machine.loop = asyncio.get_running_loop()
    profile = settings(
        max_examples=lives, stateful_step_count=steps, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=profile)


def have_come_by(taken: Sequence[str], steps: Set[str], *, few: int) -> None:
    """The full dose has taken all of these steps, the small one so many kinds at least.

    Which ones a few lives come by changes with the modules that are loaded, as their constants are tried.
    """
    assert len(set(taken)) >= few, set(taken)
    assert not FULL or set(taken) >= steps, set(taken)
