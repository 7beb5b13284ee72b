"""The passwords of a local server's roles: random, made once, in a file that only its owner reads."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

SUPERUSER = "postgres"


def read_passwords(path: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return found


def remember(path: Path, names: Sequence[str]) -> dict[str, str]:
    """All passwords, with one made for each name that had none."""
    known = read_passwords(path)
    if missing := [name for name in names if name not in known]:
        known |= {name: secrets.token_urlsafe(24) for name in missing}
        write_private(path, json.dumps(known))
    return known


def write_private(path: Path, text: str) -> None:
    """Write whole or not at all, readable by its owner from the first byte."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
