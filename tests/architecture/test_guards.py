"""Half-page guards: what the house promises of itself, checked against the code."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from services.documentation import PROBLEMS, documented_app, openapi_path, openapi_text, problems_page
from shared.auth.roles import read_roles
from shared.openapi import is_open, scope_of
from shared.settings import SERVICES, Settings
from shared.strict import StrictRoute

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*ROOT.glob("shared/**/*.py"), *ROOT.glob("services/**/*.py")])
OPEN = {"get_problem_page"}


def routes(app: object) -> list[APIRoute]:
    from shared.routing import api_routes

    return api_routes(app)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_a_scope_that_some_role_grants(service: str) -> None:
    book = read_roles(ROOT / "framework" / "dorset" / "roles.yaml")
    granted = book.scopes_of(book.roles)
    for route in routes(documented_app(service)):
        if route.name in OPEN:
            continue
        assert isinstance(route, StrictRoute), f"{route.name} does not read its body strictly"
        if is_open(route):  # each is named in test_roles
            continue
        scope = scope_of(route)
        assert scope is None or scope in granted, f"{route.name} needs {scope}, which no role has"


@pytest.mark.parametrize("service", SERVICES)
def test_operation_ids_are_unique_and_every_operation_says_what_it_does(service: str) -> None:
    found = documented_app(service).openapi()
    operations = [one for path in found["paths"].values() for one in path.values()]
    ids = [one["operationId"] for one in operations]
    assert len(ids) == len(set(ids))
    assert all(one.get("description") for one in operations)


@pytest.mark.parametrize("service", SERVICES)
def test_a_post_that_cannot_read_an_idempotency_key_does_not_say_that_it_takes_one(service: str) -> None:
    document = documented_app(service).openapi()["paths"]
    for route in routes(documented_app(service)):
        if "POST" in (route.methods or ()) and not is_open(route):
            operation = document[route.path_format]["post"]
            takes_one = any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", []))
            says_it_takes_none = operation.keys() & {"x-reads-only", "x-takes-no-key"}
            assert takes_one != bool(says_it_takes_none), route.name
            assert not takes_one or route.dependant.request_param_name, f"{route.name}: open `once`, or mark READS_ONLY"


@pytest.mark.parametrize("service", SERVICES)
def test_whole_bounds_read_as_whole_numbers_in_the_openapi_document(service: str) -> None:
    assert re.findall(r'"\w*(?:inimum|aximum)": -?\d+\.0\b', openapi_text(service)) == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_openapi_snapshot_is_true(service: str) -> None:
    assert openapi_path(service).read_text(encoding="utf-8") == openapi_text(service), "run `make docs`"


def test_the_problems_page_is_true_and_every_problem_says_what_to_do() -> None:
    assert PROBLEMS.read_text(encoding="utf-8") == problems_page(), "run `make docs`"
    from shared.problems import all_problems

    assert [kind.slug for kinds in all_problems().values() for kind in kinds if not kind.__doc__] == []


def test_every_setting_is_in_the_example_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    written = dict(re.findall(r"^#?(QAPF_[A-Z_]+)=(.*)$", example, re.MULTILINE))
    expected = {}
    for name, field in Settings.model_fields.items():
        default = field.default
        if default is None or default == ():
            default = ""
        expected[f"QAPF_{name.upper()}"] = str(default).lower() if isinstance(default, bool) else str(default)
    assert written == expected


def test_only_the_database_and_its_work_commit() -> None:
    for path in SOURCES:
        if path.relative_to(ROOT).as_posix() in ("shared/database.py", "shared/work.py"):
            continue
        text = path.read_text(encoding="utf-8")
        if "commit" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
                pytest.fail(f"{path.relative_to(ROOT)}:{node.lineno} commits")


def test_every_module_opens_with_what_it_is_for_and_init_files_are_empty() -> None:
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if path.name == "__init__.py":
            assert text == "", f"{path.relative_to(ROOT)} is not empty"
        else:
            assert text.startswith('"""'), f"{path.relative_to(ROOT)} says nothing"
        assert path.stem not in {"utils", "helpers", "manager", "common"}


def test_nothing_is_left_to_do_and_nothing_names_a_place_it_should_not() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    forbidden = re.compile("TO" + r"DO|FIX" + r"ME|XX" + r"X\b|pypi\.org|pythonhosted|npmjs\.org|deb\.debian\.org")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".ini", ".example", ".html", ""}
            and path.is_file()
        ):
            if path.resolve() == Path(__file__).resolve():
                continue
            found = forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
            assert found is None, f"{name}: {found and found[0]}"


@pytest.mark.parametrize("name", SERVICES)
def test_every_reference_in_an_openapi_document_leads_somewhere(name: str) -> None:
    text = (ROOT / "docs" / "openapi" / f"{name}.json").read_text(encoding="utf-8")
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert named
    assert named <= set(json.loads(text)["components"]["schemas"])
    # Two classes of one name: the document would name each by its module.
    assert not [one for one in named if "__" in one]


# Their answers count, or tell of figures, codes and days: of nobody who could ask to be erased. Where one speaks of
# many cases, as a comparison with the complaints system does, an erasure strikes the reference from it.
ABOUT_NOBODY = {
    "add_bank_holiday", "apply_framework_items", "calculate_deadlines", "cancel_import_job", "chase_commentary",
    "close_survey_wave", "erase_subject", "import_audits", "import_observations", "import_registrations",
    "import_reviews", "import_survey_responses", "import_views", "issue_survey_tokens", "issue_tokens", "learn_themes",
    "materialise_schedule", "produce_complaints_report", "purge_due", "reconcile_references",
    "record_observation", "redeliver_given_up", "request_commentary", "revoke_tokens", "run_import_job_again",
    "withdraw_agency_learning", "withdraw_observations", "_accepted", "_queued",
}  # fmt: skip


def test_every_kept_answer_says_whom_it_is_about_so_that_erasing_finds_it() -> None:
    nameless = set()
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        for function in ast.walk(ast.parse(text)) if ".answer(" in text else ():
            if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef):
                nameless |= {function.name for call in ast.walk(function) if _is_nameless_answer(call)}
    assert nameless == ABOUT_NOBODY


def _is_nameless_answer(call: ast.AST) -> bool:
    """Whether this is `deed.answer(...)` without a subject, the fourth of what it takes; `**` may bring it along."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr != "answer":
        return False
    giver = call.func.value
    named = len(call.args) > 3 or any(keyword.arg in ("subject", None) for keyword in call.keywords)
    return isinstance(giver, ast.Name) and giver.id in ("deed", "posting") and not named
