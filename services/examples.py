"""Loading `examples/` through the public API, and making the first board report of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from shared.settings import ServiceName

_CONSOLE = Console(stderr=True, highlight=False)
PERIOD = "2026-10"
PROGRAMME = "monthly_case_audit"
REPORT = "csdg_monthly"
ROUNDS = ("2026-09", "2026-10")
ClientAs = Callable[[str, str], httpx.AsyncClient]


class ExamplesError(Exception):
    """An example was refused; the message says which file and what the service answered."""


@dataclass(frozen=True)
class FirstReport:
    id: str
    title: str
    period: str


async def load_examples(
    folder: Path, clients: Mapping[ServiceName, httpx.AsyncClient], client_as: ClientAs
) -> FirstReport:
    """Load what is not there yet and make the first report; started again, it only finds it."""
    reporting = clients["reporting"]
    found = await _published(reporting)
    if found is None:
        with Progress(
            TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(), console=_CONSOLE
        ) as progress:
            await _figures(folder, clients["indicator"], progress)
            await _audits(folder, clients["audit"], progress)
            await _feedback(folder, clients["feedback"], progress)
            await _engagement(folder, clients["feedback"], progress)
            found = await _first_report(folder, reporting, client_as, progress)
    return found


async def _send(client: httpx.AsyncClient, method: str, path: str, what: str, **request: Any) -> httpx.Response:
    answer = await client.request(method, path, **request)
    if answer.is_success:
        return answer
    try:
        problem = answer.json()
        faults = "; ".join(f"{one['pointer']}: {one['detail']}" for one in problem.get("errors", [])[:5])
        words = " ".join(part for part in (problem.get("title"), problem.get("detail"), faults) if part)
    except ValueError:
        words = ""
    raise ExamplesError(f"{what}: {answer.status_code} {words}")


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


async def _figures(folder: Path, client: httpx.AsyncClient, progress: Progress) -> None:
    files = sorted(folder.glob("**/*.csv"))  # noqa: ASYNC240 - a few small local files, before anyone is served
    task = progress.add_task("Published figures, invented staff", total=len(files) + 1)
    register = _read(folder, "registrations.json")
    await _send(client, "POST", "/v1/registrations/imports", "registrations.json", json=register)
    await _watched(folder, client)
    progress.advance(task)
    for file in files:
        await _send(
            client,
            "POST",
            "/v1/observations/imports?mode=atomic",
            file.name,
            content=file.read_bytes(),
            headers={"Content-Type": "text/csv; charset=utf-8"},
        )
        progress.advance(task)


async def _watched(folder: Path, client: httpx.AsyncClient) -> None:
    """Invented schools, one of them causing concern, and what a Head of Service asks the board to look at."""
    watched = _read(folder, "watched.json")
    for code, school in watched["providers"].items():
        path = f"/v1/providers/{code}"
        await _send(client, "PUT", path, code, json=school["provider"])
        for kind in ("judgements", "notes", "concerns"):
            for number, item in enumerate(school.get(kind, [])):
                headers = {"Idempotency-Key": f"example-{code}-{kind}-{number}"}
                await _send(client, "POST", f"{path}/{kind}", f"{code} {kind}", json=item, headers=headers)
    for unit, items in watched["focus"].items():
        await _send(client, "PUT", f"/v1/focus/{unit}/{PERIOD}", "focus", json={"items": items})


async def _audits(folder: Path, client: httpx.AsyncClient, progress: Progress) -> None:
    audits, actions = _read(folder, "audits.json")["items"], _read(folder, "actions.json")["items"]
    task = progress.add_task("Synthetic case audits", total=len(audits))
    for period in ROUNDS:
        path = f"/v1/programmes/{PROGRAMME}/rounds?period={period}"
        await _send(client, "POST", path, f"round {period}")
    for number, audit in enumerate(audits):
        headers = {"Idempotency-Key": f"example-audit-{number}"}
        stored = await _send(client, "POST", "/v1/audits", f"audits.json item {number}", json=audit, headers=headers)
        for item in actions:
            if item["audit"] == audit["source_ref"]:
                finding = stored.json()["findings"][item["finding"]]["id"]
                headers = {"Idempotency-Key": f"example-action-{finding}"}
                body = {**item["action"], "finding": finding}
                await _send(client, "POST", "/v1/actions", "actions.json", json=body, headers=headers)
        progress.advance(task)


async def _feedback(folder: Path, client: httpx.AsyncClient, progress: Progress) -> None:
    views = _read(folder, "views.json")
    complaints, compliments = (
        _read(folder, "complaints.json")["items"],
        _read(folder, "compliments.json")["items"],
    )
    task = progress.add_task("Synthetic views and complaints", total=1 + len(complaints) + len(compliments))
    await _send(client, "POST", "/v1/views/imports?mode=atomic", "views.json", json=views)
    progress.advance(task)
    for kind, items in (("complaints", complaints), ("compliments", compliments)):
        for number, item in enumerate(items):
            await _send(client, "POST", f"/v1/{kind}", f"{kind}.json item {number}", json=item)
            progress.advance(task)


async def _engagement(folder: Path, client: httpx.AsyncClient, progress: Progress) -> None:
    """A standing questionnaire with its answers, activities with what came of them, and a board's challenge."""
    given = _read(folder, "engagement.json")
    task = progress.add_task("Synthetic answers and activities", total=2 + len(given["activities"]))

    async def store(path: str, what: str, body: Any) -> Any:
        headers = {"Idempotency-Key": f"example-{what}"}
        return (await _send(client, "POST", path, f"engagement.json {what}", json=body, headers=headers)).json()

    wave = await store("/v1/survey-waves", "wave", given["wave"])
    await store(f"/v1/survey-waves/{wave['id']}/responses/imports", "responses", {"items": given["responses"]})
    progress.advance(task)
    for number, one in enumerate(given["activities"]):
        path = "/v1/participation/activities"
        activity = await store(path, f"activity-{number}", one["activity"])
        for place, change in enumerate(one["changes"]):
            await store(f"{path}/{activity['id']}/changes", f"change-{number}-{place}", change)
        progress.advance(task)
    await store("/v1/challenges", "challenge", given["challenge"])
    progress.advance(task)


async def _published(client: httpx.AsyncClient) -> FirstReport | None:
    path = f"/v1/reports?board=csdg&status=published&period={PERIOD}&limit=1"
    items = (await _send(client, "GET", path, "reports")).json()["items"]
    return FirstReport(items[0]["id"], items[0]["title"], items[0]["period"]["code"]) if items else None


async def _first_report(
    folder: Path, client: httpx.AsyncClient, client_as: ClientAs, progress: Progress
) -> FirstReport:
    """Assemble, answer the closing questions, submit, sign in order, publish: each step by the role it belongs to."""
    steps = _read(folder, "first_report.json")
    task = progress.add_task("The first board report", total=5)
    await _send(client, "POST", "/v1/schedule/materialisations", "schedule", json=steps["schedule"])
    path = f"/v1/occurrences?report={REPORT}&period={PERIOD}"
    occurrence = (await _send(client, "GET", path, "occurrences")).json()["items"][0]
    progress.advance(task)
    path = f"/v1/occurrences/{occurrence['id']}/assemblies"
    answer = await _send(client, "POST", path, "assembly")
    report, etag = answer.json(), answer.headers["ETag"]
    progress.advance(task)
    path = f"/v1/reports/{report['id']}"
    answer = await _send(client, "PATCH", path, "narrative", json=steps["narrative"], headers={"If-Match": etag})
    answer = await _send(
        client, "POST", f"{path}/submissions", "submission", headers={"If-Match": answer.headers["ETag"]}
    )
    progress.advance(task)
    for number, role in enumerate(steps["signatures"]):
        signing = {"role": role, "content_hash": answer.json()["content_hash"]}
        async with client_as(role, f"local-{role}-{number}") as signer:
            answer = await _send(
                signer, "POST", f"{path}/signatures", "signature",
                json=signing, headers={"If-Match": answer.headers["ETag"]},
            )  # fmt: skip
    progress.advance(task)
    answer = await _send(
        client, "POST", f"{path}/publications", "publication", headers={"If-Match": answer.headers["ETag"]}
    )
    progress.advance(task)
    published = answer.json()
    return FirstReport(published["id"], published["title"], published["period"]["code"])
