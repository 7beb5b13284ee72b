"""Four services in one process: any subset starts, each under its prefix, probes for all."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import httpx
import pytest

from services.embedded import create_app
from shared.settings import SERVICES, ServiceName, Settings, SettingsError

SUBSETS = [subset for size in (1, 2, 3) for subset in combinations(SERVICES, size)]


@pytest.mark.parametrize("subset", [*SUBSETS[:4], SUBSETS[6], SUBSETS[-1]], ids="+".join)
async def test_any_subset_starts_and_answers_under_its_prefix(
    subset: tuple[ServiceName, ...], embedded_settings: Callable[..., Settings]
) -> None:
    import asyncio

    settings = await asyncio.to_thread(embedded_settings, False)
    root = create_app(subset, settings)
    async with (
        root.router.lifespan_context(root),
        httpx.AsyncClient(transport=httpx.ASGITransport(root), base_url="http://qapf") as client,
    ):
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/startupz")).status_code == 200
        for service in SERVICES:
            answer = await client.get(f"/{service}/docs")
            assert answer.status_code == (200 if service in subset else 404)
            refused = await client.get(f"/{service}/v1/me")
            assert refused.status_code == (401 if service in subset else 404)
            assert refused.headers["content-type"] == "application/problem+json"


async def test_links_and_problem_types_carry_the_prefix(embedded) -> None:  # type: ignore[no-untyped-def]
    client = await embedded()
    problem = (await client.get("/audit/nowhere")).json()
    assert problem["type"] == "/audit/problems/not-found"
    assert (await client.get(problem["type"])).status_code == 200
    answer = await client.get("/audit/v1/framework/units?limit=2")
    assert answer.headers["link"].startswith("</audit/v1/framework/units?")
    following = answer.headers["link"].split(">")[0].lstrip("<")
    assert (await client.get(following)).status_code == 200


async def test_above_the_services_a_refusal_is_a_problem_document_too(embedded) -> None:  # type: ignore[no-untyped-def]
    client = await embedded(None)
    for method, path, status in (("POST", "/livez", 405), ("DELETE", "/nowhere", 405), ("GET", "/nowhere", 404)):
        refused = await client.request(method, path)
        assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
        assert (status == 405) == ("allow" in refused.headers)


async def test_the_same_token_is_known_to_all_four(embedded) -> None:  # type: ignore[no-untyped-def]
    client = await embedded("analyst")
    said = [(await client.get(f"/{service}/v1/me")).json() for service in SERVICES]
    assert all(one == said[0] for one in said)
    assert said[0]["roles"] == ["analyst"]


def test_a_service_without_its_database_or_issuer_says_which_variable_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in SERVICES:
        monkeypatch.delenv(f"QAPF_{name.upper()}_DATABASE_URL", raising=False)
    from services.catalogue import create_service

    for name in SERVICES:
        with pytest.raises(SettingsError, match=f"QAPF_{name.upper()}_DATABASE_URL|QAPF_OIDC_ISSUER"):
            create_service(name)
