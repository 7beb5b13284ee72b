"""Settings as containers give them, and a service behind a gateway that strips its prefix."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import make_url

from services.catalogue import create_service
from shared.settings import Settings, SettingsError, load_settings

URLS: dict[str, object] = {
    "audit_database_url": "postgresql+asyncpg://qapf_audit@postgres/qapf_audit",
    "feedback_database_url": "postgresql+asyncpg://qapf_feedback@postgres/qapf_feedback",
}


def test_one_password_setting_finds_each_services_own_file(tmp_path: Path) -> None:
    for service in ("audit", "feedback"):
        (tmp_path / service).mkdir()
        (tmp_path / service / "password").write_text(f"s3cret of {service}\n")
    settings = load_settings(**URLS, database_password_file=tmp_path / "{service}" / "password")
    for service in ("audit", "feedback"):
        assert make_url(settings.database_url(service)).password == f"s3cret of {service}"


def test_a_password_file_that_is_missing_is_named_by_its_setting(tmp_path: Path) -> None:
    settings = load_settings(**URLS, database_password_file=tmp_path / "none")
    with pytest.raises(SettingsError, match="QAPF_DATABASE_PASSWORD_FILE: the file cannot be read"):
        settings.database_url("audit")


def test_the_key_of_pseudonyms_comes_from_a_file_or_the_variable_and_is_never_a_short_one(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("invented, of more than sixteen\n")
    assert load_settings(pseudonym_key_file=file).pseudonyms() == b"invented, of more than sixteen"
    both = load_settings(pseudonym_key_file=file, pseudonym_key="the one that was there before")
    assert both.pseudonyms() == b"the one that was there before"
    file.write_text("\n")
    with pytest.raises(SettingsError, match="QAPF_PSEUDONYM_KEY_FILE: the key has at least 16 characters"):
        load_settings(pseudonym_key_file=file).pseudonyms()
    assert load_settings().pseudonyms() is None


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QAPF_OIDC_JWKS_FILE", "")
    monkeypatch.setenv("QAPF_POOL_SIZE", "")
    settings = load_settings()
    assert settings.oidc_jwks_file is None
    assert settings.pool_size == 6


@pytest.mark.parametrize("prefix", ["", "/audit"])
@pytest.mark.parametrize("path", ["/livez", "/docs", "/docs/assets/swagger-ui.css", "/docs/assets/start.js"])
async def test_a_service_is_whole_whether_or_not_the_gateway_strips_its_prefix(path: str, prefix: str) -> None:
    async with _behind_a_gateway() as client:
        assert (await client.get(prefix + path)).status_code == 200


def _behind_a_gateway() -> httpx.AsyncClient:
    settings = Settings(**URLS, root_path="/audit", oidc_issuer="https://login.example", oidc_jwks_file=Path("none"))  # type: ignore[arg-type]
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(create_service("audit", settings)), base_url="http://council"
    )
