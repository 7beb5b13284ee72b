"""Every operation of every service against its own description, with generated requests and every check there is.

What is left out, and what a well-formed yet meaningless request may be answered, is said in schemathesis.toml.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.specs.openapi.checks import ignored_auth

from services.documentation import openapi_path
from shared.auth.local_issuer import LocalIssuer
from shared.auth.roles import read_roles
from shared.settings import SERVICES, ServiceName
from tests.conftest import ROOT
from tests.doses import FULL, dose, tell

CONFIG = tomllib.loads((Path(__file__).parent / "schemathesis.toml").read_text(encoding="utf-8"))
# An administrator of the whole council may do everything. Each of the others is refused much of it before anything is
# read, so they share the second run: every request is sent as one of them, for the council or for a unit.
EXAMPLES = {"admin": dose(3, 30), "others": dose(3, 20)}
OTHERS = sorted(set(read_roles(ROOT / "framework" / "dorset" / "roles.yaml").roles) - {"admin"})
CALLERS = {
    "admin": st.just(("admin", None)),
    "others": st.tuples(st.sampled_from(["nobody", *OTHERS]), st.sampled_from([None, "fs_weymouth", "no_such_unit"])),
}
# One after the other, each with the whole coverage of every operation; the administrator also with requests that
# follow from one another. The small dose is the operations that all services share, of one service, for one of them.
IN_TURN = ["admin", "nobody", *OTHERS]
_LONGEST_ADDRESS = 60_000


@pytest.mark.parametrize("who", EXAMPLES)
@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_keeps_to_its_description(
    service: ServiceName, who: str, live: Callable[..., str], issuer: LocalIssuer
) -> None:
    schema = _described(service, {"base-url": live(service)})
    faults: list[str] = []
    sent: set[str] = set()
    for found in schema.get_all_operations():
        operation = found.ok()

        @_given(operation, who)
        def check(case: schemathesis.Case, caller: tuple[str, str | None]) -> None:
            role, unit = caller
            sent.add(role)
            # Whether a login is asked for at all is tried for every operation in the runs below, and in test_roles.
            case.call_and_validate(headers=_headers(issuer, role, unit), excluded_checks=[ignored_auth])

        try:
            check()
        except Exception as fault:
            faults.append(f"{operation.label}: {fault}")
    assert not faults, "\n\n".join(faults[:10])
    assert sent == ({"admin"} if who == "admin" else {"nobody", *OTHERS})


def _given(operation, who: str):  # type: ignore[no-untyped-def]
    from hypothesis import given

    def wrap(test: Callable[..., None]) -> Callable[[], None]:
        bounded = settings(
            max_examples=EXAMPLES[who],
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        return bounded(given(case=operation.as_strategy(), caller=CALLERS[who])(test))

    return wrap


@pytest.mark.parametrize("service", SERVICES[: dose(1, 4)])
def test_every_check_holds_for_every_role(service: ServiceName, live: Callable[..., str], issuer: LocalIssuer) -> None:
    # Of each kind the first: an operation that strays from its description does so with many a body.
    address, faults, counted = live(service), dict[str, str](), Counter[str]()
    roles = IN_TURN[: dose(1, len(IN_TURN))]
    for role in roles:
        for event in _run(service, address, role, _headers(issuer, role, None)):
            if isinstance(event, events.ScenarioFinished):
                counted["requests"] += len(event.recorder.cases)
                for kind, fault in _faults(event, counted):
                    faults.setdefault(f"{event.label}: {kind}", f"{role}: {fault}")
            elif isinstance(event, events.NonFatalError | events.FatalError):
                faults.setdefault(str(event), role)
    assert not faults, "\n\n".join(f"{kind}, {fault}" for kind, fault in faults.items())
    assert counted["requests"] > 100 * len(roles) and counted["checks"] > counted["requests"]
    tell(**counted)


def _run(service: ServiceName, address: str, role: str, headers: dict[str, str]) -> Iterator[events.EngineEvent]:
    phases = {name: {"enabled": False} for name in ("examples", "fuzzing", "stateful")}
    if role == "admin":
        phases["stateful"] = {"enabled": True, "generation": {"max-examples": dose(1, 30)}}
    told = {"base-url": address, "headers": headers, "phases": phases, "continue-on-failure": True}
    schema = _described(service, told | {"generation": {"deterministic": True, "database": "none"}})
    return iter(from_schema(schema if FULL else schema.exclude(path_regex="^/v1/(?!me|stored|privacy)")).execute())


def _described(service: ServiceName, told: dict[str, Any]) -> schemathesis.BaseSchema:
    """The description as it is shipped, which a guard holds against what is served."""
    return schemathesis.openapi.from_path(openapi_path(service), config=SchemathesisConfig.from_dict(CONFIG | told))


def _faults(event: events.ScenarioFinished, counted: Counter[str]) -> Iterator[tuple[str, str]]:
    for case, checks in event.recorder.checks.items():
        counted["checks"] += len(checks)
        # What is longer the HTTP server refuses in its own words, before a service sees it.
        if len(event.recorder.interactions[case].request.uri) > _LONGEST_ADDRESS:
            continue
        for check in checks:
            if check.status == Status.FAILURE and check.failure_info is not None:
                yield check.name, f"{check.failure_info.failure}\n{check.failure_info.code_sample}"


def _headers(issuer: LocalIssuer, role: str, unit: str | None) -> dict[str, str]:
    return {} if role == "nobody" else {"Authorization": f"Bearer {issuer.token(f'test-{role}', [role], unit)}"}
