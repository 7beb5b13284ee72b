"""Reading summaries and theme analyses over a million views of one year, with complaints and compliments beside them.

Each request passes the whole application: token, limits, scope and JSON; only the socket is left out.
`python benchmarks/feedback_summary.py [views]` prints one line of JSON with the 95th percentiles in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402

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
    "year_by_service": "/v1/summary?period=FY2025-26&level=segment",
    "themes_of_a_quarter": "/v1/themes/analysis?period=FY2025-26-Q4&level=segment&back=2",
    "themes_of_a_year": "/v1/themes/analysis?period=FY2025-26&back=0",
}
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
"""


async def measure(server: LocalPostgres, keys: Path, views: int) -> dict[str, float]:
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
    await asyncio.to_thread(server.execute, _CODES + _VIEWS.format(views=views), database="feedback")
    await asyncio.to_thread(server.execute, "VACUUM ANALYZE", database="feedback")
    await keep_all(app.state.database, datetime.now(UTC))
    token = LocalIssuer(keys / "issuer.pem").token("benchmark", ["qa_manager"])
    headers = {"Authorization": f"Bearer {token}"}
    taken: dict[str, list[float]] = {name: [] for name in PATHS}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://x", headers=headers, timeout=60
    ) as client:
        for _ in range(REQUESTS):
            for name, path in PATHS.items():
                begun = time.perf_counter()
                answer = await client.get(path)
                taken[name].append(time.perf_counter() - begun)
                assert answer.status_code == 200, answer.text[:300]
    await app.state.database.close()
    return {name: round(1000 * sorted(times)[int(0.95 * REQUESTS) - 1], 1) for name, times in taken.items()}


def main() -> None:
    views = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with TemporaryDirectory() as folder, throwaway_postgres(version=18) as server:
        LocalIssuer.create(Path(folder))
        found = asyncio.run(measure(server, Path(folder), views))
        print(json.dumps({"benchmark": "feedback_summary", "views": views, "p95_ms": found}))


if __name__ == "__main__":
    main()
