"""Makes the secrets of a compose installation once, in a volume of which each container sees only its own part."""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path

from shared.auth.local_issuer import LocalIssuer
from shared.settings import SERVICES, SettingsError, load_settings

HOME = Path("/run/qapf")


def make(home: Path, *, local: bool) -> None:
    """Add what is missing and keep what is there: a password made anew would lock its service out."""
    _once(home / "postgres" / "superuser", secrets.token_urlsafe(32), 0o444)
    for service in SERVICES:
        password = home / "databases" / service / "password"
        _once(password, secrets.token_urlsafe(32), 0o400)
        # The database runs as a user of its own image, whose number we do not know, and it alone sees this folder.
        _once(home / "postgres" / service, password.read_text(), 0o444)
    # What the secrets of webhooks lie under; only the reporting service sees it, as the same user.
    _once(home / "webhooks" / "keys", _webhook_key(), 0o400)
    # What makes pseudonyms of the children in SSDA903 files; another key would make other children of them.
    _once(home / "pseudonyms" / "key", secrets.token_urlsafe(32), 0o400)
    # The folders are mounted whether or not there is anything in them.
    issuer, keys = home / "issuer", home / "keys"
    issuer.mkdir(mode=0o700, exist_ok=True)
    keys.mkdir(mode=0o755, exist_ok=True)
    if local:
        LocalIssuer.create(issuer)
        _once(keys / "jwks.json", (issuer / "jwks.json").read_text(), 0o444)


def another_webhook_key(home: Path) -> None:
    """Put a key before those that are there: under it all is sealed anew when reporting starts."""
    path = home / "webhooks" / "keys"
    _write(path, _webhook_key() + path.read_text(), 0o400)


def _webhook_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() + "\n"


def _once(path: Path, content: str, mode: int) -> None:
    if not path.exists():
        _write(path, content, mode)


def _write(path: Path, content: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as file:
        # The mode given to open is narrowed by the umask.
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


if __name__ == "__main__":
    try:
        make(HOME, local=load_settings().environment == "local")
        if sys.argv[1:] == ["another-webhook-key"]:
            another_webhook_key(HOME)
    except (OSError, SettingsError) as error:
        sys.exit(f"secrets: {error}")
    print("secrets: in place")
