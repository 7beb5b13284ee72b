"""Numbers an operator watches: one Prometheus registry for each app, never the process-wide one."""

import math
import platform
import time
from collections.abc import Callable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from shared.log_fields import dropped_fields

_REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 1.0, 2.5, 5.0, 10.0, 30.0)


class Pool(Protocol):
    """The counts a database connection pool keeps of itself."""

    def size(self) -> int: ...
    def checkedin(self) -> int: ...
    def checkedout(self) -> int: ...
    def overflow(self) -> int: ...


class Lag:
    """Seconds since something was last done to its end; they grow while it cannot be."""

    def __init__(self) -> None:
        self._done_at = time.monotonic()

    def done(self) -> None:
        self._done_at = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self._done_at


class Telemetry:
    """The metrics of one service. Every label has a small, closed set of values: no path, no id, no name."""

    def __init__(self, service: str, version: str = "0") -> None:
        self.service = service
        self.registry = CollectorRegistry()
        labels = ("operation", "method", "status")
        self._requests = Counter(
            "qapf_http_requests", "Requests answered, by operation.", labels, registry=self.registry
        )
        self._duration = Histogram(
            "qapf_http_request_duration_seconds",
            "Time from the first byte in to the last byte out.",
            labels,
            registry=self.registry,
            buckets=_REQUEST_BUCKETS,
        )
        # To look a label up takes longer than to count.
        self._kept: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.in_flight = 0
        self.watch("qapf_http_requests_in_flight", "Requests being answered now.", lambda: self.in_flight)
        self._neighbour_calls = Histogram(
            "qapf_neighbour_call_duration_seconds",
            "Calls to other services, by how they ended.",
            ("neighbour", "outcome"),
            registry=self.registry,
            buckets=_REQUEST_BUCKETS,
        )
        self.watch("qapf_log_fields_dropped", "Log fields the allow-list has refused.", dropped_fields)
        build = Gauge("qapf_build_info", "What runs.", ("service", "version", "python"), registry=self.registry)
        build.labels(service, version, platform.python_version()).set(1)
        ProcessCollector(registry=self.registry)

    def record_request(self, operation: str, method: str, status: int, seconds: float) -> None:
        labels = (operation, method, status // 100)
        if labels not in self._kept:
            told = (operation, method, f"{status // 100}xx")
            self._kept[labels] = (self._requests.labels(*told), self._duration.labels(*told))
        requests, duration = self._kept[labels]
        requests.inc()
        duration.observe(seconds)

    def record_neighbour_call(self, neighbour: str, outcome: str, seconds: float) -> None:
        self._neighbour_calls.labels(neighbour, outcome).observe(seconds)

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show what `read` says whenever the metrics are asked for; it may do no I/O."""
        Gauge(name, meaning, registry=self.registry).set_function(_never_raising(read))

    def watch_pool(self, pool: Pool) -> None:
        """Show how many connections to the database are kept, used, idle and beyond the pool's size."""
        gauge = Gauge("qapf_database_connections", "Connections of the pool.", ("state",), registry=self.registry)
        readings = {
            "size": pool.size,
            "idle": pool.checkedin,
            "in_use": pool.checkedout,
            # SQLAlchemy counts from minus the size upwards until the pool has filled once.
            "overflow": lambda: max(pool.overflow(), 0),
        }
        for state, read in readings.items():
            gauge.labels(state).set_function(_never_raising(read))

    def watch_lag(self, name: str, meaning: str) -> Lag:
        """Show how long ago something was last done that is done again and again; whoever does it says so each time."""
        lag = Lag()
        self.watch(name, meaning, lag.seconds)
        return lag

    async def endpoint(self, request: Request) -> Response:
        """`GET /metrics`, in Prometheus's text format."""
        return Response(generate_latest(self.registry), headers={"content-type": CONTENT_TYPE_LATEST})


def _never_raising(read: Callable[[], float]) -> Callable[[], float]:
    """One broken reading is shown as not a number, and does not take the others with it."""

    def reading() -> float:
        try:
            return float(read())
        except Exception:
            return math.nan

    return reading
