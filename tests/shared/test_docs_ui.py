"""The API page: whole without the internet, at home under any prefix."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urljoin

import httpx
import pytest
from fastapi import FastAPI

from shared.docs_ui import mount_docs

pytestmark = pytest.mark.anyio


def sample_app() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.get("/v1/figures", operation_id="list_figures")
    async def figures() -> dict[str, int]:
        return {}

    mount_docs(app, "Figures <b>& more</b>")
    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    outer = FastAPI(docs_url=None, redoc_url=None)
    outer.mount("/indicator", sample_app())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(outer), base_url="http://council") as found:
        yield found


def addresses(html: str) -> list[str]:
    return re.findall(r'(?:href|src|data-openapi)="([^"]*)"', html)


async def test_every_address_on_the_page_leads_somewhere_under_its_prefix(client: httpx.AsyncClient) -> None:
    page = await client.get("/indicator/docs")
    assert page.headers["content-type"].startswith("text/html")
    found = [address for address in addresses(page.text) if address != "data:,"]
    assert len(found) == 5
    for address in found:
        target = urljoin("http://council/indicator/docs", address)
        assert target.startswith("http://council/indicator/")
        assert (await client.get(target)).status_code == 200, target


async def test_the_page_names_no_other_host_and_holds_no_script_of_its_own(client: httpx.AsyncClient) -> None:
    html = (await client.get("/indicator/docs")).text
    assert "//" not in html
    assert all(script == "" for script in re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL))
    assert not re.search(r"\son\w+=", html)


async def test_the_policy_keeps_scripts_and_connections_at_home(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/indicator/docs")).headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'"} <= set(policy)


async def test_the_title_is_text_not_markup(client: httpx.AsyncClient) -> None:
    html = (await client.get("/indicator/docs")).text
    assert "<title>Figures &lt;b&gt;&amp; more&lt;/b&gt;</title>" in html


async def test_the_schema_is_sent_to_no_validator(client: httpx.AsyncClient) -> None:
    start = await client.get("/indicator/docs/assets/start.js")
    assert start.headers["content-type"].startswith("text/javascript")
    assert "validatorUrl: null" in start.text


async def test_the_viewer_is_of_the_edition_that_knows_openapi_3_1(client: httpx.AsyncClient) -> None:
    script = (await client.get("/indicator/docs/assets/swagger-ui-bundle.js")).text
    assert (await client.get("/indicator/openapi.json")).json()["openapi"].startswith("3.1")
    assert re.search(r'PACKAGE_VERSION:"5\.', script)


@pytest.mark.parametrize("name", ["redoc.standalone.js", "favicon.png", "../__init__.py", "%2e%2e/core.py", ""])
async def test_nothing_else_of_the_package_is_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/indicator/docs/assets/{name}")).status_code == 404


async def test_an_unchanged_file_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/indicator/docs/assets/swagger-ui.css")
    again = await client.get("/indicator/docs/assets/swagger-ui.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("part", ["bytes=0-5", "bytes=9999999999-1", "lines=a"])
async def test_a_file_is_given_whole(client: httpx.AsyncClient, part: str) -> None:
    whole = await client.get("/indicator/docs/assets/swagger-ui.css")
    answer = await client.get("/indicator/docs/assets/swagger-ui.css", headers={"Range": part})
    assert (answer.status_code, answer.content) == (200, whole.content)


async def test_the_page_is_no_operation_of_the_api(client: httpx.AsyncClient) -> None:
    assert list((await client.get("/indicator/openapi.json")).json()["paths"]) == ["/v1/figures"]


async def test_a_page_deeper_down_still_finds_the_description() -> None:
    app = FastAPI(docs_url=None)
    mount_docs(app, "Figures", "/v1/docs")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://council") as client:
        html = (await client.get("/v1/docs")).text
        for address in addresses(html):
            if address != "data:,":
                target = urljoin("http://council/v1/docs", address)
                assert (await client.get(target)).status_code == 200, target
