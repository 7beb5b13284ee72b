"""A circuit breaker: after enough failures in a row, a neighbour is left in peace for a while."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Literal

State = Literal["closed", "open", "half_open"]


class CircuitOpen(Exception):
    """The call was not tried; `retry_in` seconds from now one may be."""

    def __init__(self, retry_in: float) -> None:
        super().__init__("the circuit is open")
        self.retry_in = retry_in


class Breaker:
    """Closed: all calls pass. Open: none does. Half open, after the cool-down: one probe at a time decides.

    It belongs to one event loop and never awaits, so it needs no lock.
    """

    def __init__(
        self, *, threshold: int = 5, cool_down: float = 15.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        if threshold < 1 or cool_down < 0:
            raise ValueError("a breaker needs a threshold of at least 1 and a cool-down that is not negative")
        self._threshold = threshold
        self._cool_down = cool_down
        self._monotonic = monotonic
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._generation = 0

    @property
    def state(self) -> State:
        if self._opened_at is None:
            return "closed"
        return "half_open" if self._remaining() <= 0 else "open"

    def enter(self) -> "Permit":
        """Leave to call, or CircuitOpen. The permit must be told how the call went."""
        if self._opened_at is None:
            return Permit(self, self._generation)
        if self._probing or self._remaining() > 0:
            raise CircuitOpen(max(self._remaining(), 0.0))
        self._probing = True
        return Permit(self, self._generation)

    def settle(self, generation: int, well: bool | None) -> None:
        """Take a verdict: well, unwell, or None when the call was given up before it could tell."""
        # A slow call that began before the circuit changed says nothing about the neighbour now.
        if generation != self._generation:
            return
        if well is None:
            self._probing = False
        elif well:
            self._failures = 0
            if self._opened_at is not None:
                self._change(opened_at=None)
        else:
            self._failures += 1
            if self._opened_at is not None or self._failures >= self._threshold:
                self._change(opened_at=self._monotonic())

    def _change(self, opened_at: float | None) -> None:
        self._opened_at = opened_at
        self._failures = 0
        self._probing = False
        self._generation += 1

    def _remaining(self) -> float:
        if self._opened_at is None:
            return 0.0
        return self._opened_at + self._cool_down - self._monotonic()


class Permit:
    """One call's leave to go; used as a context manager so that an abandoned probe never blocks the next."""

    def __init__(self, breaker: Breaker, generation: int) -> None:
        self._breaker = breaker
        self._generation = generation
        self._settled = False

    def succeeded(self) -> None:
        self._settle(True)

    def failed(self) -> None:
        self._settle(False)

    def __enter__(self) -> "Permit":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._settle(None)

    def _settle(self, well: bool | None) -> None:
        if not self._settled:
            self._settled = True
            self._breaker.settle(self._generation, well)
