"""The database's filesystem of 50 MB runs full while clients post, and is given room again, many times over.

The tables lie on a small filesystem of their own, the log of PostgreSQL beside them on the disk: then a full one is an
error of a statement, and nobody needs to start anything. (Where the log itself finds no room PostgreSQL stops, and what
follows is a restart, which `postgres_restarts` shows.) Needed: root, to mount a small filesystem in memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.running.kinds import AUDITS, FIGURES, VIEWS
from faults.running.ledger import Client, Ledger, in_threads
from faults.running.place import Place, ask, chain_faults, wait_for
from faults.running.program import Dose, Findings, main, skipped

FULL = {"cycles": 20, "megabytes": 50}
SMALL = {"cycles": 1, "megabytes": 50}
_FAULT = "disk full"
_KINDS = (FIGURES, AUDITS, VIEWS)
_ALLOWED = frozenset({200, 201, 409, 503, 507})
_KEPT_FREE = 64 * 1024


@contextmanager
def small_filesystem(megabytes: int) -> Iterator[Path]:
    """A filesystem in memory that is full at this size, open to the user PostgreSQL runs as."""
    folder = Path(mkdtemp(prefix="qapf-small-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=False)
        folder.rmdir()


def can_mount() -> bool:
    try:
        with small_filesystem(1):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def _tablespace(place: Place, folder: Path) -> str:
    """The small filesystem as a tablespace; its folder must belong to the server's own user."""
    assert place.server is not None
    inside = folder / "tables"
    inside.mkdir(mode=0o700)
    os.chown(inside, place.server.place.owner, -1)
    name = f"small_{os.getpid()}"
    ask(place.admin, f"CREATE TABLESPACE {name} LOCATION '{inside}'")
    return name


def _fill(folder: Path, ballast: Path) -> None:
    with ballast.open("ab") as file:
        while (free := _free(folder)) > 2 * _KEPT_FREE:
            # The tables grow meanwhile: what was free a moment ago may not be so any more.
            with suppress(OSError):
                os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, free - _KEPT_FREE)


def _free(folder: Path) -> int:
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize


def _check_integrity(url: str, found: Findings) -> None:
    """Every page read (they carry checksums), every table counted beside its key, every index built anew."""
    tables = "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
    for (table,) in ask(url, tables):
        ((rows,),) = ask(url, f"SELECT count(t.*) FROM {table} t")
        ((keys,),) = ask(url, f"SELECT count(*) FROM {table}", enable_seqscan="off")
        found.must(rows == keys, f"{table}: {rows} rows and {keys} of them in an index")
    name = url.rsplit("/", 1)[1].split("?")[0]
    ask(url, f"REINDEX DATABASE {name}")


def _cycle(folder: Path, client: Client, threads: list[threading.Thread]) -> None:
    """Fill until refused, give room, and wait until what was refused is stored."""
    ballast = folder / "ballast"
    refused = client.statuses[507] + client.statuses[503]
    _fill(folder, ballast)
    wait_for(lambda: client.statuses[507] + client.statuses[503] > refused + 3, 120, "a full disk is refused")
    before = client.acknowledged
    ballast.unlink()
    wait_for(lambda: client.acknowledged > before + 3, 60, "it stores again")
    assert all(thread.is_alive() for thread in threads)


def run(place: Place, dose: Dose) -> Findings:
    found, answers = Findings({"acked": 0, "lost": 0, "double": 0}), Counter[str]()
    for number, kind in enumerate(_KINDS):
        cycles = dose["cycles"] // 3 + (number < dose["cycles"] % 3)
        if not cycles:
            continue
        with small_filesystem(dose["megabytes"]) as folder:
            space = _tablespace(place, folder)
            url = place.database(kind.service, f"TABLESPACE {space}")
            process = place.serve(kind.service, url).wait_ready()
            client = Client(kind, process.address, place.token(), Ledger(place.keys / f"{kind.service}.ledger"))
            stop = threading.Event()
            threads = in_threads(client, 10**9, 2, stop)
            for _ in range(cycles):
                _cycle(folder, client, threads)
            stop.set()
            for thread in threads:
                thread.join()
            found.must(process.running is not None and process.running.poll() is None, "the service did not survive")
            found.must(process.uncaught() == 0, f"{kind.service}: {process.uncaught()} uncaught exceptions")
            process.end()
            counts = client.ledger.compare(kind, url, found)
            for name in ("acked", "lost", "double"):
                found.figures[name] += counts[name]
            client.must_have_been_told(found, _ALLOWED)
            answers.update({str(status): count for status, count in client.statuses.items()})
            _check_integrity(url, found)
            found.must(chain_faults(kind.service, url) == [], f"{kind.service}: the activity chain is not whole")
            place.drop(url)
            ask(place.admin, f"DROP TABLESPACE {space}")
    found.figures["answers"] = dict(sorted(answers.items()))
    return found


if __name__ == "__main__":
    if not can_mount():
        skipped(_FAULT, "mounting a small filesystem needs root (mount -t tmpfs)")
    main(_FAULT, run, FULL, SMALL)
