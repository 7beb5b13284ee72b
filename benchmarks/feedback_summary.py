"""Reading summaries and what else is counted over a million views a year, with complaints and compliments beside them.

Each request passes the whole application: token, limits, scope and JSON; only the socket is left out. The floor of a
path, measured in turns with it, is its own SQL sent bare on one connection and the rows thrown away; `counted_ms` is
the path when no month is kept, `changed` when somebody just gave a view.
`python benchmarks/feedback_summary.py [views a year] [years]` prints one line of JSON, times in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import asyncpg  # noqa: E402
import httpx  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from fastapi import FastAPI  # noqa: E402

from services.catalogue import create_service  # noqa: E402
from services.feedback_api.summary.jobs import keep_all  # noqa: E402
from services.postgres import LocalPostgres, throwaway_postgres  # noqa: E402
from shared.auth.caller import system_caller  # noqa: E402
from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer  # noqa: E402
from shared.framework.store import Item, apply_framework  # noqa: E402
from shared.migrations import migrate  # noqa: E402
from shared.schemas.framework.tree import read_tree  # noqa: E402
from shared.settings import Settings  # noqa: E402

REQUESTS = 40
PATHS = {
    "month": "/v1/summary?period=2026-02",
    "quarter": "/v1/summary?period=FY2025-26-Q4",
    "year": "/v1/summary?period=FY2025-26",
    "year_of_a_service": "/v1/summary?period=FY2025-26&unit=family_support",
    "year_of_a_theme": "/v1/summary?period=FY2025-26&theme=communication",
    "year_of_a_theme_of_a_service": "/v1/summary?period=FY2025-26&theme=communication&unit=family_support",
    "year_by_service": "/v1/summary?period=FY2025-26&level=segment",
    "themes_of_a_quarter": "/v1/themes/analysis?period=FY2025-26-Q4&level=segment&back=2",
    "themes_of_a_year": "/v1/themes/analysis?period=FY2025-26&back=0",
    "coverage": "/v1/coverage?period=FY2025-26-Q4",
    "coverage_by_unit": "/v1/coverage/units?period=FY2025-26-Q4",
    "method_diversity_of_a_year": "/v1/method-diversity?period=FY2025-26",
    "participation_statement": "/v1/participation-statement?period=FY2025-26",
    "approved_words_of_a_year": "/v1/approved-words?period=FY2025-26",
    "approved_words_of_a_theme": "/v1/approved-words?period=FY2025-26&theme=communication",
}
CHANGED = {"month": "/v1/summary?period=2026-03"} | {name: PATHS[name] for name in ("year", "year_of_a_theme")}
TOLD = {name: PATHS[name] for name in ("quarter", "year", "themes_of_a_quarter")}
_PICK = "(SELECT array_agg(code ORDER BY code) FROM {table} WHERE {where})"
_CODES = f"""
CREATE TEMP TABLE pick AS SELECT
  {_PICK.format(table="org_unit", where="kind IN ('team', 'service')")} AS units,
  {_PICK.format(table="framework_item", where="kind = 'channels'")} AS channels,
  {_PICK.format(table="framework_item", where="kind = 'respondent_groups'")} AS groups,
  {_PICK.format(table="framework_item", where="kind = 'themes'")} AS themes,
  {_PICK.format(table="framework_item", where="kind = 'complaint_procedures'")} AS procedures;
CREATE FUNCTION pg_temp.one(codes text[]) RETURNS text LANGUAGE sql VOLATILE AS
  'SELECT codes[1 + floor(cardinality(codes) * random() ^ 2)::int]';
CREATE FUNCTION pg_temp.some(codes text[]) RETURNS text[] LANGUAGE sql VOLATILE AS
  'SELECT ARRAY(SELECT DISTINCT pg_temp.one(codes) FROM generate_series(1, floor(4 * random())::int))';
"""
_VIEWS = """
INSERT INTO view (id, version, recorded_by, recorded_at, changed_at, source_hash, unit, themes, source, channel,
  respondent_group, given_on, rating, sentiment, what_works, consent, safeguarding_flag, flag_reasons)
SELECT gen_random_uuid(), 1, 'benchmark', at, at, '\\x00', pg_temp.one(units), pg_temp.some(themes), 'direct',
  pg_temp.one(channels), pg_temp.one(groups), at::date, 1 + floor(5 * random())::int,
  (ARRAY['positive', 'mixed', 'negative', NULL])[1 + floor(4 * random())::int],
  'The worker rang when they said they would, and the plan was clear.', 'shared', false, '{{}}'
FROM pick, generate_series(1, {views}) AS n,
  LATERAL (SELECT timestamptz '2025-04-01 09:00' + n % 365 * interval '1 day') AS moment(at);
INSERT INTO complaint (id, version, recorded_by, recorded_at, changed_at, source_hash, unit, themes, respond_ref,
  received_on, respondent_group, procedure, status, outcome, closed_on, learning)
SELECT gen_random_uuid(), 1, 'benchmark', day, day, '\\x00', pg_temp.one(units), pg_temp.some(themes), 'C-' || n, day,
  pg_temp.one(groups), procedures[1], 'closed', 'upheld', day + 9, 'Ring first.'
FROM pick, generate_series(1, {views} / 50) AS n,
  LATERAL (SELECT date '2025-04-01' + n % 365) AS moment(day);
INSERT INTO compliment (id, version, recorded_by, recorded_at, changed_at, source_hash, unit, themes, respond_ref,
  received_on, respondent_group, words)
SELECT gen_random_uuid(), 1, 'benchmark', received_on, received_on, '\\x00', unit, themes, respond_ref, received_on,
  respondent_group, 'Thank you.' FROM complaint;
INSERT INTO quotation (id, subject_kind, subject_ref, field, unit, said_on, respondent_group, channel, themes, consent,
  original, text, written_by, blocked, status, audience, approved_by, approved_at, expires_on, version, changed_at,
  proposed_at)
SELECT gen_random_uuid(), 'view', id::text, 'what_works', unit, given_on, respondent_group, channel, themes, 'shared',
  what_works, what_works, '{{}}', '{{}}', 'approved', 'boards', 'b', now(), now()::date + 365, 1, now(), now()
FROM view LIMIT 2000;
"""
# The same year again, further back.
_EARLIER = """
INSERT INTO view SELECT (jsonb_populate_record(view, jsonb_build_object('id', gen_random_uuid(),
  'given_on', given_on - {days}, 'changed_at', changed_at - {days} * interval '1 day'))).*
FROM view WHERE given_on >= '2025-04-01';
"""
_CHANGE = "UPDATE view SET changed_at = '{at}' WHERE id = (SELECT id FROM view WHERE given_on = '2026-03-10' LIMIT 1)"


async def prepare(server: LocalPostgres, keys: Path, views: int, years: int) -> FastAPI:
    server.execute("CREATE DATABASE feedback")
    url = server.admin_url().replace("/postgres?", "/feedback?")
    await asyncio.to_thread(migrate, "feedback", url)
    settings = Settings(
        environment="local", feedback_database_url=url, oidc_issuer=LOCAL_ISSUER, oidc_jwks_file=keys / "jwks.json",
        roles_file=ROOT / "framework" / "dorset" / "roles.yaml", background=False,
    )  # fmt: skip
    app = create_service("feedback", settings)
    entries = read_tree(ROOT / "framework" / "dorset").entries_for("feedback")
    async with app.state.database.transaction() as session:
        items = [Item(one["kind"], one["code"], one["content"]) for one in entries]
        await apply_framework(session, system_caller("benchmark"), app.state.framework_kinds, items)
    earlier = "".join(_EARLIER.format(days=365 * year) for year in range(1, years))
    await asyncio.to_thread(server.execute, _CODES + _VIEWS.format(views=views) + earlier, database="feedback")
    await asyncio.to_thread(server.execute, "VACUUM ANALYZE", database="feedback")
    return app


class Reader:
    """Reads paths as one role, and keeps the statements that the last of them sent."""

    def __init__(self, app: FastAPI, keys: Path, role: str) -> None:
        token = LocalIssuer(keys / "issuer.pem").token("benchmark", [role])
        self._headers, self._transport = {"Authorization": f"Bearer {token}"}, httpx.ASGITransport(app)
        self.sent: list[tuple[str, Sequence[Any]]] = []
        sa.event.listen(sa.engine.Engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        self.sent.append((statement, parameters))

    async def read(self, path: str) -> float:
        self.sent.clear()
        begun = time.perf_counter()
        async with httpx.AsyncClient(transport=self._transport, base_url="http://x", headers=self._headers) as client:
            answer = await client.get(path, timeout=60)
        assert answer.status_code == 200, answer.text[:300]
        return 1000 * (time.perf_counter() - begun)


async def floor(bare: asyncpg.Connection, sent: Sequence[tuple[str, Sequence[Any]]]) -> float:
    """The statements of a request by themselves."""
    begun = time.perf_counter()
    async with bare.transaction(isolation="repeatable_read", readonly=True):
        for statement, parameters in sent:
            if not statement.startswith("SET "):
                await bare.fetch(statement, *parameters)
    return 1000 * (time.perf_counter() - begun)


def p95(times: Sequence[float]) -> float:
    return round(sorted(times)[int(0.95 * len(times)) - 1], 1)


async def measure_kept(reader: Reader, bare: asyncpg.Connection) -> Mapping[str, dict[str, float]]:
    """Every path in turns with its floor."""
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in PATHS}
    for _ in range(REQUESTS):
        for name, path in PATHS.items():
            taken[name][0].append(await reader.read(path))
            taken[name][1].append(await floor(bare, list(reader.sent)))
    return {
        name: {"p95_ms": p95(times), "floor_p95_ms": p95(floors), "ratio": round(median(times) / median(floors), 2)}
        for name, (times, floors) in taken.items()
    }


async def measure(server: LocalPostgres, keys: Path, views: int, years: int) -> dict[str, Any]:
    app = await prepare(server, keys, views, years)
    database, reader = app.state.database, Reader(app, keys, "qa_manager")
    counted = {name: round(min([await reader.read(path) for _ in range(2)]), 1) for name, path in PATHS.items()}
    begun = time.perf_counter()
    months = await keep_all(database, datetime.now(UTC))
    keeping = round(1000 * (time.perf_counter() - begun) / months, 1)
    url = server.admin_url().replace("/postgres?", "/feedback?").replace("postgresql+asyncpg", "postgresql")
    bare = await asyncpg.connect(url)
    kept = await measure_kept(reader, bare)
    await bare.close()
    outsider = Reader(app, keys, "practitioner")
    told = {name: {"first_ms": round(await outsider.read(path), 1)} for name, path in TOLD.items()}
    for name, path in TOLD.items():
        told[name]["p95_ms"] = p95([await outsider.read(path) for _ in range(REQUESTS)])
    change = _CHANGE.format(at=datetime.now(UTC) + timedelta(seconds=1))
    await asyncio.to_thread(server.execute, change, database="feedback")
    changed = {name: p95([await reader.read(path) for _ in range(REQUESTS)]) for name, path in CHANGED.items()}
    await database.close()
    paths = {name: one | {"counted_ms": counted[name]} for name, one in kept.items()}
    return {"paths": paths, "told": told, "changed_p95_ms": changed, "keeping_a_month_ms": keeping}


def main() -> None:
    views, years = (int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, 1_000_000), (2, 1)))
    with TemporaryDirectory() as folder, throwaway_postgres(version=18) as server:
        LocalIssuer.create(Path(folder))
        found = asyncio.run(measure(server, Path(folder), views, years))
        print(json.dumps({"benchmark": "feedback_summary", "views_a_year": views, "years": years} | found))


if __name__ == "__main__":
    main()
