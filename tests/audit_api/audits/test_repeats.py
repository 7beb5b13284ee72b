"""A finding that repeats an earlier one says which; and whether all levels took part is told."""

from __future__ import annotations

import pytest

from tests.audit_api.framework import apply, close_unit, dorset_tool
from tests.audit_api.life import faults, save, saved, slug, stepped
from tests.audit_api.papers import IMPROVEMENT, STRENGTH, send, whole
from tests.conftest import Running


async def test_R43_a_finding_names_the_earlier_one_it_repeats(audit: Running) -> None:
    client = await audit.client("qa_manager")
    before = (await send(client, whole(submitted_on="2026-09-01")))["findings"][1]["id"]
    found = await send(client, whole(findings=[STRENGTH, IMPROVEMENT | {"repeat_of": before}]))
    assert [one["repeat_of"] for one in found["findings"]] == [None, before]
    draft = await send(client, whole(submit=False))
    named = await saved(client, draft["id"], {"findings": [STRENGTH, IMPROVEMENT | {"repeat_of": before}]})
    assert named["findings"][1]["repeat_of"] == before
    assert (await stepped(client, draft["id"], "submissions"))["findings"][1]["repeat_of"] == before


async def test_R43_a_repeat_is_of_another_audit_submitted_before(audit: Running) -> None:
    client = await audit.client("qa_manager")
    later = await send(client, whole())
    unfinished = await send(client, whole(submit=False))
    own = unfinished["findings"][0]["id"]
    for given, code in ((later["findings"][0]["id"], "later"), (own, "not_final")):
        body = whole(findings=[STRENGTH | {"repeat_of": given}], submitted_on="2026-09-01")
        refused = await client.post("/v1/audits", json=body)
        assert (refused.status_code, slug(refused)) == (409, "repeat-not-earlier")
        assert faults(refused) == {("/findings/0/repeat_of", code)}
    same = await save(client, unfinished["id"], {"findings": [STRENGTH, IMPROVEMENT | {"repeat_of": own}]})
    assert (slug(same), faults(same)) == ("repeat-not-earlier", {("/findings/1/repeat_of", "same_audit")})


@pytest.mark.parametrize("given", ["0192f0c1-0000-7000-8000-000000000009", "nothing"])
async def test_R43_a_repeat_is_of_a_finding_there_is(audit: Running, given: str) -> None:
    client = await audit.client("qa_manager")
    refused = await client.post("/v1/audits", json=whole(findings=[STRENGTH | {"repeat_of": given}]))
    assert (refused.status_code, [one[0] for one in faults(refused)]) == (422, ["/findings/0/repeat_of"])
    assert given not in refused.text


async def test_R43_a_finding_out_of_reach_cannot_be_named(audit: Running) -> None:
    client = await audit.client("qa_manager")
    foreign = (await send(client, whole("fs_chesil")))["findings"][0]["id"]
    mine = await audit.client("auditor", unit="fs_portland", subject="auditor-2")
    given = {"auditor": "auditor-2", "auditor_unit": "fs_portland", "submit": False}
    path = (await send(client, whole(**given)))["id"]
    refused = await save(mine, path, {"findings": [STRENGTH | {"repeat_of": foreign}]})
    assert faults(refused) == {("/findings/0/repeat_of", "unknown_finding")}


async def test_R43_a_team_that_came_after_another_may_repeat_what_was_found_there(audit: Running) -> None:
    client = await audit.client("qa_manager")
    before = (await send(client, whole(submitted_on="2026-09-01")))["findings"][1]["id"]
    admin = await audit.client("admin")
    await close_unit(admin, "fs_weymouth", "2026-11-10", "fs_portland")
    await close_unit(admin, "fs_portland", "2026-11-15", "fs_chesil")
    given = {"auditor": "auditor-2", "auditor_unit": "cwd_east", "submit": False}
    path = (await send(client, whole("fs_chesil", **given)))["id"]
    auditor = await audit.client("auditor", unit="cwd_east", subject="auditor-2")
    told = (await auditor.get(f"/v1/audits/{path}/earlier-findings")).json()["items"]
    assert [one["id"] for one in told] == [before]
    named = await saved(auditor, path, {"findings": [STRENGTH, IMPROVEMENT | {"repeat_of": before}]})
    assert named["findings"][1]["repeat_of"] == before


async def test_R24_the_levels_of_which_nobody_took_part_are_told(audit: Running) -> None:
    client = await audit.client("qa_manager")
    people = [
        {"part": "case_worker", "level": "practitioner"},
        {"part": "case_manager", "level": "team_manager"},
        {"part": "contributor", "level": "director"},
    ]
    found = await send(client, whole(participants=people))
    assert found["levels_missing"] == ["senior_manager", "head_of_service"]
    assert found["participants"][2]["level"] == "director"


async def test_R24_partners_are_looked_for_where_several_agencies_audit_together(audit: Running) -> None:
    tool = dorset_tool(version=2, audit_types=["multi_agency"])
    applied = await apply(await audit.client("admin"), "tools", tool)
    assert applied.status_code == 200, applied.text
    found = await send(await audit.client("qa_manager"), whole())
    assert (found["audit_type"], found["levels_missing"][-1]) == ("multi_agency", "partner")


async def test_R43_the_auditor_of_a_team_is_told_what_was_found_there_before_and_may_name_it(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    first = await send(manager, whole("fs_weymouth", submitted_on="2026-09-10"))
    await send(manager, whole("fs_chesil", submitted_on="2026-09-11"))
    await send(manager, whole("fs_weymouth", submit=False))
    await send(manager, whole("fs_weymouth", announced=False, submit=False, answers={}, findings=[], views={}))
    draft = await send(manager, whole("fs_weymouth", auditor="auditor-9", submit=False, answers={}, findings=[]))
    auditor = await audit.client("auditor", unit="safeguarding_and_standards", subject="auditor-9")
    assert (await auditor.get(f"/v1/audits/{first['id']}")).status_code == 404
    path = f"/v1/audits/{draft['id']}/earlier-findings"
    (told,) = (await auditor.get(path)).json()["items"]
    expected = next(one for one in first["findings"] if one["kind"] == "area_for_improvement")
    assert (told["id"], told["title"], told["submitted_on"]) == (expected["id"], expected["title"], "2026-09-10")
    kept = await saved(auditor, draft["id"], {"findings": [STRENGTH, IMPROVEMENT | {"repeat_of": told["id"]}]})
    assert kept["findings"][1]["repeat_of"] == told["id"]
    elsewhere = await audit.client("auditor", unit="safeguarding_and_standards", subject="auditor-8")
    assert (await elsewhere.get(path)).status_code == 404
