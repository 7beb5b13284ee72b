"""What every service gives by being built in one place: probes, headers, origins, limits, a 500 that tells nothing."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from services.audit_api.holdings import HOLDINGS
from shared.app import Service, build_app
from shared.settings import Settings, SettingsError, load_settings
from tests.conftest import Running, Server, Start, make_settings

SECRET = "Zebedee-Canary"


@pytest.fixture
async def audit(start: Start) -> Running:
    return await start("audit", dorset=False)


async def test_me_says_who_and_what(audit: Running) -> None:
    me = (await (await audit.client("analyst", unit="somewhere", subject="someone")).get("/v1/me")).json()
    assert (me["subject"], me["roles"], me["unit"]) == ("someone", ["analyst"], "somewhere")
    assert "indicator:read" in me["scopes"]


async def test_every_answer_carries_the_protective_headers(audit: Running) -> None:
    client = await audit.client()
    for path in ("/v1/me", "/livez", "/nowhere"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] in ("private, no-cache", "no-store")
        assert "x-request-id" in headers


async def test_only_named_origins_may_call_from_a_browser(start: Start) -> None:
    audit = await start("audit", dorset=False, cors_origins=("https://front.example",))
    client = await audit.client()
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,if-match",
    }
    good = await client.options("/v1/me", headers={"Origin": "https://front.example", **asked})
    assert good.headers["access-control-allow-origin"] == "https://front.example"
    bad = await client.options("/v1/me", headers={"Origin": "https://evil.example", **asked})
    assert "access-control-allow-origin" not in bad.headers


async def test_a_draining_process_is_alive_but_not_ready(start: Start, tmp_path: Path) -> None:
    drain = tmp_path / "drain"
    audit = await start("audit", dorset=False, drain_file=drain)
    client = await audit.client(None)
    assert (await client.get("/readyz")).status_code == 200
    drain.touch()
    assert (await client.get("/readyz")).status_code == 503
    assert (await client.get("/livez")).status_code == 200
    assert (await client.get("/startupz")).status_code == 200


async def test_an_unmigrated_or_absent_database_is_not_ready_but_alive(
    server: Server,
    issuer,
    tmp_path: Path,  # type: ignore[no-untyped-def]
) -> None:
    from services.catalogue import create_service

    empty = server.url(await server.clone(None))
    gone = server.url("qapf_no_such_database")
    for url in (empty, gone):
        app = create_service("audit", make_settings(issuer, "audit", url))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://audit") as client,
        ):
            answer = await client.get("/readyz")
            assert answer.status_code == 503
            assert "retry-after" in answer.headers
            assert (await client.get("/livez")).status_code == 200
            headers = {"Authorization": f"Bearer {issuer.token('t', ['admin'])}"}
            answer = await client.get("/v1/framework/units", headers=headers)
            assert answer.status_code in (500, 503)
            if url is gone:
                assert answer.status_code == 503


async def test_a_fault_of_ours_is_a_500_that_tells_nothing(
    server: Server,
    issuer,
    capsys: pytest.CaptureFixture[str],  # type: ignore[no-untyped-def]
) -> None:
    router = APIRouter()

    @router.get("/fault")
    async def fault() -> None:
        raise RuntimeError(SECRET)

    @router.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(30)

    settings = make_settings(issuer, "audit", server.url(await server.clone(None)), request_timeout_seconds=0.2)
    app = build_app(Service("audit", "Audit", "For a test.", [router], {}, HOLDINGS), settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://a") as client,
    ):
        answer = await client.get("/fault")
        assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
        late = await client.get("/slow")
        assert late.status_code == 503
        assert "retry-after" in late.headers
    said = capsys.readouterr()
    assert SECRET not in answer.text + said.out + said.err
    assert answer.json()["request_id"] in said.out


async def test_while_the_description_is_first_written_others_are_answered(
    audit: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, write, ended = await audit.client(None), audit.app.openapi, list[str]()

    def slowly() -> dict[str, Any]:
        time.sleep(1)
        ended.append("written")
        return write()

    async def ask(path: str) -> httpx.Response:
        answer = await client.get(path)
        ended.append(path)
        return answer

    monkeypatch.setattr(audit.app, "openapi", slowly)
    asked = [asyncio.create_task(ask("/openapi.json")) for _ in range(3)]
    await asyncio.sleep(0.1)
    asked[0].cancel()
    assert (await ask("/livez")).status_code == 200
    _, first, second = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(first, httpx.Response) and isinstance(second, httpx.Response)
    assert ended == ["/livez", "written", "/openapi.json", "/openapi.json"]
    assert first.content == second.content == (await client.get("/openapi.json")).content
    assert (first.json(), first.headers["content-type"]) == (write(), "application/json")


async def test_metrics_count_by_operation_and_hold_no_address(audit: Running) -> None:
    client = await audit.client()
    await client.get(f"/v1/framework/units?after={SECRET}")
    text = (await client.get("/metrics")).text
    assert 'operation="list_framework_items"' in text
    assert SECRET not in text


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("QAPF_CORS_ORIGINS", "*", "QAPF_CORS_ORIGINS"),
        ("QAPF_CORS_ORIGINS", "front.example", "QAPF_CORS_ORIGINS"),
        ("QAPF_POOL_SIZE", SECRET, "QAPF_POOL_SIZE"),
        ("QAPF_OIDC_JWKS_URL", f"http://{SECRET}", "QAPF_OIDC_JWKS_URL"),
        ("QAPF_LOCAL_ISSUER_KEY_FILE", f"/{SECRET}", "QAPF_LOCAL_ISSUER_KEY_FILE"),
    ],
)
def test_an_unsafe_or_unreadable_setting_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=words) as refused:
        load_settings()
    assert SECRET not in str(refused.value)


def test_a_password_comes_from_its_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("s3cret/with@signs\n")
    settings = Settings(
        audit_database_url="postgresql+asyncpg://role@host/db",
        database_password_file=secret,  # type: ignore[arg-type]
    )
    assert settings.database_url("audit") == "postgresql+asyncpg://role:s3cret%2Fwith%40signs@host/db"
    assert "s3cret" not in repr(settings)


def test_every_problem_of_a_service_has_a_slug_of_its_own() -> None:
    from shared.problems import all_problems

    for slug, kinds in all_problems().items():
        owners = [kind.__module__.split(".")[:2] for kind in kinds]
        assert len(kinds) == 1 or ["shared"] not in [one[:1] for one in owners], slug
        assert len(owners) == len({tuple(one) for one in owners}), slug
