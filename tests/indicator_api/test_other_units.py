"""Whoever holds for one unit finds no trace of another's records in what can be read, nor a way to change them."""

from __future__ import annotations

import re
from typing import Any

import httpx

from shared.routing import api_routes
from tests.conftest import Running
from tests.indicator_api.exceptions.test_keeping import CHANGES
from tests.indicator_api.published import DORSET, months
from tests.indicator_api.registrations.test_register import item as person

OTHER, MINE, MONTH = "fs_weymouth", "children_who_are_disabled", "2026-10"
CODE = "supervision_in_time"
KEY = f"{CODE}.{OTHER}.{MONTH}"
CONCERN = {
    "provider_register": "schools_causing_concern", "category": "safeguarding", "at_risk": True,
    "opened_on": "2026-10-01",
}  # fmt: skip
_TRACE = r"57\.25|58\.25|[Cc]anary|SYN-9001|the-other"
FILTERS = {
    "area": [OTHER, DORSET], "unit": [OTHER], "units": ["true"], "indicator": [CODE], "period": [MONTH, "RY2027"],
    "as_at": ["2026-11-24"], "$filter": [f"place eq '{OTHER}'"], "$count": ["true"], "since": ["2020-01-01"],
    "comparators": ["all_authorities"], "kind": ["value"], "status": ["open"], "source_system": ["mosaic"],
}  # fmt: skip


async def done(answer: httpx.Response) -> Any:
    assert answer.status_code in (200, 201, 202), answer.text
    return answer.json()


async def recorded(indicator: Running) -> dict[str, str]:
    """One record of every kind by an administrator of the other unit; what they go by in paths."""
    other = await indicator.client("admin", OTHER, subject="the-other")
    rows = months(CODE, OTHER, "2025-10", [*CHANGES[:-1], 58.25])
    imports = "/v1/observations/imports?reason=canary"
    await done(await other.post(imports, json={"items": rows}))
    load = await done(await other.post(imports, json={"items": [rows[-1] | {"value": 57.25}]}))
    job = await done(await other.post(f"{imports}&job=true", json={"items": rows}))
    staff = {"items": [person(9001, unit=OTHER, next_check_due="2026-12-01")]}
    await done(await other.post("/v1/registrations/imports", json=staff))
    school = {"name": "Canary School", "kind": "school", "unit": OTHER}
    await done(await other.put("/v1/providers/canary_school", json=school))
    concern = await done(await other.post("/v1/providers/canary_school/concerns", json=CONCERN))
    trigger = f"{KEY}.SIGNIFICANT_CHANGE"
    await done(await other.post(f"/v1/exceptions/{trigger}/answers", json={"explanation": "canary"}))
    await done(await other.put(f"/v1/indicators/{CODE}/commentary/{OTHER}/{MONTH}", json={"text": "canary"}))
    asked = {"indicator": CODE, "area": OTHER, "period": MONTH, "due_on": "2027-01-15", "message": "canary"}
    await done(await other.post("/v1/commentary/requests", json=asked))
    focus = {"items": [{"indicator": CODE, "why": "canary"}]}
    await done(await other.put(f"/v1/focus/{OTHER}/{MONTH}", json=focus))
    return {
        "import_id": load["id"], "job_id": job["id"], "concern_id": concern["id"], "key": trigger, "area": OTHER,
        "period": MONTH, "unit": OTHER, "staff_ref": "SYN-9001", "entity_set": "Figures", "file": "places.csv",
    }  # fmt: skip


def _names(dependant: Any) -> set[str]:
    return {one.alias for one in dependant.query_params}.union(*map(_names, dependant.dependencies))


def path_of(template: str, known: dict[str, str]) -> str:
    code = "canary_school" if "/providers/" in template else CODE
    return re.sub(r"{(\w+)}", lambda part: {**known, "code": code}.get(part[1], "x"), template)


async def test_no_reading_operation_shows_what_is_another_units(indicator: Running) -> None:
    known = await recorded(indicator)
    trace = re.compile("|".join([_TRACE, known["import_id"], known["job_id"], known["concern_id"]]))
    client, shown = await indicator.client("admin", MINE), await indicator.client("admin")
    seen = 0
    for route in api_routes(indicator.app):
        if "GET" not in (route.methods or ()) or "activity" in route.path_format:
            continue
        required = [one.alias for one in route.dependant.query_params if one.field_info.is_required()]
        about = {"indicator": CODE, "area": OTHER, "period": MONTH, "year": "AY2026-27"}
        least = {name: about.get(name, "schools_causing_concern") for name in required}
        names = sorted(_names(route.dependant) & FILTERS.keys())
        queries = [least] + [least | {name: value} for name in names for value in FILTERS[name]]
        path = path_of(route.path_format, known)
        for query in queries:
            answer = await client.get(path, params=query)
            assert answer.status_code < 500 and not trace.search(answer.text), (path, query, answer.text)
            seen += bool(trace.search((await shown.get(path, params=query)).text))
    # Whoever holds for the whole council sees them in many of these answers.
    assert seen > 50


async def test_no_writing_operation_reaches_what_is_another_units(indicator: Running) -> None:
    known = await recorded(indicator)
    client = await indicator.client("admin", MINE)
    note, figure = {"kind": "visit", "noted_on": "2026-10-13", "words": "x"}, {"indicator": "absence", "value": 1}
    grade = {"framework": "ofsted_report_card_2025", "judgement": "safeguarding", "grade": "not_met"}
    review = {"period": "AY2026-27-HT1", "held_on": "2026-10-20", "outcome": "unchanged"}
    edit = {name: value for name, value in CONCERN.items() if name in ("category", "at_risk")}
    job, concern = f"/v1/observations/import-jobs/{known['job_id']}", f"/v1/concerns/{known['concern_id']}"
    tries = [
        ("POST", f"{job}/cancel", None), ("POST", f"{job}/run-again", None),
        ("PUT", "/v1/providers/canary_school", {"name": "Taken", "kind": "school", "unit": MINE}),
        ("POST", "/v1/providers/canary_school/notes", note),
        ("POST", "/v1/providers/canary_school/figures", figure | {"period": "AY2024-25"}),
        ("POST", "/v1/providers/canary_school/judgements", grade | {"judged_on": "2026-09-24"}),
        ("POST", "/v1/providers/canary_school/concerns", CONCERN),
        ("PUT", concern, edit), ("POST", f"{concern}/reviews", review),
        ("POST", f"{concern}/closure", {"closed_on": "2026-11-01", "because": "x"}),
        ("POST", f"/v1/exceptions/{known['key']}/answers", {"explanation": "x"}),
        ("PUT", f"/v1/indicators/{CODE}/commentary/{OTHER}/{MONTH}", {"text": "x"}),
        ("POST", f"/v1/commentary/requests/{KEY}/chase", None),
    ]  # fmt: skip
    for method, path, body in tries:
        answer = await client.request(method, path, json=body, headers={"If-Match": '"1"'})
        assert answer.status_code == 404, (method, path, answer.status_code, answer.text)
    foreign = await client.post("/v1/registrations/imports", json={"items": [person(9001, unit=MINE)]})
    assert (foreign.status_code, foreign.json()["errors"][0]["code"]) == (422, "in_use")
