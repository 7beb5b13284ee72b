"""A running local PostgreSQL lets in whom it should, by the way it should, and nobody else."""

import asyncio
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from services.cluster.processes import members
from services.postgres import LocalPostgres, PostgresError
from tests.embedded.postgres_ground import SERVICES, Ground, ask, pid_of, standing


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with standing() as found:
        yield found


@pytest.fixture(scope="module")
def server(ground: Ground) -> LocalPostgres:
    made = ground.server()
    made.start()
    made.ensure_roles_and_databases(SERVICES)
    return made


@pytest.mark.parametrize("role", SERVICES)
def test_each_role_enters_its_own_database_and_no_other(server: LocalPostgres, role: str) -> None:
    for name in SERVICES:
        address = server.url(f"qapf_{name}", role)
        if name == role:
            assert ask(address, "SELECT current_user") == role
        else:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="CONNECT"):
                ask(address, "SELECT 1")


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_a_role_has_no_way_into_the_maintenance_databases(server: LocalPostgres, database: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        ask(server.url(database, "audit"), "SELECT 1")


def test_a_role_owns_its_database_and_may_do_nothing_to_the_server(server: LocalPostgres) -> None:
    address = server.url("qapf_audit", "audit")
    ask(address, "CREATE TABLE mine (id int)")
    assert ask(address, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'qapf_audit'") == "audit"
    for forbidden in ("CREATE DATABASE more", "CREATE ROLE more", "SELECT pg_read_file('PG_VERSION')"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            ask(address, forbidden)


def test_a_stranger_to_a_database_has_no_rights_on_its_public_schema(server: LocalPostgres) -> None:
    usable = "SELECT has_schema_privilege('audit', 'public', 'USAGE')"
    assert ask(server.url("qapf_feedback", "postgres"), usable) is False
    assert ask(server.url("qapf_audit", "postgres"), usable) is True


def test_making_roles_and_databases_again_changes_nothing(server: LocalPostgres) -> None:
    seen = (
        "SELECT string_agg(datname || datacl::text, ',' ORDER BY datname) || count(*) "
        "FROM pg_database, (SELECT count(*) AS n FROM pg_roles) WHERE datname LIKE 'qapf%' GROUP BY n"
    )
    before = ask(server.admin_url(), seen)
    first = server.ensure_roles_and_databases(SERVICES)
    assert server.ensure_roles_and_databases(SERVICES) == first
    assert ask(server.admin_url(), seen) == before
    assert first["audit"] == server.url("qapf_audit", "audit")


def test_roles_are_made_from_code_that_runs_in_an_event_loop_too(server: LocalPostgres) -> None:
    async def inside() -> dict[str, str]:
        return server.ensure_roles_and_databases(["audit"])

    assert list(asyncio.run(inside())) == ["audit"]


@pytest.mark.parametrize("name", ["Audit", "a-b", 'x"; DROP ROLE audit; --', "", "1a"])
def test_what_cannot_name_a_role_is_refused(server: LocalPostgres, name: str) -> None:
    with pytest.raises(PostgresError, match="cannot name a role"):
        server.ensure_roles_and_databases([name])


def test_an_unknown_role_has_no_address(server: LocalPostgres) -> None:
    with pytest.raises(PostgresError, match="no role 'nobody_yet'"):
        server.url("qapf_audit", "nobody_yet")


@pytest.mark.parametrize("role", ["postgres", "audit"])
def test_a_wrong_or_missing_password_is_refused(server: LocalPostgres, role: str) -> None:
    right = server.url("qapf_audit", role)
    secret = right.split("@")[0].split(":")[-1]
    for wrong in ("wrong", f"{secret}x", ""):
        with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InternalClientError)):
            ask(right.replace(f":{secret}@", f":{wrong}@" if wrong else "@"), "SELECT 1")


def test_passwords_are_kept_with_scram(server: LocalPostgres) -> None:
    weak = "SELECT count(*) FROM pg_authid WHERE rolcanlogin AND rolpassword NOT LIKE 'SCRAM-SHA-256%'"
    assert ask(server.admin_url(), weak) == 0
    assert ask(server.admin_url(), "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'") == 0


def test_it_listens_on_no_network_address(server: LocalPostgres) -> None:
    assert ask(server.admin_url(), "SHOW listen_addresses") == ""
    if Path("/proc/net/tcp").exists():
        held = {os.readlink(one) for one in Path(f"/proc/{pid_of(server)}/fd").iterdir()}
        tables = (Path(f"/proc/net/{name}") for name in ("tcp", "tcp6", "udp", "udp6"))
        known = {
            f"socket:[{line.split()[9]}]"
            for table in tables
            if table.exists()
            for line in table.read_text().splitlines()[1:]
        }
        assert not held & known


def test_socket_data_and_passwords_are_private(server: LocalPostgres) -> None:
    sockets = Path(server.admin_url().split("host=")[1].split("&")[0])
    for folder in (sockets, server.place.data):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.stat().st_uid == server.place.owner
    for file in (server.place.passwords, server.place.log):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.stat().st_uid == os.getuid()
    assert not list(server.place.folder.glob("*.password*"))


def test_no_password_is_on_a_command_line_in_an_environment_or_in_the_log(server: LocalPostgres) -> None:
    secrets = [server.url("postgres", role).split("@")[0].split(":")[-1] for role in ("postgres", *SERVICES)]
    said = server.place.log.read_text()
    for pid in members(server.place.data):
        if Path("/proc/self").exists():
            said += Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
            said += Path(f"/proc/{pid}/environ").read_text(errors="replace")
    assert not [secret for secret in secrets if secret in said]


def test_what_a_failed_statement_held_is_not_logged(server: LocalPostgres) -> None:
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        ask(server.url("qapf_audit", "audit"), "SELECT 'canary-9434765919'::int")
    assert "canary" not in server.place.log.read_text()


def test_the_address_serves_sqlalchemy_whatever_the_pg_variables_say(
    server: LocalPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGHOST": "nowhere", "PGUSER": "x", "PGDATABASE": "x"}.items():
        monkeypatch.setenv(name, value)

    async def run() -> object:
        engine = create_async_engine(server.url("qapf_audit", "audit"))
        try:
            async with engine.connect() as connection:
                return (await connection.execute(text("SELECT current_database()"))).scalar_one()
        finally:
            await engine.dispose()

    assert asyncio.run(run()) == "qapf_audit"
    server.execute("SELECT 1")


def test_time_zones_and_the_letters_of_every_alphabet_are_known(server: LocalPostgres) -> None:
    summer = "SELECT '2026-07-01 11:00+00'::timestamptz AT TIME ZONE 'Europe/London' = '2026-07-01 12:00'"
    assert ask(server.admin_url(), summer) is True
    assert ask(server.admin_url(), "SELECT lower('ÉŁŵ') = 'éłŵ' AND 'É' ILIKE 'é'") is True
    assert ask(server.admin_url(), "SHOW timezone") == "UTC"
    assert ask(server.admin_url(), "SHOW server_encoding") == "UTF8"
    assert ask(server.admin_url(), "SHOW data_checksums") == "on"


def test_it_is_not_in_the_terminals_session(server: LocalPostgres) -> None:
    assert os.getsid(pid_of(server)) == pid_of(server) != os.getsid(0)
