"""The local world of `make run`: keys, settings and databases under `var/`, made once and found again."""

from __future__ import annotations

import os
from pathlib import Path

from services.postgres import LocalPostgres
from shared.auth.local_issuer import LOCAL_ISSUER, LocalIssuer
from shared.settings import SERVICES, Settings, SettingsError, load_settings

ROOT = Path(__file__).resolve().parents[1]


def urls_are_given() -> bool:
    """Whether the four database addresses come from the environment, so that nothing local is needed.

    Raises SettingsError when only some of them do: half a local world would hide half of the data.
    """
    given = [name for name in SERVICES if os.environ.get(f"QAPF_{name.upper()}_DATABASE_URL")]
    if given and len(given) < len(SERVICES):
        missing = ", ".join(f"QAPF_{name.upper()}_DATABASE_URL" for name in SERVICES if name not in given)
        raise SettingsError(f"some database addresses are set and these are not: {missing}; set all four or none")
    return bool(given)


def home_folder() -> Path:
    """Where local state is kept, whether or not it is there yet."""
    return ROOT / load_settings().home


def local_home() -> Path:
    """The folder of local state, made private; raises SettingsError when it cannot be written."""
    home = home_folder()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = home / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"the folder for local data ({load_settings().home}) cannot be written ({error.strerror}): make it "
            "writable for this user, or name another with QAPF_HOME"
        ) from None
    return home


def local_issuer() -> LocalIssuer:
    return LocalIssuer.create(local_home() / "keys")


def local_settings(server: LocalPostgres | None, port: int = 8000) -> Settings:
    """Settings of the embedded services; what the environment sets wins, but for the databases of `server`."""
    local_issuer()
    keys = local_home() / "keys"
    defaults: dict[str, object] = {}
    if "QAPF_OIDC_ISSUER" not in os.environ:
        defaults |= {
            "environment": "local",
            "oidc_issuer": LOCAL_ISSUER,
            "oidc_jwks_file": keys / "jwks.json",
            "local_issuer_key_file": keys / "issuer.pem",
        }
    if "QAPF_ROLES_FILE" not in os.environ:
        defaults["roles_file"] = ROOT / "framework" / "dorset" / "roles.yaml"
    if "QAPF_PUBLIC_URL" not in os.environ:
        defaults["public_url"] = f"http://127.0.0.1:{port}"
    if "QAPF_LOG_LEVEL" not in os.environ:
        defaults["log_level"] = "warning"
    if server is not None:
        for name in SERVICES:
            defaults[f"{name}_database_url"] = server.url(f"qapf_{name}", name)
    return load_settings(**defaults)
