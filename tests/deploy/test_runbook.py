"""What the runbook names is there: commands and their options, settings, alerts, metrics, log lines and columns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
import yaml

from services.cli import app
from shared.settings import SERVICES, Settings

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
# Of containers and of PostgreSQL, which no file of ours makes.
OTHERS = {
    "log_error_verbosity",
    "log_min_messages",
    "log_min_error_statement",
    "max_connections",
    "pg_terminate_backend",
}


def source() -> str:
    files = [path for name in ("services", "shared", "deploy", "migrations") for path in (ROOT / name).rglob("*")]
    kinds = (".py", ".yml", ".yaml", ".sh", "")
    files += [ROOT / "docker-compose.yml", ROOT / "Dockerfile"]
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path.is_file() and path.suffix in kinds)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_variable_a_page_names_is_one(page: Path) -> None:
    known = {f"QAPF_{name.upper()}" for name in Settings.model_fields} | {"QAPF_TOKEN", "QAPF_TEST_PG", "QAPF_DOSE"}
    named = set(re.findall(r"QAPF_[A-Z]\w*[A-Z]", page.read_text(encoding="utf-8")))
    assert named <= known


def test_every_command_the_runbook_types_is_one_and_knows_its_options() -> None:
    typed = re.findall(
        r"(?:qapf|tools|backups) ([a-z]+)((?: (?:--[a-z-]+|/\S+|[A-Z]+|framework/dorset|\d+))*)", RUNBOOK
    )
    typed = [(name, rest) for name, rest in typed if name in COMMANDS]
    assert {name for name, _ in typed} >= {"doctor", "verify", "backup", "restore", "apply", "token", "load"}
    for name, rest in typed:
        options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options, (name, rest)
    ran = set(re.findall(r"docker compose (?:run --rm (?:--no-deps )?(?:-T )?|exec (?:-T )?|restart )(\w+)", RUNBOOK))
    assert ran <= set(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"])
    assert ran >= {"tools", "backups", "secrets", "postgres", "reporting"}


def test_every_alert_metric_log_line_and_column_the_runbook_names_is_there() -> None:
    text = source()
    rules = set(re.findall(r"alert: (\w+)", text))
    assert set(re.findall(r"Qapf\w+", RUNBOOK)) <= rules
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", RUNBOOK)) - OTHERS
    assert {name for name in named if not re.search(rf"\b{name}\b", text)} == set()
    assert named >= {"delivery_lost", "webhook_disabled", "clock_is_wrong", "tick_lost", "sealer_waits"}
    assert all(service in RUNBOOK for service in SERVICES)
