"""The OData feed under its prefix: every address it gives leads somewhere."""

from __future__ import annotations

from typing import Any

import pytest

from services.indicator_api.exports import odata_routes


async def test_every_address_the_feed_gives_leads_somewhere_under_the_services_prefix(
    embedded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(odata_routes, "PAGE", 20)
    client = await embedded("analyst")
    page = (await client.get("/indicator/v1/odata/Indicators")).json()
    context = await client.get(page["@odata.context"].partition("#")[0])
    assert (context.status_code, context.headers["content-type"]) == (200, "application/xml")
    seen = len(page["value"])
    while "@odata.nextLink" in page:
        assert page["@odata.nextLink"].startswith("http://qapf/indicator/v1/odata/Indicators?")
        page = (await client.get(page["@odata.nextLink"])).json()
        seen += len(page["value"])
    assert seen > 60
