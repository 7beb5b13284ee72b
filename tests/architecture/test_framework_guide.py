"""The guide to writing a framework: its example is whole, and a slip in it is found where the guide says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.auth.roles import read_roles
from shared.schemas.framework.catalogue import KINDS
from shared.schemas.framework.organisation import Unit
from shared.schemas.framework.tree import Framework, FrameworkError, FrameworkProblem, read_tree

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "framework.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^`([a-z_]+\.yaml)`\n```yaml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
# A small council has no partners in the system, no school terms in its reports, and checks staff and schools elsewhere,
# and asks in views.
NOT_NEEDED = {
    "agencies", "calendars", "contacts", "duty_policies", "escalation_policies", "provider_registers",
    "recurrence_rules", "registration_bodies", "returns", "role_families", "scrutiny_frameworks", "sharing_rules",
    "survey_duties", "surveys",
}  # fmt: skip


def write(folder: Path) -> Path:
    for name, text in BLOCKS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def exampleshire(tmp_path: Path) -> Framework:
    return read_tree(write(tmp_path))


def misspell(folder: Path, file: str, right: str, wrong: str) -> list[FrameworkProblem]:
    write(folder)
    assert right in BLOCKS[file]
    (folder / file).write_text(BLOCKS[file].replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(FrameworkError) as caught:
        read_tree(folder)
    return caught.value.problems


def test_every_block_of_the_guide_is_a_file_of_its_framework() -> None:
    assert len(BLOCKS) == GUIDE.count("```yaml\n")


def test_the_framework_of_the_guide_is_whole_and_sound(exampleshire: Framework) -> None:
    filled = {kind for kind, items in exampleshire.items.items() if items}
    assert filled == set(KINDS) - NOT_NEEDED
    assert [unit.kind.value for unit in exampleshire.of(Unit).values()] == ["council", "service", "team", "team"]


def test_the_roles_of_the_guide_are_read_by_the_services_and_somebody_may_apply(tmp_path: Path) -> None:
    book = read_roles(write(tmp_path) / "roles.yaml")
    assert "framework:apply" in book.scopes_of(["admin"])
    assert "reporting_service" in book.roles


def test_a_misspelt_key_is_reported_with_its_file_and_pointer_as_the_guide_shows(tmp_path: Path) -> None:
    (problem,) = misspell(tmp_path, "audit.yaml", "view_of:", "view_off:")
    assert (problem.file, problem.kind, problem.code) == ("audit.yaml", "tools", "single_case_audit")
    assert problem.pointer == "/sections/1/questions/1"
    assert f"```\n{problem}\n```" in GUIDE


def test_a_misspelt_key_of_an_item_is_reported_with_the_nearest_known(tmp_path: Path) -> None:
    (problem,) = misspell(tmp_path, "organisation.yaml", "aliases:", "alias:")
    assert (problem.file, problem.line, problem.code) == ("organisation.yaml", 4, "east_team")
    assert "did you mean `aliases`?" in problem.detail


def test_a_misspelt_code_is_reported_where_it_stands(tmp_path: Path) -> None:
    (problem,) = misspell(tmp_path, "indicators.yaml", "benchmarks: [region]", "benchmarks: [regoin]")
    assert (problem.file, problem.code, problem.pointer) == ("indicators.yaml", "repeat_referrals", "/benchmarks/0")


def test_the_table_of_the_guide_names_every_kind() -> None:
    rows = "\n".join(line for line in GUIDE.splitlines() if line.startswith("|"))
    assert [kind for kind in KINDS if f"`{kind}`" not in rows] == []


def test_the_guide_is_one_page() -> None:
    assert len(GUIDE.splitlines()) < 180
