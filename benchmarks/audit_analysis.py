"""Reading the analysis of a year and the everyday lists, over one year of audits and over three.

Each request passes the whole application: token, limits, reach and JSON; only the socket is left out.
`python benchmarks/audit_analysis.py` prints one line of JSON with the 95th percentiles in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402

from benchmarks.audit_history import fill  # noqa: E402
from services.audit_api.analysis.jobs import keep_all  # noqa: E402
from services.catalogue import create_service  # noqa: E402
from services.postgres import LocalPostgres, throwaway_postgres  # noqa: E402
from shared.auth.caller import system_caller  # noqa: E402
from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer  # noqa: E402
from shared.framework.store import Item, apply_framework  # noqa: E402
from shared.migrations import migrate  # noqa: E402
from shared.schemas.framework.tree import read_tree  # noqa: E402
from shared.settings import Settings  # noqa: E402

REQUESTS = 40
PATHS = {
    "year": "/v1/analysis?period=CY2026",
    "year_by_team": "/v1/analysis?period=CY2026&by=team",
    "overdue": "/v1/overdue",
    "my_work": "/v1/my-work",
    "coverage": "/v1/coverage?programme=monthly_case_audit&period=2026-10",
}


async def measure(server: LocalPostgres, keys: Path, years: int) -> dict[str, float]:
    database = f"years_{years}"
    server.execute(f"CREATE DATABASE {database}")
    url = server.admin_url().replace("/postgres?", f"/{database}?")
    await asyncio.to_thread(migrate, "audit", url)
    roles = ROOT / "framework" / "dorset" / "roles.yaml"
    settings = Settings(
        environment="local", audit_database_url=url, oidc_issuer=LOCAL_ISSUER, oidc_jwks_file=keys / "jwks.json",
        roles_file=roles, background=False,
    )  # fmt: skip
    app = create_service("audit", settings)
    entries = read_tree(ROOT / "framework" / "dorset").entries_for("audit")
    async with app.state.database.transaction() as session:
        items = [Item(one["kind"], one["code"], one["content"]) for one in entries]
        await apply_framework(session, system_caller("benchmark"), app.state.framework_kinds, items)
    await asyncio.to_thread(fill, server, database, years)
    await keep_all(app.state.database)
    token = LocalIssuer(keys / "issuer.pem").token("benchmark", ["qa_manager"])
    headers = {"Authorization": f"Bearer {token}"}
    found = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x", headers=headers) as client:
        made = await client.post("/v1/programmes/monthly_case_audit/rounds?period=2026-10")
        assert made.is_success, made.text[:300]
        for name, path in PATHS.items():
            taken = []
            for _ in range(REQUESTS):
                begun = time.perf_counter()
                answer = await client.get(path)
                taken.append(time.perf_counter() - begun)
                assert answer.status_code == 200, answer.text[:300]
            # The first is cold, and counts.
            found[name] = round(1000 * sorted(taken)[int(0.95 * REQUESTS) - 1], 1)
    await app.state.database.close()
    return found


def main() -> None:
    with TemporaryDirectory() as folder, throwaway_postgres(version=18) as server:
        LocalIssuer.create(Path(folder))
        years = {str(number): asyncio.run(measure(server, Path(folder), number)) for number in (1, 3)}
        print(json.dumps({"benchmark": "audit_analysis", "p95_ms_by_years": years}))


if __name__ == "__main__":
    main()
