"""One access line and one set of numbers for each request, without anything the client chose."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from shared.logging import configure_logging
from shared.request_telemetry import RequestTelemetry
from shared.telemetry import Telemetry
from tests.shared.sample_app import client_of, sample_app, say_sorry

pytestmark = pytest.mark.anyio
CANARY = "canary-9434765919"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry("audit", "1.2.3")


@pytest.fixture
async def client(telemetry: Telemetry) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(sample_app(telemetry, last_resort=say_sorry)) as found:
        yield found


def access_line(lines: list[dict[str, Any]]) -> dict[str, Any]:
    (line,) = [line for line in lines if line["event"] == "request"]
    return line


def counted(telemetry: Telemetry, operation: str, method: str, status: str) -> float | None:
    labels = {"operation": operation, "method": method, "status": status}
    return telemetry.registry.get_sample_value("qapf_http_requests_total", labels)


async def test_a_request_without_an_id_is_given_one_everywhere(client: httpx.AsyncClient, lines: Lines) -> None:
    answer = await client.get("/v1/things/one")
    given = answer.headers["x-request-id"]
    assert UUID(given).version == 7
    assert answer.json() == {"bound": given, "state": given}
    assert {line["request_id"] for line in lines()} == {given}


async def test_a_well_formed_id_of_the_caller_is_kept(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/things/one", headers={"X-Request-ID": "7f3a9c21-0b1d-4e5f-8a6b-3c2d1e0f9a8b"})
    assert answer.headers["x-request-id"] == "7f3a9c21-0b1d-4e5f-8a6b-3c2d1e0f9a8b"


@pytest.mark.parametrize(
    "given",
    [
        "short",
        "x" * 65,
        "a b c d e f g",
        "<script>alert",
        "café-café-café",
        "9434765919",
        "01202-555-0199",
        "",
    ],
)
async def test_any_other_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/v1/things/one", headers=[(b"X-Request-ID", given.encode())])
    assert UUID(answer.headers["x-request-id"]).version == 7


async def test_the_access_line_has_the_template_and_neither_path_nor_query(
    client: httpx.AsyncClient, lines: Lines
) -> None:
    await client.get(f"/v1/things/{CANARY}?q={CANARY}")
    line = access_line(lines())
    assert line["duration_ms"] >= 0
    assert line["level"] == "info"
    told = {name: line[name] for name in ("method", "route", "operation", "status", "service")}
    assert told == {
        "method": "GET",
        "route": "/v1/things/{code}",
        "operation": "read_thing",
        "status": 200,
        "service": "audit",
    }


async def test_a_route_outside_openapi_goes_by_its_template(
    client: httpx.AsyncClient, lines: Lines, telemetry: Telemetry
) -> None:
    await client.get(f"/pages/{CANARY}")
    line = access_line(lines())
    assert (line["operation"], line["route"]) == ("/pages/{name}", "/pages/{name}")
    await client.get(f"/files/{CANARY}.css")
    assert access_line(lines())["route"] == "/files/{path}"
    assert counted(telemetry, "/files/{path}", "GET", "4xx") == 1


async def test_a_path_that_leads_nowhere_is_unmatched(
    client: httpx.AsyncClient, lines: Lines, telemetry: Telemetry
) -> None:
    await client.get(f"/{CANARY}")
    line = access_line(lines())
    assert (line["route"], line["status"]) == ("unmatched", 404)
    assert counted(telemetry, "unmatched", "GET", "4xx") == 1


async def test_an_invented_method_adds_no_label_and_no_text(
    client: httpx.AsyncClient, lines: Lines, telemetry: Telemetry
) -> None:
    await client.request(CANARY, "/v1/things/one")
    assert access_line(lines())["method"] == "other"
    assert counted(telemetry, "read_thing", "other", "4xx") == 1


async def test_an_unhandled_exception_is_logged_once_and_answered(
    client: httpx.AsyncClient, lines: Lines, telemetry: Telemetry
) -> None:
    answer = await client.post("/v1/things/one/failures")
    assert answer.status_code == 500
    assert answer.json() == {"request_id": answer.headers["x-request-id"]}
    found = lines()
    (failure,) = [line for line in found if line["level"] == "error"]
    assert (failure["exception_type"], failure["route"]) == ("ValueError", "/v1/things/{code}/failures")
    assert access_line(found)["status"] == 500
    assert counted(telemetry, "fail", "POST", "5xx") == 1


async def test_without_a_last_resort_the_exception_goes_on_to_the_server(telemetry: Telemetry, lines: Lines) -> None:
    async with client_of(sample_app(telemetry)) as client:
        assert (await client.post("/v1/things/one/failures")).status_code == 500
    assert access_line(lines())["status"] == 500


async def test_an_answer_torn_half_way_is_not_given_a_second_head(client: httpx.AsyncClient, lines: Lines) -> None:
    answer = await client.get("/v1/things/one/torn")
    assert answer.content == b"half"
    assert [line["exception_type"] for line in lines() if line["level"] == "error"] == ["ValueError"]


async def test_a_client_that_hung_up_is_no_failure_of_ours(client: httpx.AsyncClient, lines: Lines) -> None:
    with pytest.raises(AssertionError):  # the in-process transport expects an answer nobody waits for
        await client.get("/v1/things/one/gone")
    found = lines()
    assert access_line(found)["status"] == 499
    assert not [line for line in found if line["level"] == "error"]


async def test_a_cancelled_request_is_still_counted_and_leaves_none_in_flight(
    client: httpx.AsyncClient, lines: Lines, telemetry: Telemetry
) -> None:
    task = asyncio.create_task(client.get("/v1/things/one/slow"))
    await asyncio.sleep(0.05)
    assert telemetry.registry.get_sample_value("qapf_http_requests_in_flight") == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert access_line(lines())["status"] == 499
    assert telemetry.registry.get_sample_value("qapf_http_requests_in_flight") == 0


async def test_the_metrics_are_read_as_text_and_their_reading_is_a_quiet_line(
    client: httpx.AsyncClient, lines: Lines
) -> None:
    configure_logging("audit", "DEBUG")
    await client.get(f"/v1/things/{CANARY}")
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'qapf_http_requests_total{method="GET",operation="read_thing",status="2xx"} 1.0' in answer.text
    assert "qapf_build_info{" in answer.text
    assert 'version="1.2.3"' in answer.text
    assert "qapf_http_request_duration_seconds_bucket" in answer.text
    assert "process_open_fds" in answer.text
    assert CANARY not in answer.text
    last = [line for line in lines() if line["event"] == "request"][-1]
    assert (last["route"], last["level"]) == ("/metrics", "debug")


async def test_a_mounted_service_answers_under_its_own_name_and_is_counted_once(lines: Lines) -> None:
    outer_numbers, inner_numbers = Telemetry("embedded"), Telemetry("audit")
    outer = FastAPI()
    outer.mount("/audit", sample_app(inner_numbers))
    outer.add_middleware(RequestTelemetry, telemetry=outer_numbers)
    async with client_of(outer) as client:
        answer = await client.get("/audit/v1/things/one")
        assert answer.headers.get_list("x-request-id") == [answer.json()["bound"]]
        line = access_line(lines())
        assert (line["service"], line["route"]) == ("audit", "/v1/things/{code}")
        assert counted(inner_numbers, "read_thing", "GET", "2xx") == 1
        assert counted(outer_numbers, "read_thing", "GET", "2xx") is None
        await client.get("/nowhere")
        assert access_line(lines())["service"] == "embedded"


async def test_an_id_that_a_larger_app_took_over_unread_forges_no_line(lines: Lines) -> None:
    app = sample_app(Telemetry("audit"))
    forged = 'a", "level": "critical"}\n{"event": "forged'

    async def larger(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {"request_id": forged}}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(larger), base_url="http://x") as client:
        assert forged not in (await client.get("/v1/things/one")).headers["x-request-id"]
    assert "forged" not in {line["event"] for line in lines()}


async def test_what_is_not_http_passes_through(telemetry: Telemetry) -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def receive() -> dict[str, Any]:
        return {}

    async def send(message: Any) -> None: ...

    await RequestTelemetry(app, telemetry=telemetry)({"type": "lifespan"}, receive, send)
    assert seen == ["lifespan"]
