"""In read-only mode readings are answered and changes are refused with the time to come again."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from shared.database_errors import problem_from_database
from shared.openapi import reads_only
from shared.read_only import ReadOnly
from shared.routing import api_routes
from shared.settings import SERVICES, ServiceName
from tests.architecture.test_roles import address
from tests.conftest import Running, Start


@pytest.mark.parametrize("service", SERVICES)
async def test_every_change_is_refused_and_nothing_is_stored(start: Start, service: ServiceName) -> None:
    running = await start(service, read_only=True, background=True)
    client, anonymous = await running.client(), await running.client(None)
    before = await deeds(running)
    for route in api_routes(running.app):
        for method in (route.methods or set()) - {"GET", "HEAD"}:
            answer = await client.request(method, address(route.path_format), json={})
            if reads_only(route):  # what it would work out is not there, and it says so
                assert answer.status_code == 422, route.name
                continue
            assert answer.status_code == 503, route.name
            assert answer.json()["type"].endswith("/problems/read-only")
            assert answer.headers["retry-after"] == "60"
    assert (await anonymous.get("/v1/me")).status_code == 401
    assert (await client.get("/v1/me")).status_code == 200
    assert (await client.get("/v1/organisation/units")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200
    assert "qapf_read_only 1.0" in (await client.get("/metrics")).text
    assert await deeds(running) == before


async def deeds(running: Running) -> tuple[int, int]:
    async with running.database.snapshot() as session:
        statement = "SELECT (SELECT count(*) FROM activity), (SELECT count(*) FROM activity_seal)"
        return tuple((await session.execute(sa.text(statement))).one())  # type: ignore[return-value]


async def test_who_read_a_case_is_still_written_down(start: Start) -> None:
    audit = await start("audit", read_only=True)
    assert (await (await audit.client()).get("/v1/escalations")).status_code == 200
    async with audit.database.snapshot() as session:
        assert (await session.execute(sa.text("SELECT operation FROM read_log"))).scalar_one() == "list_escalations"


async def test_what_is_only_worked_out_is_answered_below_a_gateway_too(start: Start) -> None:
    client = await (await start("indicator", read_only=True, root_path="/indicator")).client()
    benchmark = {"value": 65, "lower": 59.1, "upper": 71.5, "reference": 67, "polarity": "low_is_good"}
    for prefix in ("", "/indicator"):
        answer = await client.post(f"{prefix}/v1/calculations/benchmark", json=benchmark)
        assert answer.status_code == 200, answer.text


async def test_a_database_that_takes_no_changes_says_the_same(audit: Running) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught:
        async with audit.database.transaction() as session:
            await session.execute(sa.text("SET TRANSACTION READ ONLY"))
            await session.execute(sa.text("DELETE FROM activity_pending"))
    assert isinstance(problem_from_database(caught.value), ReadOnly)
