"""Who may do what: a row for every operation; every cell of role by operation is called and must agree with it.

In full each cell is called with a token of the whole council, of one unit and of another, in the small dose with one of
the three in turn. What a unit makes of each operation is tried in tests/embedded/test_organisation_scope.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from services.documentation import documented_app
from shared.auth.roles import read_roles
from shared.openapi import is_open, scope_of
from shared.routing import api_routes
from shared.settings import SERVICES
from tests.architecture.access_table import read_rows, rows_of
from tests.conftest import Running
from tests.documents import document_of
from tests.door import Door
from tests.doses import FULL, tell

ROOT = Path(__file__).resolve().parents[2]
BOOK = read_roles(ROOT / "framework" / "dorset" / "roles.yaml")
SCOPES = (None, "fs_weymouth", "youth_services")
NOBODY = "00000000-0000-7000-8000-000000000000"

# The table as framework/dorset/roles.yaml has it; what must never change by accident is said again below.
TABLE: dict[str, set[str]] = {role: set(BOOK.scopes_of([role])) for role in BOOK.roles}
EXPECTED_ROLES = {
    "practitioner",
    "team_manager",
    "auditor",
    "qa_manager",
    "head_of_service",
    "analyst",
    "board_reader",
    "board_clerk",
    "ingest_client",
    "complaints_manager",
    "duty_officer",
    "agency_contributor",
    "data_protection_officer",
    "admin",
}


def test_the_roles_of_the_framework_are_the_fourteen_and_the_services_own() -> None:
    assert set(TABLE) == EXPECTED_ROLES | {"reporting_service"}


def test_no_reader_may_change_and_only_those_meant_see_case_level_complaints() -> None:
    assert not {scope for scope in TABLE["board_reader"] if not scope.endswith(":read")}
    assert TABLE["board_clerk"] == {"reporting:read", "reporting:clerk", "framework:read"}
    assert "reporting:sign" in TABLE["head_of_service"]
    assert {role for role, scopes in TABLE.items() if "framework:apply" in scopes} == {"admin"}
    assert "feedback:complaints" not in TABLE["practitioner"] | TABLE["auditor"] | TABLE["board_reader"]
    quarantine = {role for role, scopes in TABLE.items() if "feedback:quarantine" in scopes}
    assert quarantine == {"qa_manager", "complaints_manager", "admin"}
    for scope in ("privacy:read", "privacy:hold", "privacy:erase"):
        assert {role for role, scopes in TABLE.items() if scope in scopes} == {"data_protection_officer", "admin"}
    assert TABLE["agency_contributor"] == {"reporting:contribute"}
    assert not TABLE["ingest_client"] & {"reporting:sign", "reporting:publish", "framework:apply"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_a_row_with_the_scope_it_asks_for(service: str) -> None:
    """An operation without a row fails here: write down who may call it before anybody can."""
    rows = rows_of(service)
    routes = {route.name: route for route in api_routes(documented_app(service)) if route.name != "get_problem_page"}
    assert set(routes) - set(rows) == set(), (
        "say in tests/architecture/access who may call it, and what a unit makes of it"
    )
    assert set(rows) - set(routes) == set()
    assert not set(read_rows(service)) & set(read_rows("platform"))
    for name, row in rows.items():
        assert is_open(routes[name]) == (row.reach == "anyone"), name
        assert is_open(routes[name]) or row.scope == scope_of(routes[name]), name


def address(path: str) -> str:
    parts = []
    for part in path.split("/"):
        if part.startswith("{"):
            name = part.strip("{}").split(":")[0]
            part = NOBODY if name.endswith("id") else "1" if name == "version" else "nobody"
        parts.append(part)
    return "/".join(parts)


def scopes_of_cell(number: int) -> Sequence[str | None]:
    """All in the full dose; else as the whole council, and as one of the units at every fourth cell."""
    if FULL:
        return SCOPES
    units = SCOPES[1:]
    return SCOPES[:1] if number % 4 else [*SCOPES[:1], units[number // 4 % len(units)]]


async def test_every_cell_of_role_by_operation_is_as_the_table_says(any_service: Running) -> None:
    clients = {(role, unit): any_service.door(role, unit) for role in TABLE for unit in SCOPES}
    anonymous = Door(any_service.app, {})
    rows, cells = rows_of(any_service.name), 0
    for route in api_routes(any_service.app):
        if route.name == "get_problem_page" or rows[route.name].reach == "anyone":
            continue
        scope = rows[route.name].scope
        for method in route.methods or ():
            where = address(route.path_format)
            assert (await anonymous.request(method, where)).status_code == 401, route.name
            for place, role in enumerate(TABLE):
                for unit in scopes_of_cell(place + cells // len(TABLE)):
                    answer = await clients[role, unit].request(method, where)
                    cells += 1
                    told = (route.name, role, unit, answer.text)
                    assert answer.status_code not in (401, 500), told
                    refused = answer.status_code == 403 and answer.json().get("needed_scope") == scope
                    assert refused == (scope is not None and scope not in TABLE[role]), told
    assert cells > len(TABLE) * len(rows) / 2
    tell(cells=cells)


async def test_what_is_open_without_a_login_is_what_the_table_says_and_takes_nothing_from_one(
    any_service: Running,
) -> None:
    opened = [route for route in api_routes(any_service.app) if is_open(route)]
    assert {route.name for route in opened} == {
        name for name, row in rows_of(any_service.name).items() if row.reach == "anyone"
    }
    document = document_of(any_service.name)["paths"]
    for route in opened:
        assert "/public/" in route.path_format
        for method in route.methods or ():
            described = document[route.path_format][method.lower()]
            assert (described["security"], "x-scope" in described) == ([], False)
            for role in (None, "admin"):
                answer = await (await any_service.client(role)).request(method, address(route.path_format))
                assert answer.status_code in (200, 404, 415), (route.name, role, answer.text)


@pytest.mark.parametrize("scope", ["nonsense", "Bearer", "Basic abc", "bearer", "Bearer  "])
async def test_an_authorization_header_of_another_form_is_401(audit: Running, scope: str) -> None:
    client = await audit.client(None)
    answer = await client.get("/v1/me", headers={"Authorization": scope})
    assert answer.status_code == 401
    assert "www-authenticate" in answer.headers


async def test_of_two_authorization_headers_neither_opens(audit: Running) -> None:
    client = await audit.client("analyst")
    good = client.headers.pop("authorization")
    for other in (good, "Bearer other", ""):
        for pair in ((good, other), (other, good)):
            answer = await client.get("/v1/me", headers=[("Authorization", one) for one in pair])
            assert answer.status_code == 401
    assert (await client.get("/v1/me", headers={"Authorization": good})).status_code == 200
