"""The numbers of one service, kept apart from every other's."""

import pytest

from shared.telemetry import Telemetry

CANARY = "canary-9434765919"


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry("audit", "1.2.3")


def counted(telemetry: Telemetry, operation: str, method: str, status: str) -> float | None:
    labels = {"operation": operation, "method": method, "status": status}
    return telemetry.registry.get_sample_value("qapf_http_requests_total", labels)


def test_each_app_has_its_own_registry() -> None:
    first, second = Telemetry("audit"), Telemetry("audit")
    first.record_request("read", "GET", 200, 0.1)
    assert counted(first, "read", "GET", "2xx") == 1
    assert counted(second, "read", "GET", "2xx") is None


class SamplePool:
    def size(self) -> int:
        return 10

    def checkedin(self) -> int:
        return 3

    def checkedout(self) -> int:
        return 2

    def overflow(self) -> int:
        return -5


def test_the_pool_is_read_when_the_metrics_are(telemetry: Telemetry) -> None:
    telemetry.watch_pool(SamplePool())
    read = {
        state: telemetry.registry.get_sample_value("qapf_database_connections", {"state": state})
        for state in ("size", "idle", "in_use", "overflow")
    }
    assert read == {"size": 10, "idle": 3, "in_use": 2, "overflow": 0}


def test_a_reading_that_fails_is_not_a_number_and_spares_the_others(telemetry: Telemetry) -> None:
    def broken() -> float:
        raise RuntimeError(CANARY)

    telemetry.watch("qapf_sealer_lag_seconds", "Seconds.", broken)
    telemetry.watch("qapf_sample", "A sample.", lambda: 7)
    lag = telemetry.registry.get_sample_value("qapf_sealer_lag_seconds")
    assert lag is not None
    assert lag != lag
    assert telemetry.registry.get_sample_value("qapf_sample") == 7


def test_calls_to_neighbours_are_timed_by_how_they_ended(telemetry: Telemetry) -> None:
    telemetry.record_neighbour_call("feedback", "timeout", 2.0)
    labels = {"neighbour": "feedback", "outcome": "timeout"}
    assert telemetry.registry.get_sample_value("qapf_neighbour_call_duration_seconds_count", labels) == 1
