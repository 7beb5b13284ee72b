"""The local PostgreSQL starts and stops, side by side with others, and survives the death of everything."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cluster.place import roomy_memory
from services.cluster.processes import members
from services.postgres import LocalPostgres, PostgresError, throwaway_postgres
from tests.embedded.postgres_ground import VERSION, Ground, ask, pid_of, standing, wait_for

ROWS = "SELECT count(*) FROM kept"
_IN_A_THREAD = "t = threading.Thread(target=server.start); t.start(); t.join()"
_IMPORT = "INSERT INTO kept SELECT generate_series(1, 1000)"
# The answer takes minutes, and the backend that seeks it does not notice that its postmaster is gone.
_BUSY = "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b"


@pytest.fixture
def ground() -> Iterator[Ground]:
    with standing() as found:
        yield found


def with_rows(server: LocalPostgres) -> LocalPostgres:
    server.start()
    server.execute("CREATE TABLE IF NOT EXISTS kept (id int)", _IMPORT)
    return server


def test_data_addresses_and_passwords_outlive_a_restart(ground: Ground) -> None:
    server = with_rows(ground.server())
    before = server.admin_url(), pid_of(server)
    server.stop()
    assert server.status().pid is None
    server.stop()
    server.start()
    server.start()
    assert server.admin_url() == before[0]
    assert pid_of(server) != before[1]
    assert ask(server.admin_url(), ROWS) == 1000


def test_leaving_the_context_stops_a_durable_server_and_deletes_a_tests_server(ground: Ground) -> None:
    with ground.server("durable", durable=True) as durable:
        assert ask(durable.admin_url(), "SELECT string_agg(setting, ',') FROM pg_settings WHERE name IN "
                   "('fsync', 'synchronous_commit', 'full_page_writes')") == "on,on,on"  # fmt: skip
    assert durable.status().pid is None
    assert durable.place.data.exists()
    with ground.server("fast", max_connections=33) as fast:
        assert ask(fast.admin_url(), "SHOW fsync") == "off"
        assert ask(fast.admin_url(), "SHOW max_connections") == "33"
    assert not fast.place.folder.exists()


def test_two_homes_run_side_by_side(ground: Ground) -> None:
    one, other = with_rows(ground.server("one")), ground.server("other")
    other.start()
    assert pid_of(one) != pid_of(other)
    assert ask(other.admin_url(), "SELECT to_regclass('kept') IS NULL") is True
    other.stop()
    assert ask(one.admin_url(), ROWS) == 1000


def test_a_second_supervisor_of_one_home_is_turned_away_and_does_no_harm(ground: Ground) -> None:
    first = with_rows(ground.server())
    for deed in (ground.server().start, ground.server().remove):
        with pytest.raises(PostgresError, match=f"already in use \\(process {os.getpid()}\\): stop that one first"):
            deed()
    assert ask(first.admin_url(), ROWS) == 1000
    assert ground.server().status().pid == pid_of(first)
    ground.made[1:] = []


@pytest.mark.parametrize("home", ["deep/" * 40 + "home", "a b, c:d 'é%'", "x" * 100])
def test_a_home_of_any_name_and_depth_serves(ground: Ground, home: str) -> None:
    server = with_rows(ground.server(home))
    sockets = Path(server.admin_url().split("host=")[1].split("&")[0])
    assert len(os.fsencode(sockets / ".s.PGSQL.5432.lock")) <= 107 + len(".lock")
    assert ask(server.admin_url(), ROWS) == 1000
    server.stop()
    assert sockets.parent == server.place.folder or not sockets.exists()


def test_kill_9_of_the_postmaster_loses_nothing_committed(ground: Ground) -> None:
    server = with_rows(ground.server(durable=True))
    busy = ground.supervisor(
        f"""
        import asyncio
        from services.cluster import roles
        async def run():
            connection = await server._connect("postgres")
            print("busy", flush=True)
            await connection.execute("{_BUSY}")
        roles.finish(run())
        """,
        stderr=subprocess.DEVNULL,
    )
    assert busy.stdout is not None
    assert busy.stdout.readline() == "busy\n"
    at_work = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND usename IS NOT NULL"
    wait_for(lambda: ask(server.admin_url(), at_work) == 2)
    os.kill(pid_of(server), signal.SIGKILL)
    wait_for(lambda: server.status().pid is None)
    assert members(server.place.data), "a busy backend outlives its postmaster"
    server.stop()
    assert not members(server.place.data)
    server.start()
    assert ask(server.admin_url(), ROWS) == 1000
    busy.communicate(timeout=10)


@pytest.mark.parametrize("in_a_thread", [False, True])
def test_kill_9_of_supervisor_and_server_recovers_by_itself(ground: Ground, in_a_thread: bool) -> None:
    begin = _IN_A_THREAD if in_a_thread else "server.start()"
    other = ground.supervisor(
        f"""
        {begin}
        server.execute("CREATE TABLE kept (id int)", "{_IMPORT}")
        print("up", flush=True)
        time.sleep(600)
        """
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "up\n"
    server = ground.server(durable=True)
    first = pid_of(server)
    os.kill(other.pid, signal.SIGKILL)
    if in_a_thread:
        assert ask(server.admin_url(), ROWS) == 1000, "nobody told the server that its supervisor died"
        server.start()
    else:
        os.kill(first, signal.SIGKILL)
        server.start()
    assert pid_of(server) != first
    assert ask(server.admin_url(), ROWS) == 1000
    other.communicate()


def test_a_killed_supervisor_takes_its_server_along(ground: Ground) -> None:
    other = ground.supervisor("server.start(); print('up', flush=True); time.sleep(600)")
    assert other.stdout is not None
    assert other.stdout.readline() == "up\n"
    server = ground.server()
    assert server.status().pid is not None
    os.kill(other.pid, signal.SIGKILL)
    other.communicate()
    if Path("/proc/self").exists():
        wait_for(lambda: not members(server.place.data))


@pytest.mark.parametrize("ending", ["sys.exit(3)", "raise KeyboardInterrupt", "pass"])
def test_a_supervisor_that_forgets_to_stop_leaves_no_server(ground: Ground, ending: str) -> None:
    # Started in a thread it gets no signal from the kernel, so that only the exit itself can end it.
    deeds = f"{_IN_A_THREAD}; print(server.status().pid); {ending}"
    out, _ = ground.supervisor(deeds, stderr=subprocess.DEVNULL).communicate(timeout=30)
    assert int(out) > 1
    assert not members(ground.server().place.data)


def test_a_stale_note_naming_a_strangers_process_is_overcome_and_the_stranger_lives(ground: Ground) -> None:
    server = with_rows(ground.server())
    server.stop()
    place = server.place
    account = {} if place.account is None else {"user": place.account.uid, "group": place.account.gid}
    stranger = subprocess.Popen(["sleep", "600"], **account)
    try:
        sockets = Path(server.admin_url().split("host=")[1].split("&")[0])
        for note in (place.data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
            note.write_text(f"{stranger.pid}\n{place.data}\n1\n5432\n{sockets}\n\n  1 2\nready\n")
            os.chown(note, place.owner, -1)
        assert server.status().pid is None
        server.start()
        assert ask(server.admin_url(), ROWS) == 1000
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_start_cut_short_while_making_the_data_folder_is_made_good(ground: Ground) -> None:
    server = ground.server()
    half = server.place.folder / "data.new"
    half.mkdir(parents=True)
    server.place.folder.chmod(0o755)
    server.place.folder.parent.chmod(0o755)
    (half / "PG_VERSION").write_text("18\n")
    with_rows(server)
    assert not half.exists()


def test_a_forked_child_that_exits_does_not_stop_the_server(ground: Ground) -> None:
    server = with_rows(ground.server())
    child = os.fork()
    if child == 0:
        server.stop()
        os._exit(0)
    os.waitpid(child, 0)
    assert ask(server.admin_url(), ROWS) == 1000


def test_starts_from_a_thread_outlive_the_thread(ground: Ground) -> None:
    server = ground.server()
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    assert ask(server.admin_url(), "SELECT 1") == 1


def test_a_throwaway_server_is_gone_afterwards_and_clones_from_a_template() -> None:
    with throwaway_postgres(version=VERSION) as server:
        folder = server.place.folder
        server.execute("CREATE DATABASE pattern")
        server.execute("CREATE TABLE kept AS SELECT 1 AS id", database="pattern")
        server.execute("CREATE DATABASE cloned TEMPLATE pattern STRATEGY file_copy")
        assert ask(server.url("cloned", "postgres"), ROWS) == 1
    assert not folder.exists()
    assert not server.place.home.parent.exists()


@pytest.mark.skipif(roomy_memory() is None, reason="throwaway servers are not in memory here")
def test_a_throwaway_server_frees_the_memory_of_a_killed_run_and_spares_a_living_one(ground: Ground) -> None:
    deeds = """
    from services.postgres import throwaway_postgres
    with throwaway_postgres(version=int(sys.argv[2])) as server:
        print(server.place.home.parent, flush=True)
        time.sleep(600)
    """
    killed, living = ground.supervisor(deeds), ground.supervisor(deeds)
    assert killed.stdout is not None
    assert living.stdout is not None
    left, held = (Path(one.stdout.readline().strip()) for one in (killed, living) if one.stdout)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    for folder in (left, held):
        os.utime(folder, (0, 0))
    with throwaway_postgres(version=VERSION):
        assert not left.exists()
        assert held.exists()
    living.send_signal(signal.SIGINT)
    living.wait(timeout=30)
    assert not held.exists()
