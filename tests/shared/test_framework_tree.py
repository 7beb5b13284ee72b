"""Reading a framework: what is wrong is said with its file, kind, code and place, never its value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.schemas.framework.catalogue import APPLIED_TO, KINDS, content_of, parse_item
from shared.schemas.framework.organisation import Unit
from shared.schemas.framework.tree import Framework, FrameworkError, FrameworkProblem, read_tree

CANARY = "canary-9434765919"
COUNCIL: dict[str, Any] = {
    "code": "council",
    "name": "The Council",
    "kind": "council",
    "ons_code": "E06000059",
    "valid_from": "2019-04-01",
}
TEAM: dict[str, Any] = {
    "code": "team",
    "name": "The Team",
    "kind": "team",
    "parent": "council",
    "valid_from": "2019-04-01",
}


def read(folder: Path, **files: str) -> Framework:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return read_tree(folder)


def problems(folder: Path, **files: str) -> list[FrameworkProblem]:
    with pytest.raises(FrameworkError) as caught:
        read(folder, **files)
    assert CANARY not in str(caught.value)
    return caught.value.problems


def text(**kinds: Any) -> str:
    return yaml.safe_dump(kinds, sort_keys=False)


def test_items_of_one_kind_may_stand_in_several_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "teams.yaml").write_text(text(units=[TEAM]))
    framework = read(tmp_path, council=text(units=[COUNCIL]))
    assert set(framework.of(Unit)) == {"council", "team"}
    assert framework.of(Unit)["team"].parent == "council"


def test_dates_may_be_written_plain_or_in_quotes_and_no_stays_a_word(tmp_path: Path) -> None:
    plain = "units:\n  - {code: 'no', name: no, kind: council, ons_code: E06000059, valid_from: 2019-04-01}\n"
    assert read(tmp_path, plain=plain).of(Unit)["no"].name == "no"


def test_an_unknown_kind_is_named_with_its_file_and_the_nearest_known(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, organisation=text(unitz=[COUNCIL]))
    assert (problem.file, problem.line) == ("organisation.yaml", 1)
    assert "no kind `unitz`" in problem.detail
    assert "did you mean `units`?" in problem.detail


def test_an_unknown_key_is_named_with_the_item_it_stands_in(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, organisation=text(units=[{**COUNCIL, "alias": CANARY}]))
    assert (problem.file, problem.kind, problem.code, problem.pointer) == (
        "organisation.yaml",
        "units",
        "council",
        "",
    )
    assert "no key `alias` here; did you mean `aliases`?" in problem.detail


def test_a_key_that_is_no_word_is_not_repeated(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, organisation=text(units=[{**COUNCIL, f"{CANARY}!": 1}]))
    assert problem.detail == "there is no key here; remove it or correct its name."


def test_a_key_written_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    twice = f"units:\n  - code: council\n    name: One\n    name: {CANARY}\n"
    (problem,) = problems(tmp_path, organisation=twice)
    assert (problem.line, problem.pointer) == (4, "/units/0/name")
    assert "stands twice" in problem.detail


def test_a_code_used_twice_names_both_places(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, a=text(units=[COUNCIL]), b=text(units=[COUNCIL]))
    assert (problem.file, problem.kind, problem.code, problem.pointer) == (
        "b.yaml",
        "units",
        "council",
        "/code",
    )
    assert "a.yaml:2" in problem.detail


def test_a_code_that_leads_nowhere_says_which_kind_it_should_be(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, a=text(units=[COUNCIL, {**TEAM, "parent": "nowhere"}]))
    assert (problem.code, problem.pointer) == ("team", "/parent")
    assert "no item of kind units has this code" in problem.detail


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"valid_from": CANARY}, "/valid_from"),
        ({"valid_from": 20190401}, "/valid_from"),
        ({"name": ""}, "/name"),
        ({"name": "\x07" + CANARY}, "/name"),
        ({"name": CANARY * 50}, "/name"),
        ({"kind": CANARY}, "/kind"),
        ({"aliases": CANARY}, "/aliases"),
        ({"ons_code": f"X-{CANARY}"}, "/ons_code"),
    ],
)
def test_a_wrong_value_is_pointed_at_and_not_repeated(tmp_path: Path, change: dict[str, Any], pointer: str) -> None:
    (problem,) = problems(tmp_path, a=text(units=[{**COUNCIL, **change}]))
    assert (problem.kind, problem.code, problem.pointer) == ("units", "council", pointer)
    assert problem.line > 1


def test_a_code_of_the_wrong_form_is_pointed_at_by_its_place_in_the_file(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, a=text(units=[{**COUNCIL, "code": f"{CANARY} {CANARY}"}]))
    assert (problem.code, problem.pointer) == ("", "/units/0/code")


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, a=text(units=[{**COUNCIL, "kind": 1, "name": 2}]), b=text(boardz=[]))
    assert [problem.file for problem in found] == ["a.yaml", "a.yaml", "b.yaml"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"units: [", "not valid YAML"),
        (b"- one\n", "mapping of kinds"),
        (b"units: council\n", "begin each item with a dash"),
        (b"units:\n  - just a word\n", "object"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"units: &all []\nthemes: *all\n", "anchors and aliases"),
        (b"units: !!python/object/apply:os.getcwd []\n", "tag"),
        (b"units: " + b"[" * 500 + b"]" * 500, "nested more than"),
        (b"? [a]\n: 1\n", "plain word"),
        (b"units: []\n---\nunits: []\n", "not valid YAML"),
        (b"units: []" + b" " * 2_000_000, "split it"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    (problem,) = problems(tmp_path)
    assert problem.file == "a.yaml"
    assert said in problem.detail


def test_a_missing_or_empty_folder_is_refused(tmp_path: Path) -> None:
    assert "no such folder" in str(problems(tmp_path / "nowhere"))
    assert "no .yaml file" in str(problems(tmp_path))


def test_a_file_ending_in_yml_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(text(units=[COUNCIL]))
    (problem,) = problems(tmp_path)
    assert "rename" in problem.detail


def test_the_message_has_a_line_for_each_problem(tmp_path: Path) -> None:
    with pytest.raises(FrameworkError) as caught:
        read(tmp_path, a=text(units=[{**COUNCIL, "kind": 1}]))
    first, second = str(caught.value).splitlines()
    assert first == "The framework has 1 problem:"
    assert second.strip().startswith("a.yaml:4: units council /kind: ")


def test_content_read_back_is_the_same_item_and_leaves_defaults_out() -> None:
    item = parse_item("units", {**COUNCIL, "aliases": [], "note": None})
    content = content_of(item)
    assert content == COUNCIL
    assert parse_item("units", content) == item


def test_every_kind_is_applied_somewhere_or_only_read() -> None:
    applied = {kind for kinds in APPLIED_TO.values() for kind in kinds}
    assert set(KINDS) - applied == {"roles"}
    assert applied <= set(KINDS)


def test_a_service_is_sent_its_own_kinds_only(tmp_path: Path) -> None:
    framework = read(tmp_path, a=text(units=[COUNCIL], roles=[{"code": "r", "title": "R", "scopes": ["audit:read"]}]))
    assert framework.entries_for("feedback") == [{"kind": "units", "code": "council", "content": COUNCIL}]
