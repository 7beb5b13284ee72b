"""Three replicas migrate one database at the same moment: one does it, the others find it done, none fails.

A table cannot be made twice: where all end well and the schema is whole, each migration ran once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.place import ROOT, Place, ask
from faults.running.program import Dose, Findings, main
from shared.migrations import head_revision
from shared.settings import SERVICES, ServiceName

FULL = {"rounds": 10, "replicas": 3}
SMALL = {"rounds": 1, "replicas": 3}
_SHAPE = """
SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_schema = 'public' UNION ALL
SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2
"""


def _at_once(service: ServiceName, url: str, replicas: int) -> list[int]:
    """How each of several `qapf migrate` ended."""
    # The command wants to know all four; it touches the one it is told.
    urls = {f"QAPF_{name.upper()}_DATABASE_URL": url for name in SERVICES}
    environment = {**os.environ, "QAPF_ENVIRONMENT": "local", **urls}
    command = [sys.executable, "-m", "services.cli", "migrate", service]
    begun = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(replicas)
    ]
    return [one.wait(300) for one in begun]


def run(place: Place, dose: Dose, services: Sequence[ServiceName] = SERVICES) -> Findings:
    found, shapes = Findings({"migrated": 0, "failed": 0}), dict[str, list[tuple[Any, ...]]]()
    for number in range(dose["rounds"]):
        service = services[number % len(services)]
        url = place.empty()
        ends = _at_once(service, url, dose["replicas"])
        found.figures["failed"] += sum(code != 0 for code in ends)
        found.must(
            ask(url, "SELECT version_num FROM alembic_version") == [(head_revision(service),)], "not at the head"
        )
        shape = ask(url, _SHAPE)
        found.must(shapes.setdefault(service, shape) == shape, f"{service}: two rounds made two schemas")
        found.figures["migrated"] += 1
        place.drop(url)
    found.must(found.figures["failed"] == 0, f"{found.figures['failed']} ended with an error")
    return found


if __name__ == "__main__":
    main("three replicas migrate at once", run, FULL, SMALL)
