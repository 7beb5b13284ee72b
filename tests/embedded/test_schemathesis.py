"""Every operation of every service against its own description, with generated requests.

Well-formed yet meaningless requests may be answered 401, 403, 404, 409, 412, 415, 422 or 428: said once, here.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.auth.local_issuer import LocalIssuer
from shared.settings import SERVICES, ServiceName

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# A practitioner is refused most of them, before anything is read.
EXAMPLES = {"admin": 12, "practitioner": 6}


@pytest.mark.parametrize("role", EXAMPLES)
@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_keeps_to_its_description(
    service: ServiceName, role: str, live: Callable[..., str], issuer: LocalIssuer
) -> None:
    schema = schemathesis.openapi.from_url(f"{live(service)}/openapi.json")
    headers = {"Authorization": f"Bearer {issuer.token(f'test-{role}', [role])}"}
    faults: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()

        @_given(operation, EXAMPLES[role])
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            check()
        except Exception as fault:
            faults.append(f"{operation.label}: {fault}")
    assert not faults, "\n\n".join(faults[:10])


def _given(operation, examples: int):  # type: ignore[no-untyped-def]
    from hypothesis import given

    def wrap(test: Callable[[schemathesis.Case], None]) -> Callable[[], None]:
        bounded = settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        return bounded(given(case=operation.as_strategy())(test))

    return wrap
