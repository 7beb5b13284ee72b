"""Findings sent anew keep who they are: each id once, none of another's, alike ones as long as there are any."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.audit_api.audits.keeping import finding_rows
from services.audit_api.audits.schemas import FindingIn
from shared.ids import new_id

TITLES = st.sampled_from(["Reviews held late", "Plans name nobody"])


def _finding(title: str, **more: Any) -> FindingIn:
    return FindingIn(kind="concern", domain="context", title=title, **more)


@given(st.lists(TITLES, max_size=6), st.lists(TITLES, max_size=6), st.sets(st.integers(0, 5)))
def test_an_id_is_kept_once_and_by_what_names_it_or_is_alike(
    before: list[str], sent: list[str], named: set[int]
) -> None:
    held = [{"id": str(new_id()), "kind": "concern", "domain": "context", "title": title} for title in before]
    ids = [row["id"] for row in held]
    body = [
        _finding(title, **({"id": ids[place]} if place in named and place < len(ids) else {}))
        for place, title in enumerate(sent)
    ]
    rows = finding_rows(body, held)
    found = [row["id"] for row in rows]
    assert len(set(found)) == len(found) == len(sent)
    assert [row["position"] for row in rows] == list(range(len(sent)))
    for finding, row in zip(body, rows, strict=True):
        if finding.id is not None:
            assert row["id"] == str(finding.id)
        elif row["id"] in ids:
            assert held[ids.index(row["id"])]["title"] == finding.title
    spare = {title: before.count(title) for title in set(before)}
    for finding in body:
        if finding.id is not None:
            spare[before[ids.index(str(finding.id))]] -= 1
    for title, number in spare.items():
        unnamed = sum(one.id is None and one.title == title for one in body)
        kept = sum(row["id"] in ids and body[at].id is None and row["title"] == title for at, row in enumerate(rows))
        assert kept == min(number, unnamed)
