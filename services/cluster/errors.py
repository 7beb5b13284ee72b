"""The one error of the local PostgreSQL, so that callers can print it and stop."""

OWN_SERVER = "or set the four QAPF_<SERVICE>_DATABASE_URL to use a server of your own"


class PostgresError(Exception):
    """The local PostgreSQL cannot be had; the message says why and what to do."""
