"""An upgrade from earlier releases with a million rows in each service: every row and every cell is there afterwards.

Each earlier revision of the schema stands for a release. Rows made by the newest schema are brought down to it, which
leaves what that release had stored; counted and hashed there, they are counted and hashed again once at the newest.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from alembic.script import ScriptDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running import design_size
from faults.running.place import Place, ask
from faults.running.program import Dose, Findings, main
from shared.migrations import alembic_config, head_revision, migrate
from shared.settings import SERVICES, ServiceName

FULL = {**design_size.FULL, "figures": 1_000_000, "revisions": 3}
SMALL = {**design_size.SMALL, "revisions": 3}
_COLUMNS = """
SELECT table_name::text, array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns
JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'alembic_version' GROUP BY 1
"""
Columns = dict[str, list[str]]
Content = dict[str, tuple[int, str]]


def _columns(url: str) -> Columns:
    return dict(ask(url, _COLUMNS))


def _content(url: str, columns: Columns) -> Content:
    """How many rows each table has, and a sum over the hashes of what stands in these columns of each."""
    found: Content = {}
    for table, names in columns.items():
        row = ", ".join(f'"{name}"' for name in names)
        ((rows, hashes),) = ask(
            url, f"SELECT count(*), coalesce(sum(hashtextextended(ROW({row})::text, 0)), 0)::text FROM {table}"
        )
        found[table] = (rows, hashes)
    return found


def _earlier(service: ServiceName, count: int) -> Iterator[tuple[str, int]]:
    """So many revisions spread over the line, the last one and an early one among them, and how far back each is."""
    script = ScriptDirectory.from_config(alembic_config(service))
    line = [one.revision for one in script.walk_revisions()][1:-1]
    for number in range(count):
        back = number * (len(line) - 1) // max(count - 1, 1)
        yield line[back], back + 1


def _upgrade(service: ServiceName, url: str, revision: str, back: int, newest: Columns, found: Findings) -> int:
    """Down, noted, and up again; how many rows were compared."""
    migrate(service, url, f"-{back}")
    assert ask(url, "SELECT version_num FROM alembic_version") == [(revision,)]
    # What a later schema no longer has cannot be compared; nothing else is left out.
    kept = {
        table: [name for name in names if name in newest[table]]
        for table, names in _columns(url).items()
        if table in newest
    }
    before, begun = _content(url, kept), time.monotonic()
    migrate(service, url)
    found.figures["slowest_s"] = max(found.figures["slowest_s"], round(time.monotonic() - begun, 1))
    assert ask(url, "SELECT version_num FROM alembic_version") == [(head_revision(service),)]
    for table, content in _content(url, kept).items():
        same = content == before[table]
        found.must(same, f"{service} from {revision}: {table} held {before[table]} and now holds {content}")
    return sum(rows for rows, _ in before.values())


def run(place: Place, dose: Dose) -> Findings:
    found = Findings({"upgrades": 0, "rows": {}, "slowest_s": 0.0})
    urls = design_size.load(place, dose)
    for service in SERVICES:
        newest = _columns(urls[service])
        for revision, back in _earlier(service, dose["revisions"]):
            rows = _upgrade(service, urls[service], revision, back, newest, found)
            found.figures["rows"][f"{service} {revision}"] = rows
            found.figures["upgrades"] += 1
        place.drop(urls[service])
    return found


if __name__ == "__main__":
    main("upgrade with a million rows", run, FULL, SMALL)
