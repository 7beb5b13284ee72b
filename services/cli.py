"""`qapf`: what an operator types."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import httpx
import typer

from shared.settings import SERVICES, ServiceName, SettingsError, load_settings

if TYPE_CHECKING:
    from shared.auth.local_issuer import LocalIssuer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Quality assurance and performance.",
)
KeyFile = Annotated[
    Path | None,
    typer.Option(envvar="QAPF_LOCAL_ISSUER_KEY_FILE", help="the local issuer's key; that of `qapf run` if none"),
]
ServiceNames = Annotated[list[str] | None, typer.Argument(help="audit, indicator, feedback, reporting; all if none")]


@app.command()
def run(port: Annotated[int, typer.Option(min=1, max=65535)] = 8000) -> None:
    """Serve everything on one port with the example data."""
    from services.run import run as run_everything

    run_everything(port)


@app.command()
def reset() -> None:
    """Forget everything `qapf run` stored."""
    from services.local import home_folder
    from services.run import reset as forget

    forget(home_folder())


@app.command()
def token(
    role: Annotated[str, typer.Option(help="one of the roles of the framework")] = "admin",
    unit: Annotated[str | None, typer.Option(help="narrow the token to this unit and those below")] = None,
    subject: Annotated[str | None, typer.Option()] = None,
    key_file: KeyFile = None,
) -> None:
    """Print a bearer token of the local issuer."""
    from services.local import ROOT
    from shared.auth.roles import read_roles

    book = read_roles(ROOT / load_settings().roles_file)
    if role not in book.roles:
        raise SettingsError(f"that is not a role of the framework; the roles are {', '.join(book.roles)}")
    if book.unplaced([role], unit):
        raise SettingsError(f"{role} needs a unit: name one with --unit (`make token ROLE={role} UNIT=...`)")
    print(_issuer(key_file).token(subject or f"local-{role}", [role], unit))


@app.command()
def entra() -> None:
    """Print the API's registration in Microsoft Entra ID, with the roles of the configured file (docs/identity.md)."""
    from services.entra import entra_registration
    from services.local import ROOT

    typer.echo(entra_registration(ROOT / load_settings().roles_file), nl=False)


@app.command()
def apply(
    tree: Annotated[Path, typer.Argument(help="the folder of the framework, such as framework/dorset")],
    url: Annotated[
        str, typer.Option(envvar=["SERVICES_URL", "QAPF_PUBLIC_URL"], help="where the services are")
    ] = "http://127.0.0.1:8000",
    bearer: Annotated[
        str | None,
        typer.Option(envvar="QAPF_TOKEN", help="a token with framework:apply; else the local issuer's"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show the plan")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
    key_file: KeyFile = None,
) -> None:
    """Show what would change in each service, then make it so."""
    from services.apply import plan_and_apply
    from shared.schemas.framework.tree import read_tree
    from shared.trust import further_trust

    framework = read_tree(tree)
    trust = further_trust(load_settings(environment="local")) or True
    credentials = bearer or _issuer(key_file).token("local-admin", ["admin"])

    async def ask(dry: bool) -> int:
        async with AsyncExitStack() as stack:
            clients: dict[ServiceName, httpx.AsyncClient] = {
                name: await stack.enter_async_context(
                    httpx.AsyncClient(
                        base_url=f"{url.rstrip('/')}/{name}",
                        headers={"Authorization": f"Bearer {credentials}"},
                        verify=trust,
                    )
                )
                for name in SERVICES
            }
            plans = await plan_and_apply(framework, clients, dry_run=dry)
        if dry:
            for plan in plans:
                for line in plan.lines:
                    print(line)
        return sum(len(plan.changes) for plan in plans)

    changes = asyncio.run(ask(True))
    print(f"{changes} changes." if changes else "Nothing to change.")
    if not changes or dry_run:
        return
    if not yes and not typer.confirm("Apply?"):
        raise typer.Exit(1)
    asyncio.run(ask(False))
    print("Applied.")


@app.command()
def load(
    url: Annotated[
        str, typer.Option(envvar=["SERVICES_URL", "QAPF_PUBLIC_URL"], help="where the services are")
    ] = "http://127.0.0.1:8000",
    key_file: KeyFile = None,
    ask: Annotated[
        str, typer.Option("--token-command", envvar="TOKEN_COMMAND", help="what the examples printed ask a token of")
    ] = "qapf token",
) -> None:
    """Apply Dorset's framework, load the examples and make the first report, as `qapf run` does."""
    from services.run import prepare_over_http

    # Inside a container the services have another address than for the reader of what is printed.
    shown = load_settings().public_url.rstrip("/")
    asyncio.run(prepare_over_http(url.rstrip("/"), _issuer(key_file), shown, f"{ask} --role analyst"))


@app.command()
def migrate(services: ServiceNames = None, revision: str = "head") -> None:
    """Bring databases to a migration (the newest unless told)."""
    from services.operations import migrate_all

    migrate_all(_named(services), revision)


@app.command()
def migration(service: str, message: str) -> None:
    """Write a new migration from the difference between a service's models and its database."""
    from services.operations import new_migration

    new_migration(_named([service])[0], message)


@app.command()
def verify(
    services: ServiceNames = None,
    anchor: Annotated[str | None, typer.Option(help="a head kept outside the database; one service only")] = None,
) -> None:
    """Recompute the activity chain of each service; exit 1 when one is not whole."""
    from services.operations import verify_all

    names = _named(services)
    if anchor is not None and len(names) != 1:
        raise SettingsError("an anchor belongs to one service: name it")
    raise typer.Exit(0 if verify_all(names, anchor) else 1)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="where backups are kept; each makes a folder of its own")],
    keep_days: Annotated[
        int | None, typer.Option(min=1, help="once it is saved remove those older than so many days; none if not given")
    ] = None,
) -> None:
    """Save all four databases as they stand at one point; writing is held for a moment only."""
    from services.operations import back_up

    back_up(folder, keep_days)


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="the folder of one backup")],
    replace: Annotated[bool, typer.Option("--replace", help="lose what the databases hold now")] = False,
) -> None:
    """Bring all four databases back to the point of a backup and prove it; the services must be stopped."""
    from services.operations import restore_from

    restore_from(folder, replace)


@app.command()
def doctor() -> None:
    """Check everything the services need and say what to do; exit 1 when something is wrong."""
    from services.doctor import examine

    raise typer.Exit(0 if examine() else 1)


def _issuer(key_file: Path | None) -> LocalIssuer:
    from services.local import local_issuer
    from shared.auth.local_issuer import LocalIssuer

    return LocalIssuer(key_file) if key_file else local_issuer()


def _named(services: list[str] | None) -> list[ServiceName]:
    if unknown := [name for name in services or [] if name not in SERVICES]:
        raise SettingsError(f"{len(unknown)} of the names is not a service; they are {', '.join(SERVICES)}")
    return [name for name in SERVICES if not services or name in services]


def main() -> None:
    """Run a command; a fault that someone can mend is one sentence, not a traceback."""
    from services.apply import ApplyError
    from services.backup.errors import BackupError
    from services.examples import ExamplesError
    from services.postgres import PostgresError
    from shared.database_errors import DATABASE_ERRORS, problem_from_database, sqlstate
    from shared.schemas.framework.tree import FrameworkError

    try:
        app()
    except (SettingsError, PostgresError, FrameworkError, ApplyError, ExamplesError, BackupError) as error:
        print(f"qapf: {error}", file=sys.stderr)
        sys.exit(2)
    except (*DATABASE_ERRORS, socket.gaierror) as error:
        # What is wrong with a statement of ours is told whole.
        if not isinstance(error, OSError) and problem_from_database(error) is None:
            raise
        state = sqlstate(error) or "no connection"
        print(
            f"qapf: a database cannot be used now ({state}): see docs/operations.md, and `qapf doctor`", file=sys.stderr
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
