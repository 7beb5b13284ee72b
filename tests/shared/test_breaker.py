"""The circuit breaker, moved through its states by a clock of the test's own."""

import pytest

from shared.breaker import Breaker, CircuitOpen


class Seconds:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def breaker(seconds: Seconds) -> Breaker:
    return Breaker(threshold=3, cool_down=10, monotonic=seconds)


def state(breaker: Breaker) -> str:
    return breaker.state


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with breaker.enter() as permit:
            permit.failed()


def succeed(breaker: Breaker) -> None:
    with breaker.enter() as permit:
        permit.succeeded()


def test_it_opens_after_the_third_failure_in_a_row(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert state(breaker) == "closed"
    fail(breaker)
    assert state(breaker) == "open"
    with pytest.raises(CircuitOpen) as refusal:
        breaker.enter()
    assert refusal.value.retry_in == 10


def test_a_success_between_failures_starts_the_count_again(breaker: Breaker) -> None:
    fail(breaker, 2)
    succeed(breaker)
    fail(breaker, 2)
    assert state(breaker) == "closed"


def test_after_the_cool_down_one_probe_goes_at_a_time(breaker: Breaker, seconds: Seconds) -> None:
    fail(breaker, 3)
    seconds.at += 10
    assert state(breaker) == "half_open"
    with breaker.enter() as probe:
        with pytest.raises(CircuitOpen):
            breaker.enter()
        probe.succeeded()
    assert state(breaker) == "closed"
    succeed(breaker)


def test_a_failed_probe_opens_it_for_another_cool_down(breaker: Breaker, seconds: Seconds) -> None:
    fail(breaker, 3)
    seconds.at += 10
    fail(breaker)
    assert state(breaker) == "open"
    seconds.at += 9.9
    with pytest.raises(CircuitOpen):
        breaker.enter()
    seconds.at += 0.2
    succeed(breaker)
    assert state(breaker) == "closed"


def test_an_abandoned_probe_makes_room_for_the_next(breaker: Breaker, seconds: Seconds) -> None:
    fail(breaker, 3)
    seconds.at += 10
    with pytest.raises(KeyboardInterrupt), breaker.enter():
        raise KeyboardInterrupt
    assert state(breaker) == "half_open"
    succeed(breaker)
    assert state(breaker) == "closed"


def test_a_late_answer_from_before_it_opened_does_not_close_it(breaker: Breaker) -> None:
    slow = breaker.enter()
    fail(breaker, 3)
    slow.succeeded()
    assert state(breaker) == "open"


def test_a_late_failure_from_before_it_recovered_does_not_count(breaker: Breaker, seconds: Seconds) -> None:
    late = [breaker.enter() for _ in range(3)]
    fail(breaker, 3)
    seconds.at += 10
    succeed(breaker)
    for permit in late:
        permit.failed()
    assert state(breaker) == "closed"


def test_a_call_given_up_in_a_closed_circuit_is_no_verdict(breaker: Breaker) -> None:
    fail(breaker, 2)
    with breaker.enter():
        pass
    fail(breaker)
    assert state(breaker) == "open"


def test_a_breaker_that_could_never_open_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold"):
        Breaker(threshold=0)
