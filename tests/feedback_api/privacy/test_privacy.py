"""How long what was said is kept, how it leaves, and what the Data Protection Officer is told of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.summary.jobs import keep_all
from shared.activity.sealer import read_head
from shared.activity.verify import verify_chain
from shared.auth.caller import system_caller
from shared.clock import FixedClock
from shared.privacy.purging import purge_all

Make = Callable[..., dict[str, Any]]
CANARY = "canary-5551212"
LATER = FixedClock(datetime(2033, 1, 3, 9, tzinfo=UTC))
CASE = {"by": "case", "reference": "CSC-2026-0118"}
NAMED_AS_A_FIELD = {"by": "case", "reference": "complaints"}


def erasure(subject: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"subject": subject, "ground": "unlawful", "request_reference": "DPO-2026-014"} | more


async def everything(service: Any) -> str:
    """All that every table holds, as text."""
    found = []
    async with service.database.snapshot() as session:
        names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        for name in (await session.execute(sa.text(names))).scalars().all():
            rows = await session.execute(sa.text(f'SELECT to_jsonb(x)::text FROM "{name}" x'))
            found += [f"{name}: {row}" for row in rows.scalars()]
            if name == "idempotency_key":
                bodies = await session.execute(sa.text("SELECT convert_from(body, 'UTF8') FROM idempotency_key"))
                found += [f"{name}: {row}" for row in bodies.scalars()]
    return "\n".join(found)


async def kinds_of(client: Any) -> dict[str, Any]:
    return {one["kind"]: one for one in (await client.get("/v1/privacy/retention")).json()["kinds"]}


async def test_a_dry_run_counts_and_a_purge_takes_what_it_counted_with_the_counts_that_were_kept(
    start: Any, a_view: Make
) -> None:
    feedback = await start("feedback", clock=LATER)
    writer, officer = await feedback.client("admin"), await feedback.client("data_protection_officer")
    old = (await writer.post("/v1/views", json=a_view(what_works=CANARY, given_on="2029-05-01"))).json()
    await writer.patch(f"/v1/views/{old['id']}", json={"given_on": "2029-06-01"}, headers={"If-Match": '"1"'})
    young = (await writer.post("/v1/views", json=a_view(given_on="2032-05-01"))).json()
    async with feedback.database.transaction() as session:
        await session.execute(sa.text("UPDATE view SET changed_at = '2032-06-01'"))
        await session.execute(sa.text("UPDATE view_history SET superseded_at = '2032-06-01'"))
    assert await keep_all(feedback.database, LATER.now()) > 0
    before = await kinds_of(officer)
    assert (before["view"]["held"], before["view"]["due"], before["view"]["next_due"]) == (2, 1, "2035-05-01")
    assert (await kinds_of(officer)) == before
    answer = await officer.post("/v1/privacy/purges", json={})
    assert answer.json() == {"records": {"view": 1}, "more": False}
    assert (await writer.get(f"/v1/views/{old['id']}")).status_code == 404
    assert (await writer.get(f"/v1/views/{young['id']}")).status_code == 200
    assert CANARY not in await everything(feedback)
    async with feedback.database.snapshot() as session:
        kept = (await session.execute(sa.text("SELECT month::text FROM kept_month WHERE kind = 'views'"))).scalars()
        assert not {"2029-05-01", "2029-06-01"} & set(kept)
    await feedback.seal()
    deed = (await officer.get("/v1/activity?subject_type=disposal")).json()["items"][0]
    assert (deed["action"], deed["data"]["records"]) == ("privacy.purged", {"view": 1})
    assert (await verify_chain(feedback.database)).faults == []


async def test_nothing_is_purged_without_a_period(start: Any, a_view: Make) -> None:
    feedback = await start("feedback", clock=LATER)
    await (await feedback.client("admin")).post("/v1/views", json=a_view(given_on="2026-05-01"))
    async with feedback.database.transaction() as session:
        await session.execute(sa.text("UPDATE framework_item SET retired = true WHERE kind = 'retention'"))
    officer = await feedback.client("data_protection_officer")
    found = await kinds_of(officer)
    assert (found["view"]["keep_years"], found["view"]["due"]) == (None, 0)
    assert (await officer.post("/v1/privacy/purges", json={})).json()["records"] == {}


async def test_a_hold_of_any_scope_stops_purge_and_erasure_until_it_is_lifted(start: Any, a_view: Make) -> None:
    feedback = await start("feedback", clock=LATER)
    writer, officer = await feedback.client("admin"), await feedback.client("data_protection_officer")
    view = (await writer.post("/v1/views", json=a_view(source_ref="CMS-3", given_on="2026-05-01"))).json()
    by_case = erasure({"by": "case", "reference": "CMS-3"})
    for scope, named in {
        "everything": {},
        "retention": {"reference": "views"},
        "record": {"kind": "view", "reference": view["id"]},
        "case": {"reference": "CMS-3"},
    }.items():
        hold = await officer.post("/v1/privacy/holds", json={"scope": scope, "reason": "Inquiry 7"} | named)
        assert hold.status_code == 201, hold.text
        assert (await kinds_of(officer))["view"]["stopped"] == 1
        assert (await officer.post("/v1/privacy/purges", json={})).json()["records"] == {}
        refused = await officer.post("/v1/privacy/erasures", json=by_case)
        assert (refused.status_code, refused.json()["held"]) == (409, {"view": 1})
        path = hold.headers["location"] + "/lift"
        assert (await officer.post(path, json={"because": "Ended"})).status_code == 428
        lifted = await officer.post(path, json={"because": "Ended"}, headers={"If-Match": hold.headers["etag"]})
        assert lifted.json()["allowed_actions"] == []
        again = await officer.post(path, json={"because": "Ended"}, headers={"If-Match": lifted.headers["etag"]})
        assert again.json()["type"].endswith("/hold-lifted")
    assert (await officer.get("/v1/privacy/holds")).json()["items"] == []
    assert len((await officer.get("/v1/privacy/holds?lifted=true")).json()["items"]) == 4
    assert (await officer.post("/v1/privacy/purges", json={})).json()["records"] == {"view": 1}


async def test_an_erased_case_is_nowhere_any_more_and_the_chain_and_its_anchor_still_hold(
    feedback: Any, a_complaint: Make, a_view: Make
) -> None:
    admin, officer = await feedback.client("admin"), await feedback.client("data_protection_officer")
    stages = [{"stage": "stage_1", "started_on": "2026-11-12"}]
    body = a_complaint(stages=stages, learning=CANARY)
    made = await admin.post("/v1/complaints", json=body, headers={"Idempotency-Key": "k-1"})
    assert made.status_code == 201, made.text
    etag = (await admin.get("/v1/complaints/CSC-2026-0118")).headers["etag"]
    frozen = await admin.patch("/v1/complaints/CSC-2026-0118", json={"improvement": CANARY}, headers={"If-Match": etag})
    assert frozen.status_code == 200, frozen.text
    await admin.post("/v1/complaints", json=a_complaint(respond_ref="CSC-2026-0200"))
    await feedback.seal()
    async with feedback.database.snapshot() as session:
        anchor = (await read_head(session)).hash.hex()
    assert "CSC-2026-0118" in await everything(feedback)
    dry = (await officer.post("/v1/privacy/erasures", json=erasure(CASE, dry_run=True))).json()
    assert (dry["records"], dry["erasure"], dry["rows"]) == ({"complaint": 1}, None, {})
    done = (await officer.post("/v1/privacy/erasures", json=erasure(CASE))).json()
    assert done["rows"]["complaint_stage"] == 1
    assert done["rows"]["complaint_history"] >= 1
    assert done["deeds_unlinked"] >= 2
    left = await everything(feedback)
    assert "CSC-2026-0118" not in left
    assert CANARY not in left
    assert "CSC-2026-0200" in left
    await feedback.seal()
    verdict = await verify_chain(feedback.database, anchor)
    assert (verdict.faults, verdict.erased) == ([], done["deeds_unlinked"])
    assert (await officer.post("/v1/privacy/erasures", json=erasure(CASE))).json()["records"] == {}
    (told,) = (await officer.get("/v1/privacy/disposals")).json()["items"]
    assert (told["id"], told["request_reference"], told["records"]) == (
        done["erasure"],
        "DPO-2026-014",
        {"complaint": 1},
    )


@pytest.mark.parametrize("by", ["case", "record"])
async def test_a_kept_answer_that_speaks_of_many_cases_stays_without_the_one_that_was_erased(
    feedback: Any, a_complaint: Make, by: str
) -> None:
    client, officer = await feedback.client("admin"), await feedback.client("data_protection_officer")
    assert (await client.post("/v1/complaints", json=a_complaint())).status_code == 201
    listed = {"from": "2026-11-01", "to": "2026-11-30", "complaints": ["CSC-2026-0200"], "compliments": []}
    sent = {"json": listed, "headers": {"Idempotency-Key": "compared"}}
    first = (await client.post("/v1/reconciliation", **sent)).json()["complaints"]
    assert (first["missing_here"], first["missing_in_source"]) == (["CSC-2026-0200"], ["CSC-2026-0118"])
    month = "/v1/reconciliation/months/2026-11/manifests"
    manifest = {"counts": {"complaints": 0, "compliments": 0}, "complaints": [], "compliments": []}
    compared = await client.post(month, json=manifest, headers={"Idempotency-Key": "month"})
    assert compared.status_code == 201, compared.text
    subject = CASE
    if by == "record":
        async with feedback.database.snapshot() as session:
            identity = (await session.execute(sa.text("SELECT CAST(id AS text) FROM complaint"))).scalar_one()
        subject = {"by": "record", "kind": "complaint", "reference": identity}
    for one, erased in (
        (subject, True),
        ({"by": "case", "reference": "CSC-2026-0200"}, True),
        (NAMED_AS_A_FIELD, False),
    ):
        done = await officer.post("/v1/privacy/erasures", json=erasure(one))
        assert (done.status_code, done.json()["erasure"] is not None) == (200, erased), done.text
    left = await everything(feedback)
    assert "CSC-2026-0118" not in left
    assert "CSC-2026-0200" not in left
    again = await client.post("/v1/reconciliation", **sent)
    assert again.headers["idempotency-replayed"] == "true"
    told = again.json()["complaints"]
    assert (told["missing_here"], told["missing_in_source"]) == (["erased"], ["erased"])


async def test_what_an_erasure_left_of_the_log_cannot_be_changed_unseen(feedback: Any, a_complaint: Make) -> None:
    admin, officer = await feedback.client("admin"), await feedback.client("data_protection_officer")
    for number in range(3):
        await admin.post("/v1/complaints", json=a_complaint(respond_ref=f"CSC-2026-030{number}"))
    await feedback.seal()
    subject = {"by": "case", "reference": "CSC-2026-0301"}
    assert (await officer.post("/v1/privacy/erasures", json=erasure(subject))).json()["deeds_unlinked"] == 1
    await feedback.seal()
    tampers = (
        "UPDATE activity SET actor = 'x' WHERE subject_id = 'erased'",
        "UPDATE activity_erased SET rest = rest || 'x'",
        "DELETE FROM activity_erased",
        "UPDATE activity_seal SET hash = 'x' WHERE activity_id IN (SELECT activity_id FROM activity_erased)",
        "INSERT INTO activity_erased SELECT id, (SELECT id FROM disposal), 'x' FROM activity"
        " WHERE subject_id = 'CSC-2026-0300'",
        "UPDATE activity SET reason = NULL, data = '{\"gone\": 1}' WHERE subject_id = 'CSC-2026-0300'",
    )
    for tamper in tampers:
        connection = await feedback.database.engine.connect()
        try:
            await connection.execute(sa.text("SET session_replication_role = replica"))
            await connection.commit()
            saved = [
                (name, (await connection.execute(sa.text(f"SELECT * FROM {name}"))).mappings().all())
                for name in ("activity", "activity_seal", "activity_erased")
            ]
            await connection.execute(sa.text(tamper))
            await connection.commit()
            assert (await verify_chain(feedback.database)).faults != [], tamper
            for name, _ in reversed(saved):
                await connection.execute(sa.text(f"DELETE FROM {name}"))
            tables = feedback.app.state.holdings.metadata.tables
            for name, rows in saved:
                if rows:
                    await connection.execute(sa.insert(tables[name]), [dict(row) for row in rows])
            await connection.commit()
        finally:
            await connection.execute(sa.text("SET session_replication_role = DEFAULT"))
            await connection.commit()
            await connection.close()
        assert (await verify_chain(feedback.database)).faults == []


FORGED = "INSERT INTO disposal (id, why, done_by, xact) VALUES (gen_random_uuid(), 'retention', 'x', '1')"
FORBIDDEN = (
    ["DELETE FROM activity"],
    ["DELETE FROM activity_seal"],
    ["UPDATE activity SET reason = NULL, salt = NULL, data = '{}', subject_id = 'erased'"],
    [FORGED, "DELETE FROM activity_seal"],
    ["DELETE FROM disposal"],
    ["UPDATE activity_erased SET rest = ''"],
    ["TRUNCATE disposal CASCADE"],
)


async def test_without_a_disposal_of_the_same_transaction_nothing_leaves_the_log(feedback: Any, a_view: Make) -> None:
    admin, officer = await feedback.client("admin"), await feedback.client("data_protection_officer")
    view = (await admin.post("/v1/views", json=a_view())).json()
    await admin.post("/v1/views", json=a_view())
    await feedback.seal()
    gone = {"by": "record", "kind": "view", "reference": view["id"]}
    assert (await officer.post("/v1/privacy/erasures", json=erasure(gone))).json()["records"] == {"view": 1}
    for statements in FORBIDDEN:
        with pytest.raises(sa.exc.DBAPIError, match=r"append-only|never changed"):
            async with feedback.database.transaction() as session:
                for one in statements:
                    await session.execute(sa.text(one))


async def test_the_old_end_of_the_log_leaves_and_the_rest_still_verifies(start: Any, a_view: Make) -> None:
    clock = FixedClock(datetime(2038, 1, 3, 9, tzinfo=UTC))
    feedback = await start("feedback", clock=clock)
    admin = await feedback.client("admin")
    for _ in range(4):
        await admin.post("/v1/views", json=a_view(given_on="2037-05-01"))
    await feedback.seal()
    count = (await verify_chain(feedback.database)).sealed
    holdings = feedback.app.state.holdings
    counts = await purge_all(feedback.database, holdings, system_caller("retention"), clock.today())
    assert counts == {}, "all the log is old, but what follows it would have nothing to go on from"
    await feedback.seal()
    async with feedback.database.transaction() as session:
        await session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        ordered = "SELECT activity_id FROM activity_seal ORDER BY position DESC LIMIT 1"
        await session.execute(sa.text(f"UPDATE activity SET at = '2037-12-01' WHERE id = ({ordered})"))
    # The last deed was dated anew by hand, which is found; the cut is made all the same.
    assert (await verify_chain(feedback.database)).faults == [f"position {count}: the row or its seal was changed"]
    counts = await purge_all(feedback.database, holdings, system_caller("retention"), clock.today())
    assert counts == {"activity": count - 1}
    await feedback.seal()
    verdict = await verify_chain(feedback.database)
    assert (verdict.sealed, verdict.faults) == (2, [f"position {count}: the row or its seal was changed"])


async def test_everything_held_of_a_case_is_told_and_that_it_was_asked_is_logged_without_its_name(
    feedback: Any, a_complaint: Make
) -> None:
    admin, officer = await feedback.client("admin"), await feedback.client("data_protection_officer")
    stages = [{"stage": "stage_1", "started_on": "2026-11-12"}]
    await admin.post("/v1/complaints", json=a_complaint(stages=stages))
    await admin.get("/v1/complaints/CSC-2026-0118")
    found = (await officer.post("/v1/privacy/subject-access", json={"subject": CASE})).json()
    tables = {one["table"]: one for one in found["held"]}
    assert tables["complaint"]["rows"][0]["respond_ref"] == "CSC-2026-0118"
    assert tables["complaint"]["left_out"] == ["source_hash"]
    assert tables["complaint_stage"]["rows"][0]["stage"] == "stage_1"
    assert [deed["action"] for deed in found["deeds"]] == ["complaint.recorded"]
    assert [one["operation"] for one in found["readings"]] == ["get_complaint"]
    only = {"subject": CASE, "tables": ["complaint_stage"]}
    assert len((await officer.post("/v1/privacy/subject-access", json=only)).json()["held"]) == 1
    person = {"subject": {"by": "person", "reference": "test-admin"}}
    staff = (await officer.post("/v1/privacy/subject-access", json=person)).json()
    assert "complaint" in {one["table"] for one in staff["held"]}
    assert {deed["actor"] for deed in staff["deeds"]} == {"test-admin"}
    readings = (await officer.get("/v1/privacy/readings?subject_type=complaint&subject_id=CSC-2026-0118")).json()
    assert [one["actor"] for one in readings["items"]] == ["test-admin"]
    mine = (await officer.get("/v1/privacy/readings?actor=test-data_protection_officer&limit=2")).json()
    assert [one["operation"] for one in mine["items"]] == ["list_readings", "find_subject"]
    rest = (await officer.get(f"/v1/privacy/readings?limit=2&after={mine['next']}")).json() if mine["next"] else mine
    assert rest["items"]


async def test_personal_data_is_answered_for_by_the_whole_council_alone(any_service: Any) -> None:
    local = await any_service.client("data_protection_officer", unit="family_support")
    subject = {"by": "record", "kind": "reading", "reference": "x"}
    for answer in (
        await local.get("/v1/privacy/retention"),
        await local.get("/v1/privacy/holds"),
        await local.get("/v1/privacy/readings"),
        await local.get("/v1/privacy/disposals"),
        await local.post("/v1/privacy/subject-access", json={"subject": subject}),
        await local.post("/v1/privacy/erasures", json=erasure(subject)),
        await local.post("/v1/privacy/purges", json={}),
        await local.post("/v1/privacy/holds", json={"scope": "everything", "reason": "x"}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/whole-council-only")
    officer = await any_service.client("data_protection_officer")
    assert (await officer.get("/v1/privacy/retention")).status_code == 200
    assert (await officer.post("/v1/privacy/purges", json={})).json()["records"] == {}
    wrong = erasure({"by": "record", "kind": "nonsense", "reference": "x"})
    assert (await officer.post("/v1/privacy/erasures", json=wrong)).json()["errors"][0]["pointer"] == "/subject/kind"
    staff = erasure({"by": "person", "reference": "x"})
    assert (await officer.post("/v1/privacy/erasures", json=staff)).status_code == 422
