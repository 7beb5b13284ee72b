"""Making the forms of the largest monthly pack: 20 measures over 12 periods, 14 teams, rows of every type.

In turns, each round every form once, beside the floor: reading the same bytes into the report and writing them again.
`first_pdf_ms` is the first of the process, before typst has set anything; boards wait for that one.
`python benchmarks/pack_rendering.py` prints one line of JSON: times in milliseconds, `times_floor` what each form costs
beside the floor, `within` whether p95 keeps to what is promised: page 500, PDF 2000, workbook 1000.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from services.reporting_api.document import body_of  # noqa: E402
from services.reporting_api.renders.csv_files import as_zip  # noqa: E402
from services.reporting_api.renders.page import as_page  # noqa: E402
from services.reporting_api.renders.typesetting.paper import as_pdf  # noqa: E402
from services.reporting_api.renders.workbook import as_workbook  # noqa: E402
from shared.schemas.board_report import BoardReport  # noqa: E402
from tests.reporting_api.renders.largest_pack import largest_pack  # noqa: E402

ROUNDS = 30
PROMISED = {"html": 500, "pdf": 2_000, "xlsx": 1_000}
BODY = body_of(largest_pack())


def read_again() -> bytes:
    return body_of(BoardReport.model_validate_json(BODY))


def form(make: Callable[[BoardReport], bytes]) -> Callable[[], bytes]:
    """From the stored bytes, as a request does; each round says something else, so that nothing is set from memory."""
    rounds = iter(range(10 * ROUNDS))

    def made() -> bytes:
        report = BoardReport.model_validate_json(BODY)
        report.title = f"{report.title} {next(rounds)}"
        return make(report)

    return made


def timed(make: Callable[[], bytes]) -> float:
    began = time.perf_counter()
    make()
    return (time.perf_counter() - began) * 1_000


def main() -> None:
    forms = {"html": form(as_page), "pdf": form(as_pdf), "xlsx": form(as_workbook), "csv": form(as_zip)}
    first = timed(forms["pdf"])
    found: dict[str, list[float]] = {name: [] for name in ("floor", *forms)}
    for _ in range(ROUNDS):
        for name, make in {"floor": read_again, **forms}.items():
            found[name].append(timed(make))
    p95 = {name: quantiles(times, n=20)[-1] for name, times in found.items()}
    floor = median(found["floor"])
    told = {
        "benchmark": "pack_rendering",
        "bytes": len(BODY),
        "first_pdf_ms": round(first, 1),
        "p50_ms": {name: round(median(times), 1) for name, times in found.items()},
        "p95_ms": {name: round(value, 1) for name, value in p95.items()},
        "times_floor": {name: round(median(found[name]) / floor, 1) for name in forms},
        "within": {name: p95[name] < most for name, most in PROMISED.items()},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
