"""Clients that hang up in the middle: of a body, of a streamed file, and before the answer to a whole request.

Nothing may be half stored, no connection of the database stay in use, and the others must not wait: a bystander's
reading is timed before and meanwhile. What was sent whole is sent again under its key and is then there, once.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import quantiles

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.kinds import BATCH, FIGURES
from faults.running.ledger import digest
from faults.running.place import Place, Process, ask, chain_faults, wait_for
from faults.running.program import Dose, Findings, main

FULL = {"hang_ups": 2_000, "bystander": 1_000}
SMALL = {"hang_ups": 60, "bystander": 60}
_AT_ONCE = 8
_LIST = "/v1/observations?limit=50"
# Server, clients and bystander share one machine; a server that stops answering shows itself in many seconds.
_WAITS_SECONDS = 3.0
_TRIES = 100


async def _hang_up(port: int, token: str, number: int, dice: random.Random) -> bool:
    """Send all or a part of a batch and close; whether all of it was sent."""
    body = json.dumps(FIGURES.body(number)).encode()
    whole = dice.random() < 0.4
    streamed = dice.random() < 0.5
    head = f"POST {FIGURES.path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    head += f"Content-Type: application/json\r\nIdempotency-Key: hung-up-{number}\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n" if streamed else f"Content-Length: {len(body)}\r\n\r\n"
    cut = len(body) if whole else dice.randrange(len(body))
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode())
    for at in range(0, cut, 8192):
        piece = body[at : min(at + 8192, cut)]
        writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if streamed else piece)
        await writer.drain()
    if whole and streamed:
        writer.write(b"0\r\n\r\n")
    if whole:
        await writer.drain()
        await asyncio.sleep(dice.uniform(0, 0.03))
    writer.transport.abort() if dice.random() < 0.5 else writer.close()
    return whole


async def _bystander(address: str, token: str, times: int) -> list[float]:
    """How long somebody else's readings take."""
    took = []
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60, verify=False) as client:
        for _ in range(times):
            began = time.perf_counter()
            (await client.get(_LIST)).raise_for_status()
            took.append(time.perf_counter() - began)
            await asyncio.sleep(0.005)
    return took


async def _send_again(address: str, token: str, numbers: set[int]) -> Counter[int]:
    """How each that was sent whole is answered when its client comes back; one still at work is asked for again."""
    answers: Counter[int] = Counter()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60, verify=False) as client:
        for number in sorted(numbers):
            body, key = json.dumps(FIGURES.body(number)).encode(), {"Idempotency-Key": f"hung-up-{number}"}
            for _ in range(_TRIES):
                answer = await client.post(FIGURES.path, content=body, headers=key)
                if answer.status_code not in (409, 503):
                    break
                await asyncio.sleep(0.2)
            answers[answer.status_code] += 1
    return answers


async def _all(process: Process, token: str, dose: Dose) -> tuple[set[int], list[float], list[float]]:
    alone = await _bystander(process.address, token, dose["bystander"])
    numbers, dice, whole = iter(range(dose["hang_ups"])), random.Random(3), set()

    async def keep_hanging_up() -> None:
        for number in numbers:
            if await _hang_up(process.port, token, number, dice):
                whole.add(number)

    beside = asyncio.create_task(_bystander(process.address, token, dose["bystander"]))
    await asyncio.gather(*(keep_hanging_up() for _ in range(_AT_ONCE)))
    return whole, alone, await beside


def run(place: Place, dose: Dose) -> Findings:
    url = place.database("indicator")
    process = place.serve("indicator", url).wait_ready()
    whole, alone, beside = asyncio.run(_all(process, place.token(), dose))
    in_use = 'qapf_database_connections{state="in_use"}'
    wait_for(lambda: process.metric(in_use) == 0, 20, "connections come back")
    again = asyncio.run(_send_again(process.address, place.token(), whole))
    process.end()
    found = Findings({"hang_ups": dose["hang_ups"], "sent_whole": len(whole)})
    stored = dict(FIGURES.stored(url))
    half = [key for key, rows in stored.items() if len(rows) != BATCH]
    told = {f"indicator-{number}": digest(FIGURES.told(FIGURES.body(number))) for number in whole}
    altered = [key for key, rows in stored.items() if told.get(key) != digest(rows)]
    ((deeds,),) = ask(url, FIGURES.deeds)
    p95 = [quantiles(times, n=20)[-1] for times in (alone, beside)]
    found.figures |= {
        "stored": len(stored), "lost": len(told.keys() - stored.keys()), "double": deeds - len(stored),
        "half": len(half), "altered": len(altered),
        "bystander_p95_ms": round(p95[1] * 1000, 1), "alone_p95_ms": round(p95[0] * 1000, 1),
        "bystander_slowest_ms": round(max(beside) * 1000, 1),
    }  # fmt: skip
    found.must(bool(whole) and set(again) <= {200, 201}, f"sent again it was answered {dict(again)}")
    found.must(not found.figures["lost"], f"{found.figures['lost']} that were sent again are not there")
    found.must(not found.figures["double"], f"{deeds} deeds in the activity log for {len(stored)} stored")
    found.must(not half, f"{len(half)} batches are half there")
    found.must(not altered, f"{len(altered)} batches are not what was sent whole")
    found.must(max(beside) < _WAITS_SECONDS, "somebody else waited for three seconds")
    found.must(process.uncaught() == 0, "a hang-up was an exception nobody caught")
    found.must(chain_faults("indicator", url) == [], "the activity chain is not whole")
    return found


if __name__ == "__main__":
    main("clients hang up", run, FULL, SMALL)
