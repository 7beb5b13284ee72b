"""Each service's history is one line, gives what the models say, and goes down as well as up."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import asyncpg
import pytest
import yaml
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from shared.migrations import alembic_config, head_revision, migrate
from shared.schemas.framework.catalogue import parse_item
from shared.settings import SERVICES, ServiceName
from tests.conftest import Server
from tests.migrations.compatible import COLUMNS, RULES, Schema, schema_of, what_breaks

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty(server: Server) -> str:
    return server.url(asyncio.run(server.clone(None)))


def read(url: str, statement: str) -> list[object]:
    async def ask() -> list[object]:
        connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(ask())


SHAPE = """
SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY 1, 2
"""
CHECKS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2
"""


# Steps that change what stood before. None of them was ever between two releases; no other may be added here.
NEVER_RELEASED_BEFORE: dict[str, set[str]] = {
    "audit": {"0008", "0016"},
    "indicator": set(),
    "feedback": {"0013", "0021"},
    "reporting": set(),
}


@pytest.mark.parametrize("service", SERVICES)
def test_the_history_is_linear_and_numbered(service: ServiceName) -> None:
    script = ScriptDirectory.from_config(alembic_config(service))
    revisions = [one.revision for one in script.walk_revisions()][::-1]
    assert len(script.get_heads()) == 1
    assert revisions == [f"{number:04}" for number in range(1, len(revisions) + 1)]
    for path in (ROOT / "migrations" / service).glob("*.py"):
        assert path.name[:4] in revisions


@pytest.mark.parametrize("service", SERVICES)
def test_the_migrations_give_what_the_models_say(service: ServiceName, empty: str) -> None:
    migrate(service, empty)
    command.check(alembic_config(service, empty))


@pytest.mark.parametrize("service", SERVICES)
def test_up_down_and_up_again_come_to_the_same_and_no_step_stops_the_former_release(
    service: ServiceName, empty: str
) -> None:
    migrate(service, empty)
    shape, checks = read(empty, SHAPE), read(empty, CHECKS)
    stepped = [schema_of(read(empty, COLUMNS), read(empty, RULES))]  # type: ignore[arg-type]
    for _ in range(int(head_revision(service))):
        migrate(service, empty, "-1")
        stepped.append(schema_of(read(empty, COLUMNS), read(empty, RULES)))  # type: ignore[arg-type]
    breaking = {
        f"{number:04}": broken
        for number, (before, after) in enumerate(pairwise(reversed(stepped)), 1)
        if (broken := what_breaks(before, after))
    }
    # The former release goes on working while replicas are replaced one at a time.
    assert breaking.keys() == NEVER_RELEASED_BEFORE[service], breaking
    assert [row for row in read(empty, SHAPE) if row[0] != "alembic_version"] == []  # type: ignore[index]
    migrate(service, empty)
    assert (read(empty, SHAPE), read(empty, CHECKS)) == (shape, checks)


def test_three_replicas_that_migrate_at_once_wait_for_one_another(empty: str) -> None:
    from subprocess import run
    from sys import executable

    program = f"from shared.migrations import migrate; migrate('audit', {empty!r})"

    def start(_: int) -> int:
        return run([executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60).returncode

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(start, range(3))) == [0, 0, 0]
    assert read(empty, "SELECT version_num FROM alembic_version") == [(head_revision("audit"),)]


def test_a_procedure_applied_before_its_roles_had_codes_is_still_read(empty: str) -> None:
    procedures = yaml.safe_load((ROOT / "framework" / "dorset" / "feedback.yaml").read_text(encoding="utf-8"))
    content = next(one for one in procedures["complaint_procedures"] if one["code"] == "statutory")
    for role in (role for stage in content["stages"] for role in stage.get("people", [])):
        del role["code"]
    script = ScriptDirectory.from_config(alembic_config("feedback"))
    step = next(one for one in script.walk_revisions() if (one.doc or "").startswith("How complaints are handled"))
    migrate("feedback", empty, str(step.down_revision))
    put = f"""
        INSERT INTO framework_item (kind, code, version, content, hash, applied_by)
        VALUES ('complaint_procedures', 'statutory', 1, $json${json.dumps(content)}$json$, '', 'test') RETURNING 1
    """
    assert read(empty, put) == [(1,)]
    migrate("feedback", empty, step.revision)
    ((found,),) = read(empty, "SELECT content FROM framework_item")  # type: ignore[misc]
    procedure = parse_item("complaint_procedures", json.loads(found))
    assert [[role.code for role in stage.people] for stage in procedure.stages][1:3] == [  # type: ignore[attr-defined]
        ["investigating_officer", "independent_person"],
        ["independent_panel_member"],
    ]


def test_what_would_stop_the_former_release_is_seen() -> None:
    before = Schema({("kept", "id"): ("int4", False, False), ("kept", "words"): ("text", True, False)}, frozenset())

    def after(columns: dict[tuple[str, str], tuple[str, bool, bool]], *rules: tuple[str, str, str]) -> list[str]:
        return what_breaks(before, Schema(before.columns | columns, frozenset(rules)))

    assert after({("kept", "new"): ("text", True, False), ("other", "id"): ("int4", False, False)}) == []
    assert after({("kept", "new"): ("int4", False, True)}, ("kept", "c", "CHECK ((new > 0))")) == []
    assert after({("kept", "new"): ("int4", False, False)}) == ["kept.new is new and must be given"]
    assert after({("kept", "id"): ("int8", False, False)}) == ["kept.id has another type"]
    assert after({("kept", "words"): ("text", False, False)}) == ["kept.words must now be given"]
    few, more = (
        ("kept", "c", "CHECK (words = ANY (ARRAY['a'::text]))"),
        "CHECK (words = ANY (ARRAY['a'::text, 'b'::text]))",
    )
    with_few, with_more = (
        Schema(before.columns, frozenset({few})),
        Schema(before.columns, frozenset({(*few[:2], more)})),
    )
    assert what_breaks(with_few, with_more) == []
    assert what_breaks(with_more, with_few) == [f"kept: a new check rule, {few[2]}"]
    assert after({}, ("kept", "u", "UNIQUE (words)")) == ["kept: a new unique rule, UNIQUE (words)"]
    assert what_breaks(before, Schema({}, frozenset())) == ["kept.id is gone", "kept.words is gone"]
