"""Authorities of one's own: trusted where the setting names them, refused without, and never a file that holds none."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from services.catalogue import create_service
from services.cli import main
from services.doctor import _keys
from services.reporting_api.deliveries.jobs import run_deliveries
from shared.auth.local_issuer import LocalIssuer
from shared.auth.sources import build_verifier, service_token
from shared.clients.answers import NeighbourUnavailable
from shared.settings import SERVICES, Settings, SettingsError
from shared.trust import further_trust
from tests.conftest import ROOT, Start, make_settings
from tests.shared.certificates import Authority
from tests.shared.little_server import Figures, http, listening, says


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def test_a_neighbour_is_asked_over_https_where_its_authority_is_named(start: Start, authority: Authority) -> None:
    async with listening(says(http())[0], authority.server()) as url:
        trusting = await start("reporting", audit_url=url, authorities_file=authority.kept())
        answer = await trusting.app.state.neighbours["audit"].get("/v1/figures", None, Figures, token="a")
        assert answer.data.rate == 65
        usual = await start("reporting", audit_url=url)
        with pytest.raises(NeighbourUnavailable) as failure:
            await usual.app.state.neighbours["audit"].get("/v1/figures", None, Figures, token="a")
        assert failure.value.reason == "tls"


async def test_the_provider_is_asked_for_keys_and_tokens_where_its_authority_is_named(authority: Authority) -> None:
    talk, heard = says(http(b'{"keys": [], "access_token": "a"}'))
    async with listening(talk, authority.server()) as url:
        usual = Settings(
            oidc_issuer="https://issuer.example", oidc_jwks_url=url, oidc_token_url=url, oidc_client_id="q",
            oidc_client_secret="s", roles_file=ROOT / "framework" / "dorset" / "roles.yaml",
        )  # fmt: skip
        trusting = usual.model_copy(update={"authorities_file": authority.kept()})
        assert (await build_verifier(trusting)._keys._fetch())["keys"] == []
        assert await service_token(trusting, "reporting_service")() == "a"
        for ask in (build_verifier(usual)._keys._fetch, service_token(usual, "reporting_service")):
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await ask()
    assert len(heard) == 2


async def test_a_receiver_of_webhooks_is_told_where_its_authority_is_named(start: Start, authority: Authority) -> None:
    talk, heard = says(http())
    async with listening(talk, authority.server()) as url:
        outcomes = []
        for file in (None, authority.kept()):
            reporting = await start("reporting", webhook_private_addresses=True, authorities_file=file)
            admin = await reporting.client("admin")
            made = await admin.post("/v1/webhooks", json={"name": "Committee system", "url": url})
            address = f"/v1/webhooks/{made.json()['webhook']['id']}"
            assert (await admin.post(f"{address}/pings")).status_code == 202
            await reporting.seal()
            courier = asyncio.create_task(run_deliveries(reporting.app))
            outcome = None
            while outcome is None:
                await asyncio.sleep(0.02)
                [delivery] = (await admin.get(f"{address}/deliveries")).json()["items"] or [{"last_outcome": None}]
                outcome = delivery["last_outcome"]
            courier.cancel()
            outcomes.append(outcome)
    assert (outcomes, len(heard)) == (["tls", "acknowledged"], 1)


async def test_a_framework_is_applied_over_https_where_its_authority_is_named(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talk, heard = says(http(b"{}", status="403 Forbidden"))
    monkeypatch.setenv("QAPF_TOKEN", "invented")
    async with listening(talk, authority.server()) as url:
        monkeypatch.setattr(sys, "argv", ["qapf", "apply", "framework/dorset", "--url", url])
        for file, asked in (("", 0), (str(authority.kept()), 1)):
            monkeypatch.setenv("QAPF_AUTHORITIES_FILE", file)
            with pytest.raises(SystemExit):
                await asyncio.to_thread(main)
            assert bool(heard) == bool(asked), capsys.readouterr().err


def _none(file: Path) -> None:
    file.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_none, "the file cannot be read"),
        (lambda file: file.write_text(""), "holds no certificate"),
        (lambda file: file.write_text("-----BEGIN CERTIFICATE-----\nmQ==\n-----END CERTIFICATE-----\n"), "no certif"),
        (lambda file: file.write_bytes(b"\x30\x82\xff" * 50), "holds no certificate"),
    ],
    ids=["missing", "empty", "broken", "not PEM"],
)
def test_a_file_without_a_certificate_stops_every_service_and_the_doctor_says_so(
    issuer: LocalIssuer, tmp_path: Path, spoil: Callable[[Path], object], told: str
) -> None:
    file = tmp_path / "s3cret-name.pem"
    spoil(file)
    for service in SERVICES:
        settings = make_settings(issuer, service, "postgresql+asyncpg://nobody@127.0.0.1:9/away", authorities_file=file)
        with pytest.raises(SettingsError, match=f"QAPF_AUTHORITIES_FILE: .*{told}") as refusal:
            create_service(service, settings)
        assert "s3cret" not in str(refusal.value)
    assert [(one.good, told in one.advice) for one in _keys(settings)] == [(False, True)]


def test_the_usual_authorities_stay_trusted_and_one_made_by_hand_is_taken(
    authority: Authority, issuer: LocalIssuer
) -> None:
    settings = make_settings(issuer, "audit", "", authorities_file=authority.kept())
    trust = further_trust(settings)
    assert trust is not None
    usual = httpx.create_ssl_context().cert_store_stats()["x509"]
    assert trust.cert_store_stats()["x509"] > usual > 100
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert not trust.verify_flags & ssl.VERIFY_X509_STRICT
    assert [str(one) for one in _keys(settings)][-1] == "ok   authorities of your own are trusted"
