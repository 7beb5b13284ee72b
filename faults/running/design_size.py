"""The design size, made by the databases themselves: five years of a large council, ten times over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy.engine import make_url

from benchmarks import audit_history, observation_reading, schedule_materialising
from benchmarks.feedback_summary import _CODES, _VIEWS
from faults.running.place import ROOT, Place
from services.audit_api.analysis import jobs as analysis
from services.feedback_api.summary import jobs as summary
from shared.database import Database
from shared.schemas.framework.tree import read_tree
from shared.settings import SERVICES, ServiceName, Settings

FULL = {"audits": 50_000, "figures": 3_600_000, "views": 1_000_000, "reports": 600}
SMALL = {"audits": 1_000, "figures": 10_000, "views": 5_000, "reports": 30}
_YEARS = 5
# So many of Dorset's own reports come by the calendar.
_REGULAR = 30


def load(place: Place, size: Mapping[str, int]) -> dict[ServiceName, str]:
    """The addresses of four databases that hold so much."""
    assert place.server is not None
    urls = {service: place.database(service) for service in SERVICES}
    names = {service: str(make_url(url).database) for service, url in urls.items()}
    framework = read_tree(ROOT / "framework" / "dorset")
    audit_history.fill(place.server, names["audit"], _YEARS, size["audits"] // _YEARS)
    observation_reading.fill(place.server, names["indicator"], framework, size["figures"])
    views = _CODES + _VIEWS.format(views=size["views"])
    place.server.execute(views, database=names["feedback"])
    place.apply("reporting", urls["reporting"], schedule_materialising.framework(size["reports"] // _REGULAR))
    asyncio.run(_keep(urls))
    for name in names.values():
        place.server.execute("VACUUM (ANALYZE)", "CHECKPOINT", database=name)
    return urls


async def _keep(urls: Mapping[ServiceName, str]) -> None:
    """What the services keep of five years they have long since counted, when a day's traffic comes."""
    audits, views = (Database(urls[name], Settings(environment="local"), name) for name in ("audit", "feedback"))
    await analysis.keep_all(audits)
    await summary.keep_all(views, datetime.now(UTC))
    for database in (audits, views):
        await database.close()
