"""Whose certificates are trusted: the authorities that everybody trusts, and beside them those of one's own."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import httpx
from sqlalchemy.engine import make_url

from shared.settings import Settings, SettingsError


def further_trust(settings: Settings) -> ssl.SSLContext | None:
    """What trusts `QAPF_AUTHORITIES_FILE` beside the usual authorities; None where no file is named.

    Raises SettingsError for a file that cannot be used: whoever named it counts on it.
    """
    return None if settings.authorities_file is None else _trust(settings.authorities_file)


def database_trust(url: str, settings: Settings) -> dict[str, ssl.SSLContext]:
    """What the driver is to be given with an address that says `?ssl=verify-full` or `verify-ca`; else nothing.

    By itself it knows no authority but those of PGSSLROOTCERT or of a file in somebody's home, and refuses to connect.
    """
    mode = str(make_url(url).query.get("ssl", ""))
    if not mode.startswith("verify") or "PGSSLROOTCERT" in os.environ or _at_home():
        return {}
    context = _trust(settings.authorities_file)
    context.check_hostname = mode != "verify-ca"
    return {"ssl": context}


def _at_home() -> bool:
    home = os.environ.get("HOME")
    return home is not None and Path(home, ".postgresql", "root.crt").exists()


def _trust(file: Path | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    # What came with our packages is in it; these are the machine's own.
    context.load_default_certs()
    if file is None:
        return context
    # From Python 3.13 on a usual context refuses an authority whose certificate does not say what it may be used for,
    # as most do that were made by hand.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    try:
        context.load_verify_locations(file)
    except ssl.SSLError:  # an OSError too
        raise SettingsError("QAPF_AUTHORITIES_FILE: the file holds no certificate that can be read (PEM)") from None
    except OSError as error:
        raise SettingsError(f"QAPF_AUTHORITIES_FILE: the file cannot be read ({error.strerror})") from None
    return context
