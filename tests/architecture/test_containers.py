"""What the container files promise, checked without an engine."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet

from shared.protocol import HeadersFirst
from shared.settings import SERVICES, Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
OVERRIDES = sorted((ROOT / "deploy").glob("*.yml"))
SERVED: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
ONCE = {"migrate", "secrets", "tools", "backups"}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def mounts(service: str) -> dict[str, str]:
    """Where in a container which part of the volume of secrets is seen."""
    listed = [one for one in SERVED[service].get("volumes", []) if isinstance(one, dict)]
    assert all(one["read_only"] for one in listed)
    return {one["target"]: one["volume"]["subpath"] for one in listed if one["source"] == "secrets"}


@pytest.mark.parametrize("service", SERVED)
def test_every_container_is_hardened_and_bounded(service: str) -> None:
    made = SERVED[service]
    assert made["read_only"] is True
    assert made["cap_drop"] == ["ALL"]
    assert made["security_opt"] == ["no-new-privileges:true"]
    assert made["mem_limit"]
    assert made["cpus"]
    assert made["pids_limit"]
    assert made["logging"]["options"]["max-size"]
    assert all("size=" in one for one in made["tmpfs"])


@pytest.mark.parametrize("service", SERVED)
def test_what_stays_up_has_a_health_check_and_what_runs_once_does_not_come_back(service: str) -> None:
    made = SERVED[service]
    if service in ONCE:
        assert made["healthcheck"] == {"disable": True}
        assert made["restart"] == "no"
    else:
        assert made["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
        assert made["restart"] == "unless-stopped"
        assert int(made["stop_grace_period"].removesuffix("s")) > Settings().drain_seconds


def test_every_image_has_a_tag_and_none_is_the_latest() -> None:
    images = [made["image"] for made in SERVED.values()]
    images += re.findall(r"^ARG \w+_IMAGE=(\S+)$", DOCKERFILE, re.MULTILINE)
    images += re.findall(r"_IMAGE:-([^}]+)\}", COMPOSE.read_text(encoding="utf-8"))
    assert len(images) == len(SERVED) + 7
    for image in images:
        assert re.fullmatch(r"[a-z-]+:(\$\{TAG:-local\}|[\w.-]+)", image), image
        assert "latest" not in image
    stages = set(re.findall(r"^FROM .* AS (\S+)", DOCKERFILE, re.MULTILINE))
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) - stages == {
        "${PYTHON_IMAGE}", "${GATEWAY_IMAGE}", "${POSTGRES_IMAGE}",
    }  # fmt: skip


@pytest.mark.parametrize("path", [COMPOSE, *OVERRIDES], ids=lambda path: path.name)
def test_every_variable_of_ours_is_a_setting(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = {f"QAPF_{name.upper()}" for name in Settings.model_fields}
    known |= set(re.findall(r'envvar="(QAPF_\w+)"', (ROOT / "services" / "cli.py").read_text(encoding="utf-8")))
    assert set(re.findall(r"QAPF_\w+", text)) <= known


@pytest.mark.parametrize("path", OVERRIDES, ids=lambda path: path.name)
def test_an_override_names_only_services_that_exist(path: Path) -> None:
    assert set(yaml.safe_load(path.read_text(encoding="utf-8"))["services"]) <= set(SERVED)


def test_only_the_gateway_is_reached_from_outside_and_from_this_machine_only_unless_told() -> None:
    assert [name for name, made in SERVED.items() if "ports" in made] == ["gateway"]
    assert SERVED["gateway"]["ports"] == ["${BIND:-127.0.0.1}:${PORT:-8000}:8000"]
    assert SERVED["postgres"]["networks"] == ["data"]
    assert yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["networks"]["data"] == {"internal": True}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_sees_its_own_database_and_password_and_no_other(service: str) -> None:
    made = SERVED[service]
    assert made["command"] == ["uvicorn", "--factory", f"services.{service}_api.app:create_app"]
    assert [name for name in made["environment"] if name.endswith("_DATABASE_URL")] == [
        f"QAPF_{service.upper()}_DATABASE_URL"
    ]
    assert made["environment"]["QAPF_ROOT_PATH"] == f"/{service}"
    passwords = {target: part for target, part in mounts(service).items() if "databases" in part}
    assert passwords == {f"/run/qapf/databases/{service}": f"databases/{service}"}


def test_the_issuers_private_key_is_seen_only_by_what_signs() -> None:
    assert {name for name in SERVED if "issuer" in mounts(name).values()} == {"reporting", "tools"}
    assert {name for name in SERVED if "postgres" in mounts(name).values()} == {"postgres"}
    whole = {name for name, made in SERVED.items() if "secrets:/run/qapf" in made.get("volumes", [])}
    assert whole == {"secrets"}


def test_the_default_pools_fit_the_databases_connections() -> None:
    limit = int(re.search(r"max_connections=\$\{MAX_CONNECTIONS:-(\d+)\}", COMPOSE.read_text(encoding="utf-8"))[1])  # type: ignore[index]
    settings = Settings()
    assert 2 * settings.connections * settings.workers * len(SERVICES) <= limit - 3


def test_the_image_is_built_from_hashed_packages_and_runs_as_nobody_in_particular() -> None:
    assert "syntax=" not in DOCKERFILE
    assert "--require-hashes --only-binary :all:" in DOCKERFILE
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", DOCKERFILE, re.MULTILINE)
    assert "UVICORN_WS=none" in DOCKERFILE
    assert f"UVICORN_HTTP={HeadersFirst.__module__}:{HeadersFirst.__name__}" in DOCKERFILE
    assert re.search(r"^HEALTHCHECK .*\n\s+CMD .*/livez", DOCKERFILE, re.MULTILINE)


def test_what_the_image_is_made_of_exists_and_is_let_into_the_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = [line[1:] for line in ignored if line.startswith("!")]
    assert "*" in ignored
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(?:--\S+ )?(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert len(copied) > 8
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(source == one or source.startswith(f"{one}/") for one in let_in), source


def test_the_gateway_knows_every_service_and_takes_what_the_services_take() -> None:
    text = (ROOT / "deploy" / "gateway" / "Caddyfile").read_text(encoding="utf-8")
    assert f"^/({'|'.join(SERVICES)})/" in text
    assert set(re.findall(r"forward_auth (\w+):8000", text)) == set(SERVICES)
    limit = int(re.search(r"max_size (\d+)MB", text)[1])  # type: ignore[index]
    assert limit * 1_000_000 > Settings().max_import_bytes
    page = (ROOT / "deploy" / "gateway" / "index.html").read_text(encoding="utf-8")
    assert all(f'href="/{service}/docs"' in page for service in SERVICES)


def test_the_database_script_is_sound_and_may_be_run() -> None:
    script = ROOT / "deploy" / "postgres" / "databases.sh"
    subprocess.run(["bash", "-n", script], check=True)
    text = script.read_text(encoding="utf-8")
    assert f"for service in {' '.join(SERVICES)};" in text
    assert 'REVOKE ALL ON DATABASE :"name" FROM PUBLIC' in text


@pytest.fixture
def making() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_secrets", ROOT / "deploy" / "make_secrets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_secrets_are_made_once_private_and_different(making: ModuleType, tmp_path: Path) -> None:
    making.make(tmp_path, local=True)
    found = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    passwords = {service: found[tmp_path / "databases" / service / "password"] for service in SERVICES}
    assert len({*passwords.values(), found[tmp_path / "postgres" / "superuser"]}) == 5
    assert all(found[tmp_path / "postgres" / service] == password for service, password in passwords.items())
    assert all(path.stat().st_mode & 0o777 == 0o400 for path in tmp_path.glob("databases/*/password"))
    assert (tmp_path / "issuer" / "issuer.pem").stat().st_mode & 0o077 == 0
    making.make(tmp_path, local=True)
    assert {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == found


def test_another_key_of_webhooks_is_put_before_those_that_are_there(making: ModuleType, tmp_path: Path) -> None:
    making.make(tmp_path, local=False)
    keys = tmp_path / "webhooks" / "keys"
    before = keys.read_text()
    making.another_webhook_key(tmp_path)
    newest, *others = keys.read_text().splitlines()
    assert (others, keys.stat().st_mode & 0o777) == ([before.strip()], 0o400)
    assert len(Fernet(newest).encrypt(b"invented")) > 0


def test_production_gets_no_local_issuer_but_every_folder_that_is_mounted(making: ModuleType, tmp_path: Path) -> None:
    making.make(tmp_path, local=False)
    parts = {part for name in SERVED for part in mounts(name).values()}
    assert all((tmp_path / part).is_dir() for part in parts)
    assert list((tmp_path / "issuer").iterdir()) == list((tmp_path / "keys").iterdir()) == []


def test_a_backup_can_be_taken_by_a_container_that_has_the_databases_and_nothing_else() -> None:
    made = SERVED["backups"]
    assert (made["entrypoint"], made["command"]) == (["qapf"], ["backup", "/backups"])
    assert made["networks"] == ["data"]
    assert set(mounts("backups").values()) == {"databases"}
    assert made["build"]["target"] == "tools"
    assert re.search(r"^FROM services AS tools$", DOCKERFILE, re.MULTILINE)
    assert DOCKERFILE.rstrip().endswith("FROM services")


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_a_way_out_to_the_identity_provider_and_the_receivers_of_webhooks(service: str) -> None:
    networks = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["networks"]
    assert any(not (networks[name] or {}).get("internal") for name in SERVED[service]["networks"])
