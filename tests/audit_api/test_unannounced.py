"""R30: an audit that is not announced can be told from none by nobody it is to surprise, whatever they ask."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import sqlalchemy as sa

from shared.routing import api_routes
from tests.audit_api.framework import apply, programme_of_type, tool_of_type
from tests.audit_api.papers import PROGRAMME, activity_of, answers, in_round, make_round, send, whole
from tests.conftest import Running
from tests.door import Door
from tests.doses import dose

TEAM, ABOVE, OTHER = "fs_weymouth", "family_support", "fs_chesil"
PEER, QUARTER = "unannounced_peer", "FY2026-27-Q3"
# Who must not be able to tell: the team, of which an administrator reads all that its manager does, and those who are
# of the whole council but do not manage audits.
_FEW = [("admin", TEAM), ("practitioner", None), ("reporting_service", None)]
_MORE = [
    ("team_manager", TEAM), ("qa_manager", TEAM), ("team_manager", None), ("head_of_service", ABOVE), ("analyst", None),
    ("auditor", None),
]  # fmt: skip
KEPT_FROM = dose(_FEW, _FEW + _MORE)
VALUES = {
    "unit": [TEAM, ABOVE], "period": ["2026-11", "2026-12", QUARTER, "FY2026-27"], "programme": [PROGRAMME, PEER],
    "status": ["allocated", "in_progress", "withdrawn"], "tool": ["peer_audit", "case_audit"], "limit": ["1"],
    "from": ["2026-10", QUARTER], "to": ["2026-12", QUARTER], "year": ["FY2026-27"], "first": ["2026-11-01"],
    "last": ["2027-03-31"], "subject_type": ["audit", "round", "slot"], "kind": ["audit_due", "round_due"],
}  # fmt: skip
_EACH_TIME = re.compile(r'"(instance|request_id)": ?"[^"]*"')
# The head of the chain moves with every deed of anybody, so that it tells of none.
_MOVES_ALWAYS = {"get_activity_head"}


def _names(dependant: Any) -> set[str]:
    return {one.alias for one in dependant.query_params}.union(*map(_names, dependant.dependencies))


def _paths(template: str, ids: list[str]) -> list[str]:
    if re.search(r"{\w+_id}", template):
        return [re.sub(r"{\w+_id}", known, template) for known in ids]
    codes = {"/programmes/": [PROGRAMME, PEER], "/commitments/": ["multi-agency"], "/tools/": ["peer_audit"]}
    found = next((known for part, known in codes.items() if part in template), [PEER])
    kinds = ["programmes", "commitments"] if "{kind}" in template else ["x"]
    return [template.replace("{kind}", kind).replace("{code}", code) for kind in kinds for code in found]


async def _all_that_can_be_read(
    running: Running, client: Door, ids: list[str], *, by_id: bool = False
) -> dict[str, Any]:
    """Every reading operation's answers; if `by_id` only those asked for by an id."""
    seen: dict[str, Any] = {}
    for route in api_routes(running.app):
        if "GET" not in (route.methods or ()) or route.name in _MOVES_ALWAYS:
            continue
        if by_id and "_id}" not in route.path_format:
            continue
        least = {
            one.alias: VALUES.get(one.alias, ["x"])[0]
            for one in route.dependant.query_params
            if one.field_info.is_required()
        }
        names = sorted(_names(route.dependant) & VALUES.keys())
        queries = [least] + [least | {name: value} for name in names for value in VALUES[name]]
        if {"programme", "period"} <= set(least):
            queries.append({"programme": PEER, "period": QUARTER})
        if {"programme", "from"} <= set(least):
            queries.append({"programme": PEER, "from": QUARTER, "to": QUARTER})
        for path in _paths(route.path_format, ids):
            for query in queries:
                answer = await client.get(f"{path}?{urlencode(query)}")
                assert answer.status_code < 500, (path, query, answer.text)
                told = _EACH_TIME.sub("", answer.text), answer.headers.get("etag"), answer.headers.get("link")
                seen[f"{path} {query}"] = (answer.status_code, *told)
    return seen


async def _framework(audit: Running) -> None:
    admin = await audit.client("admin")
    slots = [{"unit": unit, "effective_from": "2026-10-01"} for unit in (TEAM, OTHER)]
    secret = programme_of_type(PEER, "peer", "peer_audit", cadence="quarterly", announced=False, slots=slots)
    looks = programme_of_type("looks", "thematic", "case_audit")
    assert (await apply(admin, "tools", tool_of_type("peer_audit", "peer"))).status_code == 200
    assert (await apply(admin, "programmes", secret, looks)).status_code == 200


async def _announced(audit: Running) -> None:
    """What everybody knows: a round, a whole audit, one that is allocated."""
    manager = await audit.client("qa_manager")
    await make_round(manager, "2026-11")
    await send(manager, in_round(TEAM, "2026-11"))
    await send(manager, {"unit": TEAM, "tool": "case_audit", "case_reference": "CMS-1", "due_on": "2026-12-01"})
    await audit.seal()


async def _plan_unannounced(audit: Running) -> dict[str, str]:
    """A stand-alone one, a round of the unannounced programme, and one of a programme that decides each time."""
    manager = await audit.client("qa_manager")
    peer = {"auditor": "the-peer", "auditor_unit": "safeguarding_and_standards"}
    planned = {"unit": TEAM, "tool": "case_audit", "case_reference": "CMS-7001", "due_on": "2026-12-15"}
    alone = await send(manager, planned | peer | {"announced": False, "source_ref": "PEER-1"})
    made = await manager.post(f"/v1/programmes/{PEER}/rounds", params={"period": QUARTER})
    assert made.status_code == 201, made.text
    slot = next(one["id"] for one in made.json()["slots"] if one["unit"] == TEAM)
    placed = await send(manager, peer | {"slot": slot, "case_reference": "CMS-7002"})
    assert placed["announced"] is False
    decided = {"units": [TEAM], "announced": False, "trigger": "local_issue"}
    look = await manager.post("/v1/programmes/looks/rounds", params={"period": "2026-12"}, json=decided)
    assert look.status_code == 201, look.text
    look_slot = look.json()["slots"][0]["id"]
    void = f"/v1/slots/{look_slot}/voids"
    voided = await manager.post(void, json={"reason": "Not this time."}, headers={"If-Match": '"1"'})
    assert voided.status_code == 201, voided.text
    await audit.seal()
    return {
        "audit": alone["id"], "placed": placed["id"], "round": made.json()["id"], "slot": slot,
        "look": look.json()["id"], "look_slot": look_slot,
    }  # fmt: skip


async def test_R30_no_reading_operation_tells_of_an_unannounced_audit(audit: Running) -> None:
    await _framework(audit)
    await _announced(audit)
    clients = {who: audit.door(*who) for who in KEPT_FROM}
    ids = [str(uuid4())]
    before = {who: await _all_that_can_be_read(audit, client, ids) for who, client in clients.items()}
    hidden = await _plan_unannounced(audit)
    for who, client in clients.items():
        after = await _all_that_can_be_read(audit, client, ids)
        assert after == before[who], (who, [key for key in after if after[key] != before[who][key]])
        # By their ids they are as what never was.
        known = await _all_that_can_be_read(audit, client, list(hidden.values()), by_id=True)
        named = {key: value for key, value in known.items() if any(one in key for one in hidden.values())}
        for key, value in named.items():
            nothing = key
            for one in hidden.values():
                nothing = nothing.replace(one, ids[0])
            assert value == before[who][nothing], (who, key)
    everything = await _all_that_can_be_read(audit, audit.door("qa_manager"), ids)
    assert sum("CMS-7" in str(one) or hidden["audit"] in str(one) for one in everything.values()) >= 3


@pytest.mark.parametrize("role", ["team_manager", "qa_manager"])
async def test_R30_no_writing_operation_tells_of_an_unannounced_audit(audit: Running, role: str) -> None:
    await _framework(audit)
    hidden = await _plan_unannounced(audit)
    client = await audit.client(role, TEAM)
    nothing = str(uuid4())
    bare = {"case_reference": "CMS-2", "auditor": "someone", "auditor_unit": "safeguarding_and_standards"}
    tries: list[tuple[str, str, Any]] = [
        ("POST", "/v1/slots/{slot}/voids", {"reason": "No case."}),
        ("PUT", "/v1/audits/{audit}/answers", {"answers": {}}),
        ("POST", "/v1/audits/{audit}/submissions", None),
        ("POST", "/v1/audits", bare | {"slot": "{slot}"}),
        ("POST", "/v1/audits", bare | {"slot": "{look_slot}"}),
    ]
    for method, path, body in tries:
        told = []
        for ids in (hidden, dict.fromkeys(hidden, nothing)):
            sent = body if body is None else body | ({"slot": body["slot"].format(**ids)} if "slot" in body else {})
            answer = await client.request(method, path.format(**ids), json=sent, headers={"If-Match": '"1"'})
            assert answer.status_code >= 400, answer.text
            told.append((answer.status_code, _EACH_TIME.sub("", answer.text)))
        assert told[0] == told[1], (method, path)
    asked = [bare | {"programme": PEER, "period": period, "unit": TEAM} for period in (QUARTER, "FY2026-27-Q4")]
    refused = [(await client.post("/v1/audits", json=body)).json()["errors"] for body in asked]
    assert refused[0] == refused[1]
    rounds = [await client.post(f"/v1/programmes/{PEER}/rounds?period={one}") for one in (QUARTER, "FY2026-27-Q4")]
    assert [(one.status_code, _EACH_TIME.sub("", one.text)) for one in rounds] == [
        (403, _EACH_TIME.sub("", rounds[0].text))
    ] * 2


async def test_R30_those_above_and_the_auditor_see_it_all_along(audit: Running) -> None:
    await _framework(audit)
    hidden = await _plan_unannounced(audit)
    for who in (("qa_manager", None), ("qa_manager", ABOVE), ("admin", None)):
        client = await audit.client(*who)
        assert (await client.get(f"/v1/audits/{hidden['audit']}")).json()["announced"] is False
        assert (await client.get(f"/v1/slots/{hidden['slot']}")).status_code == 200
        assert {hidden["audit"], hidden["placed"]} <= {
            one["id"] for one in (await client.get("/v1/audits")).json()["items"]
        }
        assert hidden["audit"] in {one["subject_id"] for one in await activity_of(client, "audit")}
    auditor = await audit.client("auditor", "safeguarding_and_standards", subject="the-peer")
    assert (await auditor.get(f"/v1/audits/{hidden['audit']}")).status_code == 200
    assert len((await auditor.get("/v1/audits")).json()["items"]) == 2


async def test_R30_once_it_has_started_the_team_sees_it_everywhere(audit: Running) -> None:
    await _framework(audit)
    hidden = await _plan_unannounced(audit)
    team = await audit.client("qa_manager", TEAM)
    coverage = f"/v1/coverage?programme={PEER}&period={QUARTER}"
    assert (await team.get(coverage)).status_code == 404
    auditor = await audit.client("auditor", "safeguarding_and_standards", subject="the-peer")
    for one in ("audit", "placed"):
        started = await auditor.put(
            f"/v1/audits/{hidden[one]}/answers", json={"answers": {"safer": 3}}, headers={"If-Match": '"1"'}
        )
        assert started.status_code == 200, started.text
    await audit.seal()
    assert {one["id"] for one in (await team.get("/v1/audits")).json()["items"]} == {hidden["audit"], hidden["placed"]}
    assert (await team.get(f"/v1/slots/{hidden['slot']}")).json()["audit"] == hidden["placed"]
    assert len(await activity_of(team, "audit")) == 4
    told = (await team.get(coverage)).json()
    assert (told["expected"], told["withheld"], told["rag"]) == (1, True, "amber")
    # The other team of the same round is still to be surprised.
    assert (await (await audit.client("team_manager", OTHER)).get(coverage)).status_code == 404


async def test_R30_what_is_done_of_an_unannounced_round_is_never_green_for_whom_the_rest_is_kept_from(
    audit: Running,
) -> None:
    await _framework(audit)
    hidden = await _plan_unannounced(audit)
    manager = await audit.client("qa_manager")
    whole_paper = {"answers": answers(), "views": whole()["views"], "findings": whole()["findings"]}
    path = f"/v1/audits/{hidden['placed']}"
    saved = await manager.put(f"{path}/answers", json=whole_paper, headers={"If-Match": '"1"'})
    assert saved.status_code == 200, saved.text
    done = await manager.post(f"{path}/submissions", headers={"If-Match": '"2"'})
    assert done.status_code == 201, done.text
    coverage = f"/v1/coverage?programme={PEER}&period={QUARTER}"
    board = (await (await audit.client("reporting_service")).get(coverage)).json()
    assert (board["expected"], board["done"], board["rag"]) == (1, 1, "amber")
    above = (await manager.get(coverage)).json()
    assert (above["expected"], above["done"], above["withheld"], above["rag"]) == (2, 1, False, "amber")


@pytest.mark.parametrize(
    ("role", "unit"), [("team_manager", TEAM), ("qa_manager", TEAM), ("auditor", None), ("head_of_service", None)]
)
async def test_R30_nobody_plans_an_unannounced_audit_of_the_own_team(
    audit: Running, role: str, unit: str | None
) -> None:
    client = await audit.client(role, unit)
    body = whole(TEAM, announced=False, submit=False, auditor="the-peer")
    answer = await client.post("/v1/audits", json=body)
    assert answer.status_code == 403
    assert answer.json()["type"].endswith(("/not-above-the-team", "/not-the-auditor"))


async def test_R30_the_round_decides_whether_its_audits_are_announced(audit: Running) -> None:
    await _framework(audit)
    manager = await audit.client("qa_manager")
    await make_round(manager, "2026-11")
    answer = await manager.post("/v1/audits", json=in_round(TEAM, "2026-11", announced=False))
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/announced"]
    path = f"/v1/programmes/{PROGRAMME}/rounds?period=2026-12"
    refused = await manager.post(path, json={"announced": False})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/announced")


async def test_R30_a_programme_stored_before_programmes_said_so_is_announced(audit: Running) -> None:
    async with audit.database.transaction() as session:
        await session.execute(sa.text("UPDATE framework_item SET content = content - 'announced'"))
    listed = (await (await audit.client("practitioner")).get("/v1/framework/programmes")).json()["items"]
    assert PROGRAMME in {one["code"] for one in listed}


async def test_R30_the_slots_of_an_unannounced_programme_are_no_public_plan(audit: Running) -> None:
    await _framework(audit)
    for role, unit, seen in (("team_manager", TEAM, 404), ("analyst", None, 404), ("qa_manager", None, 200)):
        client = await audit.client(role, unit)
        assert (await client.get(f"/v1/framework/programmes/{PEER}")).status_code == seen
        assert (await client.get(f"/v1/framework/programmes/{PEER}/versions")).status_code == seen
        listed = {one["code"] for one in (await client.get("/v1/programmes")).json()["items"]}
        items = {one["code"] for one in (await client.get("/v1/framework/programmes")).json()["items"]}
        assert (PEER in listed, PEER in items) == (seen == 200,) * 2
