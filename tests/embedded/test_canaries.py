"""What is written of a person comes out where it was meant to be read, and nowhere else.

A word of its own stands in every field of every body; logs, metrics, problems, activity, exports, webhooks and every
form of reports are then searched for them. A word that comes out somewhere new fails here until it is allowed below.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.doctor import _collect
from services.operations import _verify
from services.reporting_api.deliveries.queue import deliveries, hand_out
from shared.activity.sealer import seal_all
from shared.auth.local_issuer import LocalIssuer
from shared.settings import SERVICES
from tests.documents import document_of
from tests.doses import dose, tell
from tests.embedded.canaries import Planted, Planter, canaries_in, plant_everywhere, words_of
from tests.embedded.made_run import load_into
from tests.embedded.published_canaries import Publisher
from tests.embedded.test_every_text import FIRST
from tests.embedded.test_request_examples import BEFORE, operations

# References that the council itself gives, and the seeds of draws; of who did something the feed tells anyway.
IN_THE_ACTIVITY = {
    "draw_cases /seed", "draw_moderation_sample /seed", "reallocate_audit /auditor", "appoint_person /person",
    "move_complaint /decided_by", "recategorise_as_complaint /respond_ref", "record_complaint /respond_ref",
    "record_compliment /respond_ref",
}  # fmt: skip
# Labels of figures and the loads they came from.
IN_EXPORTS = {
    f"{name}{field}"
    for name in ("import_observations /items/0", "record_observation ")
    for field in ("/breakdown", "/source_ref")
}
# What is written for a board to read.
IN_REPORTS = {
    "answer_exception /explanation", "name_focus /items/0/why", "supersede_report /reason",
    "record_decision /decided", "update_decision /words", "minute_decision /words", "add_provider_note /words",
    "change_concern /support/0/what", "open_concern /support/0/what",
}  # fmt: skip
# What is written into a report itself, or sent for it, is for all who read it,
WRITTEN_IN_REPORTS = {
    "edit_report /doing_the_right_things", "edit_report /making_a_difference", "edit_report /headlines/0",
    "edit_report /sections/0/narrative", "edit_report /sections/0/exempt_reason",
    "submit_contribution /parts/0/figures/0/label", "submit_contribution /parts/0/text",
    "submit_contribution /parts/1/nothing_to_report",
}  # fmt: skip
# but for an exempt part and what those who sign remark.
KEPT_FROM_THE_PUBLIC = {"edit_report exempt narrative", "sign_report /comment"}
# What a board's member reads of how boards work: where they meet, who signs for whom, what was sent to the ministry.
FOR_BOARDS = {
    "add_meeting /place", "arrange_meeting /place", "move_meeting /reason", "add_delegation /delegate",
    "change_return /file/name", "prepare_return /file/name",
}  # fmt: skip
# Operations whose answers are figures: no word of anybody comes out of them, whoever asks.
OF_FIGURES = {
    "get_analysis", "get_coverage", "list_coverage", "get_loop_closure", "get_moderation_agreement",
    "count_overdue", "get_overdue_by_body", "get_checkpoint_summary", "get_training_coverage",
    "get_feedback_summary", "get_theme_analysis", "get_theme_accuracy", "get_remedy_compliance",
    "count_safeguarding_flags", "get_survey_indicators", "get_strategy_overview", "read_series", "list_series",
    "list_positions", "read_quality_summary", "count_registration_figures", "summarise_registrations",
    "get_register_overview", "list_standing", "get_compliance", "get_compliance_trend", "get_triangulation",
    "list_triangulated_themes", "get_odata_entities", "read_extract", "export_table",
}  # fmt: skip
FORMS = ("", "/html", "/xlsx", "/csv", "/pdf")
REPORTS = ["provider_information_half_termly", "ofsted_grades_quarterly", "complaints_quarterly"]
MORE_REPORTS = [
    *REPORTS, "csdg_monthly", "csdg_performance_quarterly", "audit_findings_quarterly", "agency_reports_quarterly",
    "children_in_care_monthly", "csoc_safeguarding", "cypp_and_corporate_plan_quarterly", "dscb_compliance_quarterly",
    "ics_monthly", "schools_causing_concern_half_termly", "sen_standards_audit_annual", "specialist_teaching_quarterly",
]  # fmt: skip
ROLES = ["practitioner", "team_manager", "auditor", "analyst", "ingest_client", "agency_contributor", "duty_officer"]


@dataclass
class World:
    """All four services after every field was written in."""

    embedded: Any
    issuer: LocalIssuer
    admin: httpx.AsyncClient
    planted: Planted
    log: str

    def fields(self, told: str | Iterable[str]) -> set[str]:
        """The fields whose words stand in what was told."""
        text = told if isinstance(told, str) else "\n".join(told)
        return {self.planted.taken.get(word, f"refused: {word}") for word in canaries_in(text)}


@pytest.fixture
async def world(
    embedded: Any, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> World:
    for name, steps in FIRST.items():
        monkeypatch.setitem(BEFORE, name, steps)
    admin = await embedded("admin")
    hook = {"name": "Everything", "url": "https://receiver.example/hook"}
    assert (await admin.post("/reporting/v1/webhooks", json=hook)).status_code == 201
    await load_into(embedded.root, issuer)
    planted = await plant_everywhere(admin)
    for app in embedded.root.state.apps.values():
        await seal_all(app.state.database)
    return World(embedded, issuer, admin, planted, capsys.readouterr().out)


async def test_words_about_people_come_out_only_where_they_are_meant_to_be_read(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = world.planted
    assert len(planted.fields) > 180
    assert planted.fields >= {"record_view /what_works", "submit_view /what_works", "add_audit /case_reference"}
    assert world.log.count('"event": "request"') > 500
    assert world.fields(world.log) == set(), "in the logs"
    assert world.fields(words_of(answer) for answer in planted.problems) == set(), "in problem documents"
    assert {answer.headers["content-type"] for answer in planted.problems} == {"application/problem+json"}
    metrics = [(await world.admin.get(f"/{service}/metrics")).text for service in SERVICES]
    assert all("qapf_http_requests_total" in one for one in metrics)
    assert world.fields(metrics) == set(), "in the metrics"
    feed = [one for service in SERVICES for one in await activity(world.admin, service)]
    assert world.fields(feed) <= IN_THE_ACTIVITY, "in the activity"
    assert world.fields(await messages(world)) == set(), "in webhooks"
    assert world.fields(await what_the_tools_print(world, capsys)) == set(), "by verify and doctor"
    exported = await world.admin.get("/indicator/v1/exports/figures.csv")
    assert world.fields(words_of(exported)) <= IN_EXPORTS, "in exports"
    forms = [one for report in dose(REPORTS, MORE_REPORTS) for one in await report_forms(world.admin, report)]
    assert world.fields(forms) <= IN_REPORTS, "in reports"
    assert world.fields(forms) >= {"add_provider_note /words", "record_decision /decided"}
    await everything_a_role_may_read(world)
    copies = await published_copies(world)
    tell(
        canaries=len(planted.tried),
        stored=len(planted.fields),
        problems=len(planted.problems),
        forms=len(forms) + copies,
    )


async def activity(client: httpx.AsyncClient, service: str) -> list[str]:
    pages, after = [], "0"
    while after is not None:
        answer = await client.get(f"/{service}/v1/activity?after={after}&limit=500")
        assert answer.status_code == 200
        pages.append(answer.text)
        after = answer.json()["next"]
    return pages


async def what_the_tools_print(world: World, capsys: pytest.CaptureFixture[str]) -> str:
    """Of databases with something to tell: a deed that was tampered with, and evidence that leads nowhere."""
    database = world.embedded.root.state.apps["audit"].state.database
    async with database.transaction() as session:
        await session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        await session.execute(sa.text("UPDATE activity SET actor = 'x' WHERE id IN (SELECT id FROM activity LIMIT 1)"))
        lost = "UPDATE action_evidence SET kind = 'indicator', ref = 'Zq00000canary' WHERE ctid IN"
        await session.execute(sa.text(f"{lost} (SELECT ctid FROM action_evidence LIMIT 1)"))
    settings = world.embedded.root.state.apps["audit"].state.settings
    assert await _verify(settings, SERVICES, None) is False
    printed = "\n".join([capsys.readouterr().out, *map(str, await _collect(settings))])
    assert "NOT WHOLE" in printed
    assert "1 lead nowhere: " in printed
    return printed


async def messages(world: World) -> list[str]:
    """The bodies that would be sent to a receiver of every event."""
    database = world.embedded.root.state.apps["reporting"].state.database
    await hand_out(database, datetime.now(UTC))
    async with database.snapshot() as session:
        bodies = list((await session.execute(sa.select(deliveries.c.body))).scalars())
    assert len(bodies) >= 2
    return bodies


async def report_forms(client: httpx.AsyncClient, report: str) -> list[str]:
    """Every form of a new draft of a report on a period that is over."""
    occurrences = (await client.get(f"/reporting/v1/occurrences?report={report}&limit=50")).json()["items"]
    ended = [one for one in occurrences if one["period"]["end"] < "2026-11-23"]
    made = await client.post(f"/reporting/v1/occurrences/{ended[-1]['id']}/assemblies")
    assert made.is_success, made.text
    answers = [await client.get(f"/reporting/v1/reports/{made.json()['id']}{form}") for form in FORMS]
    assert {answer.status_code for answer in answers} == {200}
    return [words_of(answer) for answer in answers]


async def published_copies(world: World) -> int:
    """What a board's member and the public read of reports that were written, contributed to, signed and published."""
    publisher = Publisher(world.embedded, world.issuer, world.admin, world.planted)
    await publisher.contribute("agency_reports_quarterly", "FY2026-27-Q3")
    world.embedded.root.state.apps["reporting"].state.clock.advance(timedelta(days=60))
    await publisher.publish("agency_reports_quarterly", "FY2026-27-Q3")
    await publisher.publish("csoc_safeguarding", "FY2026-27-Q3")
    protected, public = world.fields(publisher.copies["protected"]), world.fields(publisher.copies["public"])
    assert protected <= IN_REPORTS | WRITTEN_IN_REPORTS | KEPT_FROM_THE_PUBLIC, "in protected copies"
    assert protected >= KEPT_FROM_THE_PUBLIC, "a member reads what the public does not"
    assert public <= IN_REPORTS | WRITTEN_IN_REPORTS, "in public copies"
    assert public >= {"edit_report /sections/0/exempt_reason", "edit_report /doing_the_right_things"}
    return sum(map(len, publisher.copies.values()))


async def everything_a_role_may_read(world: World) -> None:
    """Every operation that reads, as a reader of boards' papers, and figures as everybody."""
    documents = {service: document_of(service) for service in SERVICES}
    asked = 0
    for role in (None, "board_reader", "admin", *dose([], ROLES)):
        client = await world.embedded(role)
        for service in SERVICES:
            known = {one.name: one for one in operations(documents[service], f"/{service}")}
            caller = Planter(client, known, world.planted)
            for one in known.values():
                if one.method != "GET" or (role not in (None, "board_reader") and one.name not in OF_FIGURES):
                    continue
                caller.kept = dict(world.planted.kept)
                try:
                    answer = await caller.send(one.name, None, {})
                except KeyError:  # no example of its own and nothing kept to ask for
                    continue
                asked += 1
                allowed = FOR_BOARDS if role == "board_reader" and service == "reporting" else set()
                assert world.fields(words_of(answer)) <= allowed, (role, one.name)
    tell(read=asked)
