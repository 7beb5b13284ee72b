"""A simulated financial year of reporting: what the service did and said, against simple counting of its plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import date
from typing import Any

import jsonschema_rs
import pytest

from shared.auth.local_issuer import LocalIssuer
from tests.conftest import Server
from tests.doses import dose
from tests.reporting_api.conftest import section
from tests.reporting_api.test_published import recomputed
from tests.reporting_api.year.counting import LAST, REPORTS, Body, Owed, by_the_calendar
from tests.reporting_api.year.people import Year, begun
from tests.reporting_api.year.plan import (
    CORRECTED,
    END,
    LATE,
    LEFT_OPEN,
    MISSED,
    OWED,
    PARTS_MISSING,
    PARTS_WAIVED,
    RESTATED,
    RETURNS,
    outcome,
    part_outcome,
    published_on,
    quarter,
)
from tests.reporting_api.year.story import live

# In every run of the suite until the reports of the first three months are out, with the units' parts in them; in the
# full dose the whole year.
AGAIN_UNTIL = dose(date(2026, 7, 31), END)
OUTCOMES = ("on_time", "late", "open_late", "missed")
SPANS = ("FY2026-27-Q1", "FY2026-27-Q2", "FY2026-27-Q3", "FY2026-27-Q4", "FY2027-28-Q1", "FY2027-28-Q2", "FY2026-27")
ROWS = [f"R{number}" for number in range(64, 88)]


@pytest.fixture(scope="module")
async def year(server: Server, template: Callable[..., str], issuer: LocalIssuer) -> AsyncIterator[Year]:
    async with begun(server, template, issuer) as told:
        await live(told)
        yield told


def due_in(span: str, as_of: date = END) -> list[Owed]:
    first, last = quarter(span)
    return [one for one in OWED if first <= one.due_on <= last and outcome(one, as_of)]


def tally(outcomes: Iterable[str | None]) -> dict[str, int]:
    counted = Counter(outcomes)
    return {"expected": sum(counted[one] for one in OUTCOMES)} | {one: counted[one] for one in OUTCOMES}


def told(found: Body) -> dict[str, int]:
    return {name: found[name] for name in ("expected", *OUTCOMES)}


@pytest.mark.parametrize("row", ROWS)
async def test_R64_to_R87_every_report_of_a_row_is_published_in_the_year_but_what_the_plan_leaves_out(
    year: Year, row: str
) -> None:
    owed = [one for one in OWED if row in REPORTS[one.report]["row"]]
    wanted = {one.key for one in owed if published_on(one)}
    assert wanted
    assert wanted == {key[:2] for key in year.published if row in REPORTS[key[0]]["row"]}
    assert {one.key for one in owed} - wanted == (MISSED | LEFT_OPEN) & {one.key for one in owed}


async def test_the_whole_year_stood_in_the_calendar_on_its_first_day(year: Year) -> None:
    ours = {one.key: (one.opens_on.isoformat(), one.due_on.isoformat()) for one in by_the_calendar()}
    theirs = {
        (one["report"], one["period"]["code"]): (one["opens_on"], one["due_on"])
        for one in year.told["calendar"]
        if one["period"]["end"] <= LAST.isoformat()
    }
    moved = ("csoc_safeguarding", "FY2026-27-Q3")
    assert theirs.pop(moved) == ("2027-01-01", "2027-02-03")
    assert ours.pop(moved) == ("2027-01-01", "2027-02-10")
    assert theirs == ours


async def test_each_report_is_published_once_or_stands_as_the_plan_says(year: Year) -> None:
    editions: list[Body] = []
    after: dict[str, str] = {}
    while page := await year.read("ann", "reports", limit=200, **after):
        editions += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    sent = Counter((one["report"], one["period"]["code"]) for one in editions if one["status"] == "published")
    assert sent == Counter(one.key for one in OWED if published_on(one))
    old = [(one["report"], one["period"]["code"]) for one in editions if one["status"] == "superseded"]
    assert old == [CORRECTED]
    for one in OWED:
        found = await year.read("ann", f"occurrences/{year.occurrences[one.key]}")
        left = {"missed": "missed", "open_late": "late"}
        assert found["status"] == left.get(str(outcome(one, END)), "published"), one
        assert found["due_on"] == one.due_on.isoformat()


@pytest.mark.parametrize("span", SPANS)
async def test_R70_compliance_is_right_to_the_unit(year: Year, span: str) -> None:
    found = await year.read("bea", "compliance", period=span)
    due = due_in(span)
    assert told(found) == tally(outcome(one, END) for one in due)
    boards = {board for one in due for board in one.boards}
    for group, name, members in (
        ("by_board", lambda one: one["board"], {b: [one for one in due if b in one.boards] for b in boards}),
        ("by_report", lambda one: one["report"], {r: [o for o in due if o.report == r] for r in REPORTS}),
        ("by_owner", lambda one: (one["owner_role"], one["unit"]),
         {owner: [o for o in due if o.owner == owner] for owner in {o.owner for o in due}}),
    ):  # fmt: skip
        ours = {key: tally(outcome(one, END) for one in some) for key, some in members.items() if some}
        assert {name(one): told(one) for one in found[group]} == ours
    causes = Counter(LATE[one.key][1] if one.key in LATE else "not_given" for one in due if not _in_time(one))
    assert {one["cause"]: one["count"] for one in found["causes"]} == causes


def _in_time(one: Owed) -> bool:
    return outcome(one, END) == "on_time"


@pytest.mark.parametrize("span", SPANS)
async def test_R70_R85_contributions_are_counted_to_the_unit(year: Year, span: str) -> None:
    first, last = quarter(span)
    parts = [(code, one) for one in OWED for _, code in one.contributors if first <= one.contributions_due_on <= last]
    found = (await year.read("bea", "compliance", period=span))["contributions"]
    assert told(found) == tally(part_outcome(code, one, END) for code, one in parts)
    by = {code: [part_outcome(code, one, END) for other, one in parts if other == code] for code, _ in parts}
    assert {one["contributor"]: told(one) for one in found["by_contributor"]} == {
        code: tally(some) for code, some in by.items() if any(some)
    }


async def test_R70_compliance_in_the_middle_of_the_year_counted_what_was_due_by_then(year: Year) -> None:
    then = date(2026, 11, 9)
    found = year.told["compliance in november"]
    assert told(found) == tally(outcome(one, then) for one in due_in("FY2026-27-Q3", then))
    assert 0 < found["expected"] < len(due_in("FY2026-27-Q3"))


@pytest.mark.parametrize("number", [2, 3, 4])
async def test_R70_the_safeguarding_board_is_told_the_same_count(year: Year, number: int) -> None:
    key = ("dscb_compliance_quarterly", f"FY2026-27-Q{number}")
    (day,) = [published_on(one) for one in OWED if one.key == key]
    assert day is not None
    theirs = [one for one in due_in(key[1], day) if one.boards & {"dscb", "dscb_qa"}]
    lines = {one["code"]: one["value"] for one in section(year.published[*key, 1], "compliance")["summary"]}
    assert {name: lines[name] for name in ("expected", *OUTCOMES)} == tally(outcome(one, day) for one in theirs)
    assert theirs


async def test_R85_whoever_never_sent_its_part_was_chased_and_is_named_in_the_report(year: Year) -> None:
    for code, (report, period) in PARTS_MISSING:
        rows = (await year.read("quinn", "contributions", report=report, period=period))["items"]
        (row,) = [one for one in rows if one["contributor"] == code]
        detail = await year.read("quinn", f"contributions/{row['id']}")
        assert (detail["standing"], detail["received_on"]) == ("missing", None)
        steps = [(one["kind"], one["happened_on"]) for one in detail["trail"]]
        assert steps[0][0] == "asked" and {"reminded", "chased"} <= {kind for kind, _ in steps}
        assert all(row["due_on"] < day <= row["report_due_on"] for kind, day in steps if kind == "chased")
        shown = section(year.published[report, period, 1], "contributions")["items"]
        standing = {one["contributor"]: one["standing"] for one in shown if one["type"] == "contribution"}
        assert standing.pop(code) in ("overdue", "missing")
        assert set(standing.values()) == {"received"}
    ((code, key),) = PARTS_WAIVED
    shown = section(year.published[*key, 1], "contributions")["items"]
    assert {one["standing"] for one in shown if one.get("contributor") == code} == {"waived"}


async def test_R09_R11_R44_R60_R81_no_report_passes_its_gates_as_it_is_drafted(year: Year) -> None:
    assert set(year.first_tries) == {one.report for one in OWED if published_on(one)}
    assert set(year.first_tries.values()) == {
        "closing-questions-open", "participation-statement-missing", "learning-missing", "key-actions-missing",
        "sections-unwritten", "value-for-money-missing",
    } & set(year.first_tries.values())  # fmt: skip
    assert year.first_tries["cypp_and_corporate_plan_quarterly"] == "participation-statement-missing"
    assert year.first_tries["complaints_quarterly"] == "learning-missing"
    assert year.first_tries["dscb_annual_report"] == "key-actions-missing"
    assert year.told["six key actions"] == "too-many-key-actions"
    assert year.told["without strengths"] == "strengths-missing"
    assert (year.told["own signature"], year.told["unsigned"]) == ("segregation-of-duties", "report-in-another-state")


async def test_R11_the_children_s_trust_is_told_the_truth_about_participation(year: Year) -> None:
    said = {key[1]: one["participation"] for key, one in year.published.items() if "ctb" in key[0] or "cypp" in key[0]}
    assert {period: one["took_place"] for period, one in said.items()} == {
        "FY2026-27-Q1": False, "FY2026-27-Q2": True, "FY2026-27-Q3": True, "FY2026-27-Q4": True, "FY2026-27": True,
    }  # fmt: skip
    assert said["FY2026-27-Q1"]["why_not"] and said["FY2026-27-Q1"]["what_follows"]


async def test_R81_returns_went_as_reviewed_and_the_report_tells_each(year: Year) -> None:
    assert (year.told["unreviewed"], year.told["own review"]) == ("return-review-missing", "review-not-independent")
    rows = section(year.published["dfe_returns_annual", "RY2027", 1], "returns")["items"]
    ours: dict[Any, Any] = {}
    for key, (due, sent) in RETURNS.items():
        ours[key] = ("submitted", sent <= due, "hal") if sent else ("not_prepared", False, None)
    assert {(r["code"], r["period"]): (r["status"], r["on_time"], r["reviewed_by"]) for r in rows} == ours


async def test_what_a_board_decided_comes_back_until_it_is_done(year: Year) -> None:
    back = {}
    for (report, period, edition), one in year.published.items():
        matters = [item for part in one["sections"] if part["kind"] == "matters_arising" for item in part["items"]]
        if matters and edition == 1:
            back[report, period] = [(item["status"], item["overdue"]) for item in matters]
    of_the_group = {key[1]: found for key, found in back.items() if key[0] == "csdg_monthly"}
    assert of_the_group == {"2026-07": [("open", False)], "2026-08": [("open", True)], "2026-09": [("done", False)]}


async def test_a_neighbour_down_for_a_week_costs_sections_and_never_tells_a_nought(year: Year) -> None:
    drafted, refreshed = year.told["drafted in the outage"], year.told["refreshed in the outage"]
    lost, kept = section(drafted, "audit_findings"), section(refreshed, "audit_findings")
    assert (lost["availability"], lost["items"], lost["summary"], lost["figures"]) == ("unavailable", [], [], [])
    assert any(one.startswith("What audits found") for one in drafted["missing"])
    assert (kept["availability"], bool(kept["summary"])) == ("stale", True)
    assert any("What audits found" in one for one in refreshed["caveats"])
    for name in ("drafted", "refreshed"):
        after = year.told[f"{name} in the outage, after"]
        assert after["missing"] == []
        assert {one["availability"] for one in after["sections"]} == {"available"}
    late = year.published["audit_findings_quarterly", "FY2026-27-Q2", 1]
    assert section(late, "audit_findings")["availability"] == "available"
    assert all(one["missing"] == [] for one in year.published.values())


async def test_a_figure_restated_after_publication_is_marked_and_the_report_corrected(year: Year) -> None:
    marked = {}
    for (report, period, edition), one in year.published.items():
        for part in one["sections"]:
            for item in part["items"] if part["kind"] == "restatements" and report == "csdg_monthly" else []:
                marked[period, edition, item["indicator"], item["period"]] = (item["before"], item["after"])
    first, second = (year.published[*CORRECTED, number] for number in (1, 2))
    was = _figure(first)["display"]
    assert marked["2026-09", 1, "supervision_in_time", "2026-06"] == (was, "41.0%")
    assert marked["2026-10", 1, "supervision_in_time", "2026-08"][1] == "43.0%"
    assert {key[2:] for key in marked} == set(RESTATED)
    assert (_figure(second)["display"], _figure(second)["changed_since_last_report"]) == ("41.0%", None)
    assert (second["supersedes"], second["version"]) == (first["id"], 2)
    assert second["supersession_reason"] == "Supervision in time of June was restated."
    assert year.told["bytes after"] == year.told["bytes before"]


def _figure(document: Body) -> Body:
    figures = section(document, "key_indicators")["figures"]
    found: Body = next(one for one in figures if one["indicator"] == "supervision_in_time")
    return found


async def test_every_published_report_fits_the_published_schema_and_has_the_hash_it_tells(year: Year) -> None:
    schema = await year.read("bea", "schemas/board-report")
    # A year of reports is more than the validator in Python gets through in ten seconds.
    check = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    for document in year.published.values():
        check.validate(document)
        assert document["content_hash"] == recomputed(document)
        assert document["as_of"] <= document["published_at"]
        assert document["signatures"] and all(one["subject"] not in ("ann", "pam") for one in document["signatures"])


async def test_the_same_months_told_again_give_the_same_content_to_the_hash(
    year: Year, server: Server, template: Callable[..., str], issuer: LocalIssuer
) -> None:
    async with begun(server, template, issuer) as again:
        await live(again, AGAIN_UNTIL)
        theirs = {key: await _hashes(again, one) for key, one in again.published.items()}
    ours = {key: await _hashes(year, year.published[key]) for key in theirs}
    assert len(theirs) > 10
    assert theirs == ours


async def _hashes(told: Year, document: Body) -> tuple[str, str]:
    """Of the report itself, and of the copy for those who see no small numbers."""
    return recomputed(document), recomputed(await told.document(document, "bea"))
