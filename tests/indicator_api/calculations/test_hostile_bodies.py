"""Whatever is sent to a calculator, it answers or says what is wrong: never a 5xx, never a number that is none."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.catalogue import create_service
from shared.auth.local_issuer import LocalIssuer
from tests.conftest import Running, make_settings

NAMES = ("spc", "intervals", "funnel", "benchmark", "trend", "quartiles")
POISON = [
    b"", b"null", b"[]", b"{}", b'"points"', b"{", b"\xff\xfe{}", b"\xef\xbb\xbf{}",
    b'{"points":[{"period":"a","value":NaN}]}', b'{"points":[{"period":"a","value":Infinity}]}',
    b'{"points":[{"period":"a","value":1e400}]}', b'{"points":[{"period":"a","value":-1e308}]}',
    b'{"points":[{"period":"\\u0000","value":1}]}', b'{"points":[{"period":"\\ud800","value":1}]}',
    b'{"points":[{"period":"a","value":1,"value":2}]}',
    b'{"items":[{"numerator":9223372036854775808,"denominator":1}]}',
    b'{"method":"byar","items":[{"numerator":1e16,"denominator":1}]}',
    b'{"method":"byar","items":[{"numerator":true,"denominator":1}]}',
    b'{"points":' + b"[" * 1000 + b"]" * 1000 + b"}", b'{"items":' + b'{"a":' * 1000 + b"1" + b"}" * 1000 + b"}",
    b'{"points":[{"year":1,"value":1}]}', b'{"points":[{"year":9999,"value":1}]}',
    b'{"points":[{"year":2021.5,"value":1}]}', b'{"points":[{"period":"' + b"a" * 300 + b'","value":1}]}',
    json.dumps({"points": [{"period": "a" + "\u0301" * 10_000, "value": 1}]}).encode(),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
async def test_poison_is_refused_and_never_repeated(indicator: Running, name: str) -> None:
    client = await indicator.client("practitioner")
    for body in POISON:
        answer = await client.post(
            f"/v1/calculations/{name}", content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code in (400, 422) or (body in (b"{}",) and answer.status_code == 200), body[:60]
        assert answer.headers["content-type"] == "application/problem+json"
    answer = await client.post(f"/v1/calculations/{name}", content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


_any_number = st.one_of(
    st.floats(-1e15, 1e15, allow_nan=False), st.integers(-(10**15), 10**15), st.sampled_from([0.0, 5e-324, -1e-300])
)
_number = st.one_of(st.none(), _any_number)
_amount = st.one_of(st.none(), st.integers(0, 10**15), st.floats(0, 1e15, allow_nan=False))
_label = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=6)
_polarity = st.sampled_from(["high_is_good", "low_is_good", "no_judgement"])
_multiplier = st.sampled_from([1e-6, 1, 100, 10_000, 1e9])


def _of(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


_ratio = _of(numerator=_amount, denominator=_amount)
BODIES = {
    "spc": st.fixed_dictionaries(
        {
            "points": st.lists(_of(period=_label, value=_number), max_size=40, unique_by=lambda one: one["period"]),
            "polarity": _polarity,
            "profile": st.sampled_from(["mdc_2023", "nhsr_0_2"]),
            "screen_moving_ranges": st.booleans(),
        },
        optional={"target": _any_number, "baseline_points": st.integers(2, 50)},
    ),
    "intervals": _of(
        method=st.sampled_from(["wilson", "byar"]),
        items=st.lists(_ratio, max_size=8),
        confidence=st.floats(0.01, 0.999999),
        multiplier=_multiplier,
    ),
    "funnel": _of(
        kind=st.sampled_from(["proportion", "rate"]),
        items=st.lists(_of(area=_label, numerator=_amount, denominator=_amount), max_size=8),
        multiplier=_multiplier,
        over_dispersion=st.booleans(),
    ),
    "benchmark": _of(
        value=_number, lower=_number, upper=_number, reference=_number, polarity=_polarity,
        members=st.lists(_of(area=_label, value=_number), max_size=8),
    ),
    "trend": _of(
        points=st.lists(
            _of(year=st.integers(2018, 2026), value=_number, lower=_number, upper=_number), max_size=9
        ),
        polarity=_polarity,
    ),
    "quartiles": _of(items=st.lists(_of(area=_label, value=_number), max_size=12), polarity=_polarity),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_figures_get_an_answer_or_a_pointer(issuer: LocalIssuer, name: str) -> None:
    # A calculator opens no transaction, so none of this needs a database to be there.
    app = create_service(
        "indicator", make_settings(issuer, "indicator", "postgresql+asyncpg://nobody@127.0.0.1:1/none")
    )
    headers = {"Authorization": f"Bearer {issuer.token('reader', ['practitioner'])}"}

    async def post(body: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://indicator", headers=headers) as client:
            return await client.post(f"/v1/calculations/{name}", json=body)

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(body=BODIES[name])
    def ask(body: dict[str, Any]) -> None:
        answer = asyncio.run(post(body))
        assert answer.status_code in (200, 422), answer.text
        json.loads(answer.text, parse_constant=_refuse)

    ask()


def _refuse(constant: str) -> None:
    raise AssertionError(constant)
