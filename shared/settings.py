"""The settings every service shares: read from the environment once, refused at start when unsafe."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ServiceName = Literal["audit", "indicator", "feedback", "reporting"]
SERVICES: tuple[ServiceName, ...] = ("audit", "indicator", "feedback", "reporting")

_SHORTEST_PSEUDONYM_KEY = 16
_LOCAL_WEBHOOK_KEY = urlsafe_b64encode(b"for first tries only, not secret").decode()


class SettingsError(Exception):
    """Settings that cannot be used; the message names each variable and what to do, never its value."""


class Settings(BaseSettings):
    """One field per `QAPF_` variable; `.env.example` lists them all with their defaults."""

    model_config = SettingsConfigDict(env_prefix="QAPF_", env_ignore_empty=True, extra="ignore", frozen=True)

    environment: Literal["local", "production"] = "production"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = True
    home: Path = Field(default=Path("var"), description="where `qapf run` keeps its data and keys")

    audit_database_url: SecretStr | None = None
    indicator_database_url: SecretStr | None = None
    feedback_database_url: SecretStr | None = None
    reporting_database_url: SecretStr | None = None
    database_password_file: Path | None = None
    # A connection beyond the pool's size is opened for one use and closed again, which takes longer than most requests.
    pool_size: int = Field(default=6, ge=1, le=100)
    pool_overflow: int = Field(default=0, ge=0, le=100)
    readers: int = Field(default=3, ge=1, le=100, description="connections beside the pool, for single statements")
    writers: int = Field(default=3, ge=1, le=100, description="connections beside it, for what is posted all day")
    pool_timeout_seconds: float = Field(default=5, gt=0, le=60)
    statement_timeout_seconds: float = Field(default=30, gt=0, le=600)
    lock_timeout_seconds: float = Field(default=5, gt=0, le=60)
    workers: int = Field(default=1, ge=1, le=64, description="processes per service, for the connection check")

    oidc_issuer: str | None = None
    oidc_audience: str = "qapf"
    oidc_jwks_url: str | None = None
    oidc_jwks_file: Path | None = None
    oidc_roles_claim: str = "roles"
    oidc_unit_claim: str = "qapf_unit"
    oidc_subject_claim: str = Field(default="sub", description="who somebody is in records; in Entra ID `oid`")
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_client_secret_file: Path | None = None
    oidc_token_url: str | None = None
    oidc_scope: str | None = Field(default=None, description="asked for with client credentials; audience/.default")
    local_issuer_key_file: Path | None = None
    roles_file: Path = Path("framework/dorset/roles.yaml")

    audit_url: str | None = None
    indicator_url: str | None = None
    feedback_url: str | None = None
    authorities_file: Path | None = Field(default=None, description="whose certificates are trusted beside the usual")

    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    public_url: str = "http://127.0.0.1:8000"
    root_path: str = ""
    max_body_bytes: int = Field(default=2_000_000, ge=1_000, le=100_000_000)
    max_import_bytes: int = Field(default=200_000_000, ge=1_000, le=2_000_000_000)
    attachment_max_bytes: int = Field(default=10_000_000, ge=1_000, le=100_000_000)
    request_timeout_seconds: float = Field(default=60, gt=0, le=3600)
    drain_seconds: float = Field(default=20, ge=0, le=300)
    drain_file: Path | None = Field(default=None, description="readiness fails while this file exists")
    seal_every_seconds: float = Field(default=1.0, gt=0, le=60)
    background: bool = Field(default=True, description="run the sealer and the clock in this process")
    read_only: bool = Field(default=False, description="answer readings, refuse every change, do no background work")
    purge: bool = Field(default=False, description="purge by itself, every hour, what the framework keeps no longer")
    idempotency_hours: int = Field(default=72, ge=1, le=720)
    small_number_threshold: int = Field(default=5, ge=1, le=20)
    moderation_working_days: int = Field(default=10, ge=1, le=250)
    agreement_least_pairs: int = Field(default=10, ge=2, le=10_000)
    agreement_least_pairs_auditor: int = Field(default=20, ge=2, le=10_000)
    free_text_identifiers: Literal["warn", "refuse"] = "warn"
    # What comes without a login: how long, and for each process how many a second, from an address, at the door.
    public_max_body_bytes: int = Field(default=100_000, ge=1_000, le=10_000_000)
    public_per_second: float = Field(default=200, gt=0, le=100_000)
    public_per_address_per_minute: float = Field(default=120, gt=0, le=1_000_000)
    public_waiting: int = Field(default=100, ge=1, le=10_000)
    public_wait_seconds: float = Field(default=2, gt=0, le=60)
    pseudonym_key: SecretStr | None = Field(
        default=None, min_length=_SHORTEST_PSEUDONYM_KEY, description="stands between a child and a row"
    )
    pseudonym_key_file: Path | None = Field(default=None, description="a file with it, where it is given nowhere else")
    spool_directory: Path | None = None
    webhook_keys_file: Path | None = Field(default=None, description="keys that secrets of webhooks lie under")
    webhook_private_addresses: bool = Field(
        default=False, description="send webhooks inside the network too, and without TLS"
    )

    @model_validator(mode="before")
    @classmethod
    def _split_origins(cls, values: dict[str, object]) -> dict[str, object]:
        origins = values.get("cors_origins")
        if isinstance(origins, str):
            values["cors_origins"] = tuple(part.strip() for part in origins.split(",") if part.strip())
        return values

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        if "*" in self.cors_origins:
            raise ValueError("QAPF_CORS_ORIGINS: name each origin; * would let any site call with a user's token")
        for origin in self.cors_origins:
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
                raise ValueError("QAPF_CORS_ORIGINS: each entry is scheme://host[:port], separated by commas")
        if self.environment == "production":
            for name in ("oidc_issuer", "oidc_jwks_url", "oidc_token_url"):
                url = getattr(self, name)
                if url is not None and not url.startswith("https://"):
                    raise ValueError(f"QAPF_{name.upper()}: use https in production")
            if self.local_issuer_key_file is not None:
                raise ValueError("QAPF_LOCAL_ISSUER_KEY_FILE: the local issuer is for QAPF_ENVIRONMENT=local only")
        return self

    @property
    def connections(self) -> int:
        """The most connections one process of a service opens."""
        return self.pool_size + self.pool_overflow + self.readers + self.writers

    def database_url(self, service: ServiceName) -> str:
        """The service's own database, its password filled in from a file where one is configured."""
        secret: SecretStr | None = getattr(self, f"{service}_database_url")
        if secret is None:
            raise SettingsError(
                f"QAPF_{service.upper()}_DATABASE_URL is not set: give the {service} service its PostgreSQL "
                "database (postgresql+asyncpg://role:password@host/database), or use `make run` for a local one"
            )
        url = secret.get_secret_value()
        if self.database_password_file is not None:
            from sqlalchemy.engine import make_url

            # One setting serves a process that needs all four databases: `{service}` stands for the service's name.
            path = Path(str(self.database_password_file).replace("{service}", service))
            password = read_secret("QAPF_DATABASE_PASSWORD_FILE", path)
            url = make_url(url).set(password=password).render_as_string(hide_password=False)
        return url

    def pseudonyms(self) -> bytes | None:
        """The key with which references of children become pseudonyms; a local one needs no secret."""
        if self.pseudonym_key is not None:
            return self.pseudonym_key.get_secret_value().encode()
        if self.pseudonym_key_file is not None:
            key = read_secret("QAPF_PSEUDONYM_KEY_FILE", self.pseudonym_key_file)
            if len(key) < _SHORTEST_PSEUDONYM_KEY:
                raise SettingsError("QAPF_PSEUDONYM_KEY_FILE: the key has at least 16 characters")
            return key.encode()
        return b"for first tries only" if self.environment == "local" else None

    def webhook_keys(self) -> tuple[str, ...]:
        """The keys that the secrets of webhooks are kept under, the newest first; a local one needs no file."""
        if self.webhook_keys_file is not None:
            return tuple(read_secret("QAPF_WEBHOOK_KEYS_FILE", self.webhook_keys_file).split())
        return (_LOCAL_WEBHOOK_KEY,) if self.environment == "local" else ()

    def client_secret(self) -> str | None:
        """The secret of this service's own OIDC client, from the variable or its file."""
        if self.oidc_client_secret_file is not None:
            return read_secret("QAPF_OIDC_CLIENT_SECRET_FILE", self.oidc_client_secret_file)
        return self.oidc_client_secret.get_secret_value() if self.oidc_client_secret else None


def read_secret(variable: str, path: Path) -> str:
    """The content of a secret file without its line end."""
    try:
        return path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"{variable}: the file cannot be read ({error.strerror})") from None


def load_settings(**overrides: object) -> Settings:
    """Read the environment; a fault names its variable and never shows the value."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        faults = []
        for item in error.errors(include_input=False, include_url=False):
            name = "QAPF_" + "_".join(str(part).upper() for part in item["loc"]) if item["loc"] else ""
            message = item["msg"].removeprefix("Value error, ")
            faults.append(f"{name}: {message}" if name else message)
        raise SettingsError("; ".join(faults)) from None
