"""Programs of `faults` with small doses: what `make faults` does for an hour, in seconds.

The others have tests of their own (kills and the clock beside this file, neighbours and webhooks with reporting,
connections with the platform) or take a server of their own.
"""

from __future__ import annotations

from typing import Any

import pytest

from faults import concurrent_edits, duplicates, hang_ups, migrations_at_once, poison_files
from faults.running.place import Place

_PROGRAMS: list[tuple[Any, dict[str, int]]] = [
    (duplicates, {"services": 1, "keys": 20, "times": 5}),
    (concurrent_edits, {"clients": 6, "edits": 6, "records": 2}),
    (hang_ups, {"hang_ups": 40, "bystander": 40}),
    (poison_files, {"rows": 500, "places": 2}),
]


@pytest.mark.parametrize(("program", "dose"), _PROGRAMS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_small_dose_breaks_no_promise(place: Place, program: Any, dose: dict[str, int]) -> None:
    assert program.run(place, dose).broken == []


def test_replicas_that_migrate_at_once_migrate_once(place: Place) -> None:
    assert migrations_at_once.run(place, {"rounds": 1, "replicas": 2}, ["feedback"]).broken == []
