"""Neighbours that fail: a section is unavailable or stale with its reason, and the report still stands."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path

import pytest

from services.reporting_api.assembly.audit_answers import LoopClosure
from services.reporting_api.neighbours import open_neighbours
from shared.clients.answers import NeighbourUnavailable
from shared.clients.exchange import parse
from shared.clients.neighbour import Neighbour
from shared.clients.side_by_side import Neighbours
from shared.schemas.base import OutModel
from tests.conftest import Running
from tests.reporting_api.conftest import Desk, section
from tests.reporting_api.fake_evidence import a_summary, an_analysis
from tests.reporting_api.fake_neighbours import FakeNeighbours, Mode
from tests.shared.certificates import Authority
from tests.shared.little_server import hang, listening


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("error", "http_500"), ("slow", "timeout"), ("nonsense", "not_json"), ("wrong_schema", "wrong_schema"),
        ("forbidden", "forbidden"),
    ],
)  # fmt: skip
async def test_a_neighbour_that_fails_costs_its_sections_only_and_is_never_a_nought(
    reporting: Running, mode: Mode, reason: str
) -> None:
    neighbours = FakeNeighbours()
    await neighbours.attach(reporting.app, reporting.stack, deadline=0.4)
    desk = Desk(reporting, neighbours)
    neighbours.audit.mode = mode
    report = await desk.document((await desk.draft())["id"])
    lost = section(report, "audit_round")
    assert (lost["availability"], lost["unavailable_reason"]) == ("unavailable", reason)
    assert (lost["items"], lost["summary"], lost["figures"], lost["headline"]) == ([], [], [], None)
    assert lost["sources"][0]["reason"] == reason
    assert any(text.startswith("Monthly case audit: ") for text in report["missing"])
    assert section(report, "feedback")["availability"] == "available"
    assert section(report, "exceptions")["availability"] == "available"


@pytest.mark.parametrize(("fault", "reason"), [("expired", "tls"), ("handshake hangs", "timeout")])
async def test_a_fault_of_tls_costs_its_sections_only_and_whoever_reads_meanwhile_does_not_wait(
    desk: Desk, tmp_path: Path, fault: str, reason: str
) -> None:
    authority = Authority(tmp_path)
    tls = authority.server(from_day=-3, to_day=-1) if fault == "expired" else None
    others = [one for name, one in desk.reporting.app.state.neighbours.items() if name != "audit"]
    client, occurrence = await desk.client("analyst"), await desk.occurrence()
    async with listening(hang, tls) as url:
        address = url.replace("http:", "https:")
        audit = Neighbour("audit", base_url=address, token=_token, deadline=2.0, tls=authority.trusted())
        desk.reporting.app.state.neighbours = Neighbours(audit, *others)
        drafting, read = asyncio.create_task(desk.draft()), 0
        while not drafting.done():
            assert (await client.get(f"/v1/occurrences/{occurrence['id']}")).status_code == 200
            read += not drafting.done()
            await asyncio.sleep(0.02)
        assert read or fault == "expired", "somebody read while the handshake hung"
        report = await desk.document((await drafting)["id"])
        await audit.aclose()
    lost = section(report, "audit_round")
    assert (lost["availability"], lost["unavailable_reason"]) == ("unavailable", reason)
    assert (lost["items"], lost["figures"], lost["headline"]) == ([], [], None)
    assert section(report, "feedback")["availability"] == "available"


async def _token() -> str:
    return "the-service-s-own"


async def test_a_neighbour_that_is_not_configured_or_not_there_is_said_so(desk: Desk) -> None:
    async def token() -> str:
        return "x"

    gone = Neighbour("audit", base_url="http://127.0.0.1:9", token=token, retries=0, deadline=1)
    desk.reporting.app.state.neighbours = await desk.reporting.stack.enter_async_context(Neighbours(gone))
    report = await desk.document((await desk.draft())["id"])
    assert section(report, "audit_round")["unavailable_reason"] == "refused"
    assert section(report, "feedback")["unavailable_reason"] == "not_configured"
    assert section(report, "key_indicators")["unavailable_reason"] == "not_configured"
    assert section(report, "key_indicators")["figures"] == []
    assert len(report["missing"]) >= 6


async def test_an_unavailable_section_tells_when_its_source_was_last_read_well(desk: Desk) -> None:
    await desk.draft()
    desk.neighbours.feedback.mode = "error"
    november = await desk.document((await desk.draft(period="2026-09"))["id"])
    assert section(november, "feedback")["availability"] == "unavailable"
    assert section(november, "feedback")["as_of"] == "2026-11-22T18:00:00Z"


async def test_a_section_that_only_the_dictionary_can_fill_tells_when_that_was_last_read(desk: Desk) -> None:
    await desk.draft()
    read_at = desk.reporting.clock.now()
    desk.neighbours.indicator.mode = "error"
    lost = section(await desk.document((await desk.draft(period="2026-09"))["id"]), "value_for_money")
    assert (lost["availability"], lost["unavailable_reason"]) == ("unavailable", "http_500")
    assert lost["sources"][0]["path"].startswith("/v1/framework/indicators")
    assert datetime.fromisoformat(lost["as_of"]) == read_at


async def test_a_refresh_brings_back_what_was_missing_and_keeps_what_was_written(desk: Desk) -> None:
    desk.neighbours.feedback.mode = "error"
    draft = await desk.draft()
    edit = {"sections": [{"code": "feedback", "narrative": "The survey closes next week."}]}
    assert (await desk.step(draft["id"], "edit", edit)).status_code == 200
    desk.neighbours.feedback.mode = "up"
    again = await desk.draft()
    assert again["id"] == draft["id"]
    report = await desk.document(draft["id"])
    assert report["missing"] == []
    assert section(report, "feedback")["narrative"] == "The survey closes next week."
    assert section(report, "feedback")["availability"] == "available"


async def test_a_refresh_without_a_neighbour_keeps_its_section_and_marks_it_stale(desk: Desk) -> None:
    draft = await desk.draft()
    desk.neighbours.audit.mode = "error"
    await desk.draft()
    report = await desk.document(draft["id"])
    kept = section(report, "audit_round")
    assert (kept["availability"], kept["unavailable_reason"]) == ("stale", "http_500")
    assert "13 of 14" in kept["headline"]
    assert kept["sources"][0]["availability"] == "stale"
    assert any("Monthly case audit: shown as of 22 November 2026" in text for text in report["caveats"])


async def test_a_question_that_fails_leaves_what_the_others_tell(desk: Desk) -> None:
    desk.neighbours.failing.add("positions")
    report = await desk.document((await desk.draft())["id"])
    figures = section(report, "key_indicators")
    assert figures["availability"] == "available"
    assert len(figures["figures"]) == 17
    assert all(one["comparisons"] == [] and one["top_quartile"] is None for one in figures["figures"])
    assert figures["caveats"] == ["1 of 3 sources are not in this section: the service gave no usable answer."]
    assert any(text.startswith("Key indicators: 1 of 3") for text in report["missing"])


async def test_an_answer_that_makes_no_sense_costs_its_section_and_not_the_report(desk: Desk) -> None:
    desk.neighbours.points["supervision_in_time"] = [("not-a-period", 1.0, None, None)]
    report = await desk.document((await desk.draft())["id"])
    assert section(report, "key_indicators")["unavailable_reason"] == "wrong_schema"
    assert section(report, "exceptions")["availability"] == "available"


async def test_the_neighbours_come_from_the_process_or_from_their_addresses_and_calls_are_counted(
    reporting: Running,
) -> None:
    app, audit = reporting.app, FakeNeighbours().audit
    app.state.neighbour_apps = {"audit": audit.app}
    app.state.settings = app.state.settings.model_copy(update={"feedback_url": "http://feedback.test/feedback/"})
    async with open_neighbours(app):
        assert set(app.state.neighbours) == {"audit", "feedback"}
        audit.mode = "forbidden"
        with pytest.raises(NeighbourUnavailable):
            await app.state.neighbours["audit"].get("/v1/actions", None, OutModel, token="a")
    counted = {"neighbour": "audit", "outcome": "forbidden"}
    registry = app.state.telemetry.registry
    assert registry.get_sample_value("qapf_neighbour_call_duration_seconds_count", counted) == 1


async def test_registers_that_cannot_be_read_are_unavailable_and_not_empty(desk: Desk) -> None:
    desk.neighbours.indicator.mode = "error"
    report = await desk.document((await desk.draft("schools_causing_concern_half_termly", "AY2026-27-HT1"))["id"])
    lost = section(report, "providers")
    assert (lost["availability"], lost["unavailable_reason"], lost["items"]) == ("unavailable", "http_500", [])


@pytest.mark.parametrize("odd", [-1, 10**30])
def test_no_count_is_below_nought_or_beyond_all(odd: int) -> None:
    closure = LoopClosure(submitted=13, with_learning=9, loop_closed=6)
    for told, count in ((a_summary(), "views"), (an_analysis(), "audits"), (closure, "loop_closed")):
        good = told.model_dump(mode="json")
        assert parse("audit", json.dumps(good).encode(), type(told)) == told
        with pytest.raises(NeighbourUnavailable, match="wrong_schema"):
            parse("audit", json.dumps({**good, count: odd}).encode(), type(told))
