"""The register of staff checks over HTTP: invented staff, real rules."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from shared.tables import activity, read_log
from tests.conftest import Running

IMPORTS = "/v1/registrations/imports"


def item(number: int, family: str = "social_worker", kind: str = "dbs_enhanced", **more: Any) -> dict[str, Any]:
    """A check of an invented member of staff."""
    found = {"staff_ref": f"SYN-{number:04}", "unit": "fs_weymouth", "role_family": family, "kind": kind}
    return found | {"valid_from": "2024-06-01"} | more


def registered(number: int, body: str = "social_work_england", **more: Any) -> dict[str, Any]:
    return item(number, kind="professional_registration", body=body, **{"expires_on": "2026-11-30"} | more)


STAFF = [
    # Two social workers in Weymouth: one in order, one with a lapsed check.
    item(1), registered(1), item(2, next_check_due="2026-11-22"), registered(2),
    # One in Portland, registered with the body of the past.
    item(3, unit="fs_portland", next_check_due="2027-01-10"), registered(3, "hcpc", unit="fs_portland"),
    # Three specialist teachers: enhanced, basic only, none seen.
    item(4, "specialist_teacher", unit="hearing_support"),
    item(5, "specialist_teacher", "dbs_basic", unit="vision_support"),
    item(6, "specialist_teacher", unit="vision_support", valid_from=None),
    # A leaver and somebody who has not begun.
    item(7, left_on="2026-10-31"), item(8, joined_on="2026-12-01"),
]  # fmt: skip


async def send(client: httpx.AsyncClient, items: list[Any], **query: Any) -> httpx.Response:
    return await client.post(IMPORTS, json={"items": items}, params=query)


def counts(report: dict[str, Any]) -> tuple[int, ...]:
    return tuple(report[name] for name in ("created", "changed", "unchanged", "rejected"))


@pytest.fixture
async def register(indicator: Running) -> Running:
    answer = await send(await indicator.client("ingest_client"), STAFF)
    assert answer.status_code == 200, answer.text
    assert counts(answer.json()) == (len(STAFF), 0, 0, 0)
    return indicator


async def summary(running: Running, role: str = "practitioner", unit: str | None = None, **query: Any) -> Any:
    client = await running.client(role, unit)
    answer = await client.get("/v1/registrations/summary", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_R45_the_summary_says_what_is_valid_lapsed_and_missing_and_what_lapses_soon(register: Running) -> None:
    found = await summary(register)
    assert (found["on"], found["staff"]) == ("2026-11-23", 6)
    total = found["total"]
    assert (total["required"], total["valid"], total["lapsed"], total["missing"]) == (9, 5, 1, 3)
    assert total["valid_percentage"] == pytest.approx(55.5556)
    assert (total["expiring_30"], total["expiring_60"], total["expiring_90"]) == (2, 3, 3)
    by_kind = {one["kind"]: (one["required"], one["valid"]) for one in found["by_kind"]}
    assert by_kind == {"dbs_enhanced": (6, 3), "professional_registration": (3, 2)}
    (body,) = found["by_body"]
    assert (body["body"], body["name"]) == ("social_work_england", "Social Work England")
    assert (body["required"], body["missing"]) == (3, 1)


async def test_R45_specialist_teachers_without_an_enhanced_check_are_counted(register: Running) -> None:
    found = await summary(register)
    (teachers,) = [one for one in found["by_role_family"] if one["role_family"] == "specialist_teacher"]
    assert (teachers["kind"], teachers["required"], teachers["valid"], teachers["without"]) == ("dbs_enhanced", 3, 1, 2)


async def test_R45_a_unit_counts_with_those_below_it_and_the_parts_add_up(register: Running) -> None:
    found = await summary(register)
    units = {one["unit"]: one for one in found["by_unit"]}
    assert [one["unit"] for one in found["by_unit"]][:2] == ["dorset_council", "childrens_services"]
    assert units["dorset_council"]["required"] == found["total"]["required"]
    for name in ("required", "valid", "lapsed", "missing", "expiring_30", "expiring_90"):
        assert units["family_support"][name] == units["fs_weymouth"][name] + units["fs_portland"][name]
        assert units["specialist_teaching"][name] == units["hearing_support"][name] + units["vision_support"][name]
    narrowed = await summary(register, unit=None, kind="dbs_enhanced")
    assert narrowed["total"]["required"] == 6
    below = (await (await register.client()).get("/v1/registrations/summary?unit=family_support")).json()
    assert [one["unit"] for one in below["by_unit"]] == ["family_support", "fs_portland", "fs_weymouth"]


async def test_R45_a_past_day_is_answered_with_who_was_in_post_and_what_they_held(register: Running) -> None:
    client = await register.client("ingest_client")
    assert (await summary(register, on="2026-10-31"))["staff"] == 7
    before = await summary(register, on="2026-11-22")
    assert (before["total"]["lapsed"], before["total"]["valid"]) == (0, 6)
    # A renewal leaves the past as it was; a correction mends it.
    renewed = item(2, valid_from="2026-11-23", next_check_due="2029-11-22")
    assert counts((await send(client, [renewed])).json()) == (0, 1, 0, 0)
    assert (await summary(register, on="2026-11-22"))["total"] == before["total"]
    assert (await summary(register))["total"]["lapsed"] == 0
    corrected = item(3, unit="fs_portland", valid_from="2026-11-23", next_check_due="2027-01-10")
    assert counts((await send(client, [corrected])).json()) == (0, 1, 0, 0)
    again = item(3, unit="fs_portland", valid_from="2023-11-01", next_check_due="2025-01-10")
    assert counts((await send(client, [again])).json()) == (0, 1, 0, 0)
    assert (await summary(register, on="2026-11-22"))["total"]["lapsed"] == 1


async def test_a_batch_sent_again_changes_nothing_and_says_so(register: Running) -> None:
    client = await register.client("ingest_client")
    report = (await send(client, STAFF)).json()
    assert counts(report) == (0, 0, len(STAFF), 0)
    assert report["replayed"] is True
    seen = await (await register.client("analyst")).get("/v1/registrations/SYN-0001")
    assert [record["revision"] for record in seen.json()["records"]] == [1, 1]


async def test_a_correction_keeps_what_stood_before_and_a_move_holds_for_all_checks_of_a_person(
    register: Running,
) -> None:
    client = await register.client("ingest_client", subject="hr-feed")
    assert counts((await send(client, [item(1, unit="fs_portland", valid_from="2024-06-02")])).json()) == (0, 1, 0, 0)
    person = (await (await register.client("analyst")).get("/v1/registrations/SYN-0001")).json()
    assert person["unit"] == "fs_portland"
    standing = [record for record in person["records"] if record["superseded_at"] is None]
    assert {(record["kind"], record["unit"], record["revision"]) for record in standing} == {
        ("dbs_enhanced", "fs_portland", 2),
        ("professional_registration", "fs_portland", 2),
    }
    past = [record for record in person["records"] if record["superseded_at"] is not None]
    assert {(record["unit"], record["valid_from"], record["superseded_by"]) for record in past} == {
        ("fs_weymouth", "2024-06-01", "hr-feed")
    }
    async with register.database.snapshot() as session:
        deeds = (await session.execute(sa.select(activity.c.action, activity.c.data))).all()
    assert [deed.data["changed"] for deed in deeds if deed.action == "registrations.imported"] == [0, 1]


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    (item(1, unit="fs_weymuoth"), "/items/1/unit", "unknown_unit"),
    (item(1, "wizard"), "/items/1/role_family", "unknown_code"),
    (registered(1, "guild"), "/items/1/body", "unknown_code"),
    (item(1, kind="dbs_super"), "/items/1/kind", ""),
    (item(1, body="hcpc"), "/items/1", ""),
    (item(1, expires_on="2020-01-01"), "/items/1", ""),
    (item(1, staff_ref="Mary Example"), "/items/1/staff_ref", ""),
    (item(1, staff_ref="maryexample"), "/items/1/staff_ref", ""),
    (item(1, staff_ref="QQ123456C"), "/items/1/staff_ref", ""),
    (item(1, name="Mary Example"), "/items/1", ""),
    (item(9), "/items/1", "duplicate"),
    (registered(9, unit="fs_portland"), "/items/1", "contradicts_row"),
]


@pytest.mark.parametrize(("bad", "pointer", "code"), FAULTS)
async def test_a_bad_row_is_named_and_never_repeated(
    indicator: Running, bad: dict[str, Any], pointer: str, code: str
) -> None:
    client = await indicator.client("ingest_client")
    answer = await send(client, [item(9), bad])
    assert answer.status_code == 422
    (fault, *_) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert fault["row"] == 2
    assert code in ("", fault["code"])
    assert not any(word in answer.text for word in ("Mary", "maryexample", "QQ123456C", "wizard", "guild", "weymuoth"))
    report = (await send(client, [item(9), bad], mode="partial", dry_run="true")).json()
    assert (report["id"], counts(report)) == (None, (1, 0, 0, 1))
    assert (await summary(indicator))["staff"] == 0
    assert counts((await send(client, [item(9), bad], mode="partial")).json()) == (1, 0, 0, 1)
    assert (await summary(indicator))["staff"] == 1


async def people(running: Running, role: str = "analyst", unit: str | None = None, **query: Any) -> Any:
    answer = await (await running.client(role, unit)).get("/v1/registrations", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_R45_who_must_renew_within_30_days_is_listed_person_by_person(register: Running) -> None:
    found = await people(register, expiring_within=30)
    assert [(one["staff_ref"], one["kind"], one["days_left"]) for one in found["items"]] == [
        ("SYN-0001", "professional_registration", 7),
        ("SYN-0002", "professional_registration", 7),
    ]
    missing = await people(register, state="missing")
    assert [(one["staff_ref"], one["kind"], one["body"]) for one in missing["items"]] == [
        ("SYN-0003", "professional_registration", "social_work_england"),
        ("SYN-0005", "dbs_enhanced", None),
        ("SYN-0006", "dbs_enhanced", None),
    ]
    first = await people(register, limit=4)
    rest = await people(register, limit=500, after=first["next"])
    every = await people(register, limit=500)
    assert first["items"] + rest["items"] == every["items"]
    assert (len(every["items"]), rest["next"]) == (9, None)


async def test_persons_are_for_those_with_the_scope_within_their_unit_and_each_reading_is_logged(
    register: Running,
) -> None:
    practitioner = await register.client("practitioner")
    assert (await practitioner.get("/v1/registrations")).status_code == 403
    assert (await practitioner.get("/v1/registrations/SYN-0001")).status_code == 403
    own = await people(register, "team_manager", "fs_portland")
    assert {one["staff_ref"] for one in own["items"]} == {"SYN-0003"}
    manager = await register.client("team_manager", "fs_portland")
    assert (await manager.get("/v1/registrations/SYN-0001")).status_code == 404
    assert (await manager.get("/v1/registrations?unit=fs_weymouth")).status_code == 404
    assert (await manager.get("/v1/registrations/SYN-0003")).status_code == 200
    seen = await summary(register, "practitioner", "fs_portland")
    assert [one["unit"] for one in seen["by_unit"]] == ["fs_portland"]
    async with register.database.snapshot() as session:
        rows = (await session.execute(sa.select(read_log.c.operation, read_log.c.subject_id))).all()
    assert sorted((row.operation, row.subject_id) for row in rows) == [
        ("get_staff_registrations", "SYN-0003"),
        ("list_registrations", "fs_portland"),
    ]


async def test_a_unit_may_not_change_what_is_another_units(register: Running) -> None:
    client = await register.client("ingest_client", "fs_portland")
    answer = await send(client, [item(1, unit="fs_portland")])
    assert [fault["code"] for fault in answer.json()["errors"]] == ["in_use"]
    answer = await send(client, [item(11, unit="fs_weymouth")])
    assert [fault["code"] for fault in answer.json()["errors"]] == ["unknown_unit"]
    assert counts((await send(client, [item(11, unit="fs_portland")])).json()) == (1, 0, 0, 0)


async def test_R45_the_register_answers_its_indicators_with_figures_that_can_be_imported(register: Running) -> None:
    client = await register.client("ingest_client")
    figures = (await client.get("/v1/registrations/figures?period=2026-10")).json()
    report = (await client.post("/v1/observations/imports", json=figures)).json()
    assert (report["rejected"], report["warnings"]) == (0, [])
    assert report["created"] == len(figures["items"]) > 0
    analyst = await register.client("analyst")

    async def point(code: str, area: str, breakdown: str = "") -> Any:
        query = {"area": area, "breakdown": breakdown}
        found = (await analyst.get(f"/v1/indicators/{code}/series", params=query)).json()
        return found["areas"][0]["points"][0]

    whole = await point("dbs_checks_valid", "E06000059")
    assert (whole["period"], whole["numerator"], whole["denominator"]) == ("2026-10", 5, 7)
    assert (await point("dbs_checks_valid", "family_support"))["display"] == "100.0%"
    teachers = await point("specialist_teachers_enhanced_dbs", "specialist_teaching")
    assert (teachers["numerator"], teachers["denominator"]) == (1, 3)
    body = await point("professional_registration_valid", "E06000059", "registration_body=social_work_england")
    assert (body["numerator"], body["denominator"]) == (2, 4)
    assert (await point("professional_registrations_expiring", "E06000059", "expires_within=days_30"))["value"] == 2
    kept = (await analyst.get("/v1/observations?indicator=dbs_checks_valid&area=E06000059")).json()["items"]
    assert kept[0]["source_ref"] == "Register of staff checks at 2026-10-31"
    assert (await client.get("/v1/registrations/figures?period=2026-11")).status_code == 422
    assert (await client.get("/v1/registrations/figures?period=RY2025")).status_code == 422


async def test_two_imports_of_the_same_people_at_once_store_each_once(indicator: Running) -> None:
    import asyncio

    client = await indicator.client("ingest_client")
    answers = await asyncio.gather(*(send(client, STAFF) for _ in range(4)))
    assert sorted(counts(answer.json()) for answer in answers) == [(0, 0, 11, 0)] * 3 + [(11, 0, 0, 0)]
