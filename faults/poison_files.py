"""10,000 figures with a bad row, at each of 50 places: atomic stores none, partial 9,999 and names the row."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.place import Place, ask, chain_faults
from faults.running.program import Dose, Findings, main

FULL = {"rows": 10_000, "places": 50}
SMALL = {"rows": 1_000, "places": 4}
# Each is bad in another way; a cell's own words may not come back.
_BAD = (
    "no_such_indicator_xq,E06000059,{period},n={row},5", "referrals_monthly,E99999999,{period},n={row},5",
    "referrals_monthly,E06000059,2026-13,n={row},5", "referrals_monthly,E06000059,{period},n={row},five_xq",
    "referrals_monthly,E06000059,{period},n={row},NaN", "referrals_monthly,E06000059,{period},n={row},1e999",
    "referrals_monthly,E06000059,{period},=cmd_xq,5", "referrals_monthly,E06000059,{period},n={row}",
    'referrals_monthly,E06000059,{period},"n={row}\x00",5',
)  # fmt: skip
_LISTS = ("/v1/observations?limit=5", "/v1/observations/imports?limit=5", "/v1/activity?limit=5")


def _file(number: int, rows: int, place: int) -> bytes:
    period = f"{2000 + number // 12}-{number % 12 + 1:02}"
    lines = [f"referrals_monthly,E06000059,{period},n={row},{row}" for row in range(rows)]
    lines[place] = _BAD[number % (len(_BAD) - 1)].format(period=period, row=place)
    return "\n".join(["indicator,area,period,breakdown,value", *lines]).encode()


def _send(client: httpx.Client, mode: str, content: bytes) -> httpx.Response:
    headers = {"Content-Type": "text/csv"}
    return client.post("/v1/observations/imports", params={"mode": mode}, content=content, headers=headers)


def _poison(client: httpx.Client, url: str, number: int, dose: Dose, found: Findings) -> Counter[int]:
    rows = dose["rows"]
    place = min(rows - 1, round(number * (rows - 1) / max(dose["places"] - 1, 1)))
    content = _file(number, rows, place)
    ((before,),) = ask(url, "SELECT count(*) FROM observation")
    atomic = _send(client, "atomic", content)
    ((kept,),) = ask(url, "SELECT count(*) FROM observation")
    found.must(atomic.status_code == 422 and kept == before, f"place {place}: atomic was {atomic.status_code}")
    partial = _send(client, "partial", content)
    ((stored,),) = ask(url, "SELECT count(*) FROM observation")
    named = [one["row"] for one in partial.json().get("errors", [])]
    found.must(partial.status_code == 200, f"place {place}: partial was {partial.status_code}")
    found.must(stored - before == rows - 1, f"place {place}: partial stored {stored - before}")
    found.must(set(named) == {place + 1}, f"place {place}: the rows named were {sorted(set(named))[:5]}")
    found.must(b"_xq" not in atomic.content + partial.content, f"place {place}: a bad cell came back")
    found.figures["stored"] += stored - before
    return Counter([atomic.status_code, partial.status_code])


def run(place: Place, dose: Dose) -> Findings:
    url = place.database("indicator")
    process = place.serve("indicator", url).wait_ready()
    found, answers = Findings({"files": dose["places"] * 2, "stored": 0, "lost": 0, "double": 0}), Counter[int]()
    headers = {"Authorization": f"Bearer {place.token()}"}
    with httpx.Client(base_url=process.address, headers=headers, timeout=120, verify=False) as client:
        for number in range(dose["places"]):
            answers += _poison(client, url, number, dose, found)
        nul = _send(client, "atomic", ("indicator,area,period,breakdown,value\n" + _BAD[-1]).encode())
        answers[nul.status_code] += 1
        found.must(nul.status_code in (400, 422), f"NUL in a cell was {nul.status_code}")
        for path in _LISTS:
            status = client.get(path).status_code
            found.must(status == 200, f"{path} was {status} afterwards")
    found.figures["answers"] = {str(status): count for status, count in sorted(answers.items())}
    process.end()
    expected = dose["places"] * (dose["rows"] - 1)
    found.figures["lost"] = max(expected - found.figures["stored"], 0)
    found.must(chain_faults("indicator", url) == [], "the activity chain is not whole")
    return found


if __name__ == "__main__":
    main("poison files", run, FULL, SMALL)
