"""SSDA903 review participation codes: taken once, without a child's number, and told so that nobody is singled out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from services.feedback_api.review_codes import figures
from services.feedback_api.review_codes.reading import pseudonym, read_reviews
from services.feedback_api.review_models import CODES
from shared.schemas.periods import Period
from tests.conftest import Running, Start

HEADING = "CHILD,DOB,REVIEW,REVIEW_CODE"
PATH = "/v1/review-participation"
KEY = b"a key of the tests"


def a_file(*rows: str) -> str:
    return "\n".join([HEADING, *rows, ""])


def many(code: str, number: int, first: int = 900_000, born: str = "27/03/2011") -> list[str]:
    return [f"{child},{born},14/09/2026,{code}" for child in range(first, first + number)]


async def post(client: httpx.AsyncClient, text: str | bytes, unit: str = "fs_weymouth", **query: Any) -> httpx.Response:
    content = text.encode() if isinstance(text, str) else text
    params = {"unit": unit} | query
    return await client.post(f"{PATH}/imports", content=content, params=params, headers={"Content-Type": "text/csv"})


async def stored(running: Running) -> list[Any]:
    async with running.database.snapshot() as session:
        rows = await session.execute(sa.text("SELECT * FROM review_participation ORDER BY reviewed_on, code"))
        return list(rows.mappings().all())


async def test_r13_the_file_is_taken_once_and_a_changed_code_is_a_correction(feedback: Running) -> None:
    client = await feedback.client("ingest_client")
    older, younger = "900001,27/03/2011", "900002,02/11/2023"
    text = a_file(f"{older},30/08/2026,PN6", f"{older},14/09/2026,PN1", f"{younger},14/09/2026,PN0")
    first = (await post(client, text)).json()
    assert (first["received"], first["created"], first["corrected"], first["unchanged"]) == (3, 3, 0, 0)
    again = (await post(client, "\ufeff" + text.replace("\n", "\r\n"))).json()
    assert (again["created"], again["corrected"], again["unchanged"], again["import_id"]) == (0, 0, 3, None)
    changed = (await post(client, text.replace("PN6", "PN7"))).json()
    assert (changed["created"], changed["corrected"], changed["unchanged"]) == (0, 1, 2)
    assert sorted(row["code"] for row in await stored(feedback)) == ["PN0", "PN1", "PN7"]


async def test_neither_the_childs_number_nor_the_date_of_birth_is_stored_or_told(feedback: Running) -> None:
    client = await feedback.client("ingest_client")
    await post(client, a_file("900001,27/03/2011,30/08/2026,PN6"), dry_run="false")
    async with feedback.database.snapshot() as session:
        found = await session.execute(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        every = [sa.text(f'SELECT json_agg(one) FROM "{name}" AS one') for name in found.scalars()]
        whole = [str((await session.execute(one)).scalar()) for one in every]
    assert len(whole) > 20
    assert not any("900001" in text or "2011-03-27" in text or "27/03/2011" in text for text in whole)
    assert pseudonym("900001", KEY) != pseudonym("900001", b"another key of tests")
    assert pseudonym("a1", KEY) == pseudonym("A1", KEY)


BAD = {
    "900001,27/03/2011,30/08/2026,PN8": ("REVIEW_CODE", "unknown_code"),
    "900001,27/03/2011,31/02/2026,PN1": ("REVIEW", "date"),
    "900001,2011-03-27,30/08/2026,PN1": ("DOB", "date"),
    "900001,27/03/2011,24/11/2026,PN1": ("REVIEW", "in_future"),
    "900001,27/03/2026,01/01/2026,PN0": ("DOB", "after_review"),
    "Zebedee Canary,27/03/2011,30/08/2026,PN1": ("CHILD", "reference"),
    "900001,27/03/2011,30/08/2026": ("", "cells"),
    "900000,27/03/2011,14/09/2026,PN2": ("REVIEW_CODE", "contradicts"),
}


@pytest.mark.parametrize("row", BAD)
async def test_each_bad_row_is_named_with_its_row_column_and_code_and_the_rest_can_be_taken(
    feedback: Running, row: str
) -> None:
    client, (column, code) = await feedback.client("ingest_client"), BAD[row]
    text = a_file("900000,27/03/2011,14/09/2026,PN1", row)
    refused = await post(client, text)
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("reviews-refused")
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [(f"/3/{column}", code)]
    tried = (await post(client, text, dry_run="true")).json()
    assert (tried["created"], tried["rejected"], tried["import_id"]) == (1, 1, None)
    assert await stored(feedback) == []
    taken = (await post(client, text, mode="partial")).json()
    assert (taken["created"], taken["rejected"]) == (1, 1)
    told = taken["rejected_rows"][0]
    assert (told["row"], told["column"], told["code"]) == (3, column, code)
    assert "Zebedee" not in refused.text + str(taken)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "columns"), ("CHILD,DOB\n1,2\n", "columns"), (HEADING + "\n", "empty"), (b"\xff\xfe", "not_utf8"),
        (HEADING + '\n"900', "csv"),
    ],
)  # fmt: skip
async def test_what_is_no_such_file_is_refused_as_a_whole(feedback: Running, text: str | bytes, code: str) -> None:
    answer = await post(await feedback.client("ingest_client"), text)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


async def test_a_code_that_does_not_fit_the_age_is_taken_and_pointed_at(feedback: Running) -> None:
    rows = a_file("900001,27/03/2024,30/08/2026,PN1", "900002,27/03/2011,30/08/2026,PN0", *many("PN1", 1))
    report = (await post(await feedback.client("ingest_client"), rows)).json()
    assert (report["created"], [one["row"] for one in report["warnings"]]) == (3, [2, 3])


async def test_without_a_key_no_file_is_taken(start: Start) -> None:
    feedback = await start("feedback")
    feedback.app.state.pseudonym_key = None
    answer = await post(await feedback.client("ingest_client"), a_file(*many("PN1", 1)))
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (409, "no-pseudonym-key")


async def test_a_units_own_token_reports_its_own_and_changes_nobody_elses(feedback: Running) -> None:
    own = await feedback.client("practitioner", unit="fs_weymouth")
    other = await feedback.client("practitioner", unit="fs_portland")
    assert (await post(own, a_file(*many("PN1", 1)))).json()["created"] == 1
    refused = await post(other, a_file(*many("PN7", 1)), unit="fs_portland")
    assert refused.json()["errors"][0]["code"] == "in_use"
    assert (await post(other, a_file(*many("PN7", 1, 5)), unit="fs_weymouth")).status_code == 422
    assert [(row["unit"], row["code"]) for row in await stored(feedback)] == [("fs_weymouth", "PN1")]


async def read(running: Running, role: str, **query: Any) -> dict[str, Any]:
    answer = await (await running.client(role)).get(PATH, params={"period": "FY2026-27-Q2"} | query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_under_fours_are_in_no_share_and_the_share_has_wilsons_interval(feedback: Running) -> None:
    rows = [*many("PN0", 30, 1, "14/09/2025"), *many("PN1", 81, 1_000), *many("PN7", 182, 2_000)]
    await post(await feedback.client("ingest_client"), a_file(*rows))
    found = await read(feedback, "analyst")
    assert (found["reviews"], found["under_four"], found["considered"]) == (293, 30, 263)
    # Newcombe (1998), Statistics in Medicine 17: 857-872, table I: 81 of 263, score method: 0.2553 to 0.3662.
    expected = {"count": 81, "of": 263, "percent": 30.8, "lower": 25.5, "upper": 36.6}
    assert found["took_part"] == found["spoke"] == expected
    assert (await read(feedback, "analyst", period="FY2026-27-Q1"))["took_part"]["percent"] is None


async def test_reviews_are_counted_for_a_unit_and_those_below_it(feedback: Running) -> None:
    client = await feedback.client("ingest_client")
    await post(client, a_file(*many("PN1", 40), *many("PN7", 10, 5_000)))
    await post(client, a_file(*many("PN1", 2, 8_000)), unit="fs_portland")
    assert (await read(feedback, "analyst", unit="fs_portland"))["reviews"] == 2
    assert (await read(feedback, "analyst", unit="family_support"))["reviews"] == 52


@pytest.mark.parametrize("unit", [None, "fs_weymouth"])
async def test_reviews_are_counted_only_for_those_who_see_true_figures(feedback: Running, unit: str | None) -> None:
    # Two teams with many and the council with them would tell the few of a third.
    client = await feedback.client("practitioner", unit=unit)
    refused = await client.get(PATH, params={"period": "FY2026-27-Q2"})
    assert (refused.status_code, refused.json()["needed_scope"]) == (403, "feedback:figures")


async def test_r13_reviews_in_which_children_were_heard_make_the_channel_heard(feedback: Running) -> None:
    client, reader = await feedback.client("ingest_client"), await feedback.client("analyst")

    async def silent() -> bool:
        summary = (await reader.get("/v1/summary", params={"period": "FY2026-27-Q2"})).json()
        coverage = (await reader.get("/v1/coverage", params={"period": "FY2026-27-Q2"})).json()
        found = {"review_process" in one["silent_channels"] for one in (summary, coverage)}
        assert len(found) == 1, "the summary and the coverage differ"
        assert found == {"fs_weymouth" in coverage["no_method_teams"]}
        return found.pop()

    await post(client, a_file(*many("PN7", 1), *many("PN0", 1, 5)))
    assert await silent()
    await post(client, a_file(*many("PN5", 1, 9)))
    assert not await silent()


def test_every_row_of_a_file_is_counted_once() -> None:
    rows = [*many("PN1", 3), *many("PN9", 2, 5), *many("PN1", 1)]
    found = read_reviews(a_file(*rows).encode(), KEY, date(2026, 11, 23))
    assert (found.received, len(found.good), len(found.rejected)) == (6, 4, 2)


@given(st.lists(st.integers(0, 60), min_size=8, max_size=8))
def test_each_share_is_of_the_reviews_that_count(own: list[int]) -> None:
    period = Period.parse("FY2026-27-Q2")
    found = figures.build(period, None, dict(zip(CODES, own, strict=True)), datetime(2026, 11, 23, tzinfo=UTC))
    assert (found.reviews, found.considered) == (sum(own), sum(own[1:]))
    assert found.took_part.count == found.considered - own[4] - own[7]
