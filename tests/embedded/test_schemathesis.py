"""Every operation of every service against its own description, with generated requests.

Well-formed yet meaningless requests may be answered 401, 403, 404, 409, 412, 415, 422 or 428: said once, here.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.auth.local_issuer import LocalIssuer
from shared.auth.roles import read_roles
from shared.settings import SERVICES, ServiceName
from tests.conftest import ROOT
from tests.doses import dose

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# An administrator of the whole council may do everything. Each of the others is refused much of it before anything is
# read, so they share the second run: every request is sent as one of them, for the council or for a unit.
EXAMPLES = {"admin": dose(6, 60), "others": dose(4, 40)}
OTHERS = sorted(set(read_roles(ROOT / "framework" / "dorset" / "roles.yaml").roles) - {"admin"})
CALLERS = {
    "admin": st.just(("admin", None)),
    "others": st.tuples(st.sampled_from(["nobody", *OTHERS]), st.sampled_from([None, "fs_weymouth", "no_such_unit"])),
}


@pytest.mark.parametrize("who", EXAMPLES)
@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_keeps_to_its_description(
    service: ServiceName, who: str, live: Callable[..., str], issuer: LocalIssuer
) -> None:
    schema = schemathesis.openapi.from_url(f"{live(service)}/openapi.json")
    faults: list[str] = []
    sent: set[str] = set()
    for found in schema.get_all_operations():
        operation = found.ok()

        @_given(operation, who)
        def check(case: schemathesis.Case, caller: tuple[str, str | None]) -> None:
            role, unit = caller
            sent.add(role)
            headers = {"Authorization": f"Bearer {issuer.token(f'test-{role}', [role], unit)}"}
            case.call_and_validate(headers={} if role == "nobody" else headers, checks=CHECKS)

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
