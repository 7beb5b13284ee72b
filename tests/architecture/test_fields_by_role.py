"""Fields by role: what some roles alone may read or write is written down, and tried as one who may and one who may
not.

A new field in which somebody writes of a person, or which names one, fails here until it has a row.
"""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from shared.auth.roles import read_roles
from shared.settings import SERVICES
from tests.architecture.fields_table import ROOT, models, read_rows, read_words, words_told

ROWS = read_rows()
BOOK = read_roles(ROOT / "framework" / "dorset" / "roles.yaml")
SCOPES = BOOK.scopes_of(BOOK.roles)


@cache
def sources_by_name() -> dict[str, str]:
    """The source of every test by its name."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        for one in ast.parse(text).body:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name.startswith("test_"):
                found[one.name] = found.get(one.name, "") + "".join(lines[one.lineno - 1 : one.end_lineno])
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_that_tells_of_a_person_says_who_reads_it(service: str) -> None:
    rows = [row.place for row in ROWS if row.service == service and row.deed == "read"]
    open_words = [place for of, place in read_words() if of == service]
    assert len(rows) == len(set(rows)) and len(open_words) == len(set(open_words)), "a field has two rows"
    assert not set(rows) & set(open_words)
    told = words_told(service)
    assert told - {*rows, *open_words} == set(), (
        "write down in access/fields.txt who alone reads them, or in words.txt that whoever may call the operation does"
    )
    assert set(open_words) - told == set(), "no longer there"


@pytest.mark.parametrize("service", SERVICES)
def test_what_some_alone_may_read_or_write_is_there_and_tried_by_a_test_there_is(service: str) -> None:
    for row in (row for row in ROWS if row.service == service):
        model, _, field = row.place.partition(".")
        known = models(service, "responses" if row.deed == "read" else "requestBody")
        assert model in known and (not field or field in known[model]), f"{row.place} is not there"
        assert all(part in SCOPES for part in row.who.split("+") if re.fullmatch(r"[a-z]+:[a-z]+", part)), row.who
        assert row.test in sources_by_name(), f"there is no {row.test}"
