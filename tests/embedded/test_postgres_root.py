"""Started by root, the local PostgreSQL runs as an ordinary user and changes no permission that it finds."""

import os
import pwd
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.cluster.place import open_to_all
from services.cluster.wheel import find_install
from services.postgres import LocalPostgres, PostgresError
from tests.embedded.postgres_ground import VERSION, Ground, ask, pid_of, standing

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="root alone can start a program as another user")


@pytest.fixture
def ground() -> Iterator[Ground]:
    with standing() as found:
        yield found


def modes(*folders: Path) -> dict[Path, tuple[int, int]]:
    return {
        one: (stat.S_IMODE(one.stat().st_mode), one.stat().st_uid)
        for folder in folders
        for one in (folder, *folder.parents, *folder.iterdir())
    }


def test_a_checkout_under_a_private_folder_works_and_keeps_its_permissions(ground: Ground) -> None:
    private = ground.folder / "private"
    home = private / "checkout" / "var"
    home.mkdir(parents=True, mode=0o700)
    private.chmod(0o700)
    wheel = find_install(VERSION).folder
    before = modes(home, wheel)
    server = ground.server(home)
    server.start()
    assert ask(server.admin_url(), "SELECT 1") == 1
    runs_as = Path(f"/proc/{pid_of(server)}").stat()
    assert (runs_as.st_uid, runs_as.st_gid) == (pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
    groups = Path(f"/proc/{pid_of(server)}/status").read_text().split("Groups:")[1].splitlines()[0].split()
    assert groups in ([], [str(runs_as.st_gid)])
    assert {one: seen for one, seen in modes(home, wheel).items() if one in before} == before
    assert (home / "postgres.path").read_text() == f"{server.place.folder}\n"
    assert server.place.folder.parent == ground.root_folder
    assert Path(os.readlink(f"/proc/{pid_of(server)}/exe")).is_relative_to(server.place.folder / "install")


def test_the_programs_are_copied_again_only_when_the_wheel_changed(ground: Ground) -> None:
    server = ground.server()
    server.start()
    server.stop()
    install = server.place.folder / "install"
    first = install.stat().st_ino
    server.start()
    server.stop()
    assert install.stat().st_ino == first
    (install / "edition").write_text("0.1 18")
    server.start()
    assert (install / "edition").read_text().endswith(f" {VERSION}")
    assert install.stat().st_ino != first


def test_the_copy_is_readable_however_strict_the_umask(ground: Ground) -> None:
    former = os.umask(0o077)
    try:
        server = ground.server()
        server.start()
    finally:
        os.umask(former)
    assert ask(server.admin_url(), "SELECT 1") == 1


def test_a_new_checkout_in_the_place_of_a_deleted_one_starts_empty(ground: Ground) -> None:
    server = ground.server()
    server.start()
    server.execute("CREATE TABLE kept (id int)")
    server.stop()
    shutil.rmtree(server.place.home)
    server.start()
    assert ask(server.admin_url(), "SELECT to_regclass('kept') IS NULL") is True
    assert (server.place.folder / "previous" / "data" / "PG_VERSION").exists()
    assert (server.place.folder / "previous" / "passwords.json").exists()


@pytest.mark.parametrize("name", ["no-such-user-here", "root"])
def test_root_needs_an_unprivileged_user_that_exists(ground: Ground, name: str) -> None:
    with pytest.raises(PostgresError, match=f"no unprivileged user '{name}' here: start as an ordinary user"):
        ground.server(run_as=name)


def test_removing_leaves_neither_data_nor_note(ground: Ground) -> None:
    server = ground.server()
    server.start()
    server.remove()
    assert not server.place.folder.exists()
    assert list(server.place.home.iterdir()) == []
    server.remove()


reachable = pytest.mark.skipif(
    not open_to_all(find_install(VERSION).programs.resolve()), reason="another user cannot reach the wheel"
)


def as_nobody(deed: Callable[[], str]) -> str:
    """What `deed` says in a process of the user nobody."""
    other = pwd.getpwnam("nobody")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(other.pw_gid)
            os.setuid(other.pw_uid)
            os.write(writer, deed().encode())
        except BaseException as error:
            os.write(writer, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader) as heard:
        said = heard.read()
    os.waitpid(child, 0)
    return said


@reachable
def test_an_ordinary_user_runs_it_as_himself_inside_his_home(ground: Ground) -> None:
    other = pwd.getpwnam("nobody")
    mine = ground.folder / "mine"
    mine.mkdir(mode=0o700)
    os.chown(mine, other.pw_uid, other.pw_gid)

    def deed() -> str:
        with LocalPostgres(mine / "var", version=VERSION) as server:
            addresses = server.ensure_roles_and_databases(["audit"])
            program = os.readlink(f"/proc/{pid_of(server)}/exe")
            return f"{server.place.data} {program} {ask(addresses['audit'], 'SELECT current_user')}"

    program = find_install(VERSION).programs.resolve() / "postgres"
    assert as_nobody(deed) == f"{mine}/var/postgres/data {program} audit"
    assert (mine / "var" / "postgres" / "passwords.json").stat().st_uid == other.pw_uid
    assert not ground.root_folder.exists()


@reachable
def test_an_ordinary_user_is_told_that_his_home_cannot_be_written(ground: Ground) -> None:
    (ground.folder / "var").mkdir()

    def deed() -> str:
        with pytest.raises(PostgresError) as caught:
            LocalPostgres(ground.folder / "var", version=VERSION).start()
        return str(caught.value)

    beginning = f"PostgreSQL cannot use {ground.folder}/var/postgres (Permission denied): make it usable"
    assert as_nobody(deed).startswith(beginning)
