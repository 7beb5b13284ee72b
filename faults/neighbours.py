"""Each of reporting's three neighbours fails in each of fifteen ways while a board report is assembled.

Its sections are unavailable, with the reason and when the source was last read well, and hold nothing: never a nought.
The other sections stand, and somebody who reads meanwhile waits at most twice as long as beside a good assembly.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy.engine import make_url

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.place import Place
from faults.running.program import Dose, Findings, main
from services.catalogue import create_service
from shared.clients.neighbour import Neighbour
from shared.clients.side_by_side import Neighbours
from shared.clock import FixedClock
from tests.conftest import TODAY, Running, make_settings, write_roles
from tests.reporting_api.conftest import Desk
from tests.reporting_api.fake_neighbours import FakeNeighbours
from tests.shared.certificates import ANOTHERS, Authority
from tests.shared.little_server import GOOD, Talk, hang, http, listening, says

FULL = {"services": 3, "modes": 15}
SMALL = {"services": 1, "modes": 2}
# A busy machine may take a while to fail at once; only who waits for the deadline must not wait long.
_DEADLINE, _DEADLINE_WAITED_FOR = 10.0, 1.0
# After several failures in a row the neighbour is left in peace, and the last questions of a section say that.
_IN_PEACE = "open_circuit"
_READS = 40


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _speaks_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(http())
    await reader.read()


_MODES: dict[str, tuple[Talk, str]] = {
    "refused": (hang, "refused"),
    "cut body": (says(http(GOOD, Content_Length="500"))[0], "cut_body"),
    "500": (says(http(status="500 Internal Server Error"))[0], "http_500"),
    "hangs": (hang, "timeout"),
    "slow": (says(http(b"", Content_Length="1000"), then=_drip)[0], "timeout"),
    "bad JSON": (says(http(b'{"rate": NaN}'))[0], "not_json"),
    "wrong schema": (says(http(b'{"unexpected": true}'))[0], "wrong_schema"),
    "429": (says(http(status="429 Too Many Requests", Retry_After="1"))[0], "rate_limited"),
    "redirect loop": (says(http(status="307 Temporary Redirect", Location="/v1/again"))[0], "redirected"),
    "gzip bomb": (says(http(gzip.compress(b" " * 20_000_000), Content_Encoding="gzip"))[0], "encoded_body"),
    "TLS error": (hang, "tls"),
    "expired certificate": (hang, "tls"),
    "another's certificate": (hang, "tls"),
    "no TLS": (_speaks_first, "tls"),
    "handshake hangs": (hang, "timeout"),
}
# Of these the client trusts the authority that made the certificate.
_CERTIFICATES: dict[str, Callable[[Authority], ssl.SSLContext]] = {
    "expired certificate": lambda authority: authority.server(from_day=-3, to_day=-1),
    "another's certificate": lambda authority: authority.server(ANOTHERS),
}


@dataclass
class Watched:
    """How long others' readings took: beside a good assembly, and beside failing ones."""

    good: list[float] = field(default_factory=list)
    failing: list[float] = field(default_factory=list)


class Scene:
    """A prepared database, cloned for each failure: September's report is assembled well, October's is due."""

    def __init__(self, place: Place, prepared: str) -> None:
        self._place, self._prepared = place, make_url(prepared).database
        place.issuer.directory = place.keys  # type: ignore[attr-defined]
        write_roles(place.keys)

    @asynccontextmanager
    async def desk(self, url: str) -> AsyncIterator[Desk]:
        async with AsyncExitStack() as stack:
            clock = FixedClock(TODAY)
            app = create_service(
                "reporting", make_settings(self._place.issuer, "reporting", url, log_level="error"), clock
            )
            await stack.enter_async_context(app.router.lifespan_context(app))
            neighbours = FakeNeighbours()
            await neighbours.attach(app, stack)
            yield Desk(Running("reporting", app, self._place.issuer, clock, stack), neighbours)

    @asynccontextmanager
    async def fresh(self) -> AsyncIterator[Desk]:
        url = await asyncio.to_thread(self._place.empty, f"TEMPLATE {self._prepared} STRATEGY file_copy")
        async with self.desk(url) as desk:
            yield desk
        await asyncio.to_thread(self._place.drop, url)


async def _assemble(desk: Desk, times: list[float]) -> dict[str, Any]:
    """October's report, with somebody reading meanwhile."""
    client = await desk.client("analyst")
    occurrence = await desk.occurrence()
    drafting = asyncio.create_task(desk.draft())
    for _ in range(_READS):
        began = time.perf_counter()
        (await client.get(f"/v1/occurrences/{occurrence['id']}")).raise_for_status()
        times.append(time.perf_counter() - began)
        await asyncio.sleep(0.01)
    return await desk.document((await drafting)["id"])


@asynccontextmanager
async def _failing(name: str, mode: str, folder: Path) -> AsyncIterator[Neighbour]:
    talk, reason = _MODES[mode]
    authority = Authority(folder)
    made = _CERTIFICATES.get(mode)
    tls = made(authority) if made else authority.server() if mode == "TLS error" else None

    async def token() -> str:
        return "the-service-s-own"

    async with listening(talk, tls) as url:
        address = "http://127.0.0.1:9" if mode == "refused" else url
        if mode in ("no TLS", "handshake hangs"):
            address = url.replace("http:", "https:")
        deadline = _DEADLINE_WAITED_FOR if reason == "timeout" else _DEADLINE
        trusted = authority.trusted() if made else None
        yield Neighbour(name, base_url=address, token=token, deadline=deadline, tls=trusted)


def _judge(name: str, mode: str, good: dict[str, Any], found: dict[str, Any], findings: Findings) -> None:
    reasons = {_MODES[mode][1], _IN_PEACE}
    sections = {one["code"]: one for one in found["sections"]}
    lost = [one for one in sections.values() if one["availability"] == "unavailable"]
    findings.figures["unavailable"] += len(lost)
    findings.must(bool(lost), f"{name}, {mode}: no section is unavailable")
    for one in lost:
        asked = {source["service"] for source in one["sources"]}
        findings.must(name in asked, f"{name}, {mode}: {one['code']} is unavailable although it asks others")
        findings.must(one["unavailable_reason"] in reasons, f"{name}, {mode}: {one['unavailable_reason']}")
        holds = any(one[part] for part in ("figures", "items", "summary")) or one["headline"] is not None
        findings.must(not holds, f"{name}, {mode}: {one['code']} is unavailable and tells something")
        findings.must(one["as_of"] is not None, f"{name}, {mode}: {one['code']} does not say when it was read well")
    for one in good["sections"]:
        if all(source["service"] != name for source in one["sources"]):
            same = sections[one["code"]]["availability"] == one["availability"]
            findings.must(same, f"{name}, {mode}: {one['code']} asks others and is not as it was")


async def _all(place: Place, prepared: str, dose: Dose, findings: Findings) -> Watched:
    scene, watched = Scene(place, prepared), Watched()
    async with scene.desk(prepared) as desk:
        await desk.draft(period="2026-09")
    for name in ("audit", "indicator", "feedback")[: dose["services"]]:
        for mode in list(_MODES)[: dose["modes"]]:
            # Side by side, one good and one failing: how busy the machine is moves both.
            async with scene.fresh() as desk:
                good = await _assemble(desk, watched.good)
            async with scene.fresh() as desk, _failing(name, mode, place.keys) as neighbour:
                others = [one for other, one in desk.reporting.app.state.neighbours.items() if other != name]
                async with Neighbours(neighbour):
                    desk.reporting.app.state.neighbours = Neighbours(neighbour, *others)
                    _judge(name, mode, good, await _assemble(desk, watched.failing), findings)
            findings.figures["assembled"] += 1
    return watched


def run(place: Place, dose: Dose) -> Findings:
    findings = Findings({"assembled": 0, "unavailable": 0, "lost": 0, "double": 0})
    prepared = place.database("reporting")
    watched = asyncio.run(_all(place, prepared, dose, findings))
    good, failing = (quantiles(times, n=20)[-1] for times in (watched.good, watched.failing))
    findings.figures |= {
        "others_p95_ms": round(failing * 1000, 1), "others_beside_good_p95_ms": round(good * 1000, 1),
        "others_ratio": round(failing / good, 2),
    }  # fmt: skip
    findings.must(failing <= 2 * good, "somebody who read meanwhile waited more than twice as long")
    return findings


if __name__ == "__main__":
    main("neighbours fail", run, FULL, SMALL)
