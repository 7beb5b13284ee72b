"""Alembic's entry: the section names the service, the service's models are the target."""

import asyncio
import importlib

import sqlalchemy as sa
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine

from shared.migrations import LOCK
from shared.settings import load_settings
from shared.trust import database_trust

config = context.config
service = config.config_ini_section
metadata = importlib.import_module(f"services.{service}_api.models").metadata


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    settings = load_settings(environment="local")
    url = config.attributes.get("url") or settings.database_url(service)
    engine = create_async_engine(url, poolclass=sa.NullPool, connect_args=database_trust(url, settings))
    try:
        async with engine.connect() as connection:
            # Replicas that start together wait here for the first; the lock goes with the session. A migration that
            # cannot get its table lock soon gives up, instead of queueing every reader behind it.
            await connection.execute(sa.text(f"SELECT pg_advisory_lock({LOCK})"))
            await connection.execute(sa.text("SET lock_timeout = '5s'"))
            await connection.commit()
            await connection.run_sync(run)
            await connection.commit()
    finally:
        await engine.dispose()


if context.is_offline_mode():
    raise SystemExit("migrations are run against a database: `qapf migrate`")
asyncio.run(main())
