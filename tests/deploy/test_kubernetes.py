"""The Kubernetes manifests are what Kubernetes takes, name only what is there, and promise what compose promises."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from shared.settings import SERVICES, Settings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
SCHEMA = json.loads((Path(__file__).parent / "kubernetes_schema.json").read_text(encoding="utf-8"))
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
MADE: list[dict[str, Any]] = [
    one
    for name in KUSTOMIZATION["resources"]
    for one in yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8"))
]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
# Made by hand, as docs/operations.md says.
SECRETS = {"qapf-databases", "qapf-reporting-client", "qapf-pseudonyms", "qapf-webhooks", "qapf-tls"}


def of(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in MADE if one["kind"] == kind}


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, one in {**of("Deployment"), **of("Job")}.items():
        yield name, one["spec"]["template"]["spec"]
    for name, one in of("CronJob").items():
        yield name, one["spec"]["jobTemplate"]["spec"]["template"]["spec"]


PODS = dict(pods())


@pytest.mark.parametrize("one", MADE, ids=lambda one: f"{one['kind']} {one['metadata']['name']}")
def test_a_manifest_has_the_form_that_kubernetes_takes(one: dict[str, Any]) -> None:
    kind = SCHEMA["kinds"][f"{one['apiVersion']} {one['kind']}"]
    # Not `validate`, which looks through the whole schema each time before it looks at the manifest.
    jsonschema.Draft7Validator({**kind, "definitions": SCHEMA["definitions"]}).validate(one)


def test_every_file_is_applied_once_and_every_image_has_a_tag() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert sorted(KUSTOMIZATION["resources"]) == sorted(files)
    named = {container["image"] for pod in PODS.values() for container in pod["containers"]}
    assert named == {image["name"] for image in KUSTOMIZATION["images"]}
    assert all(image["newTag"] not in ("", "latest") for image in KUSTOMIZATION["images"])


@pytest.mark.parametrize("name", PODS)
def test_every_container_is_hardened_and_bounded_and_mounts_what_there_is(name: str) -> None:
    pod = PODS[name]
    assert pod["automountServiceAccountToken"] is False
    assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, 10001)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        held = container["securityContext"]
        assert (held["allowPrivilegeEscalation"], held["readOnlyRootFilesystem"]) == (False, True)
        assert held["capabilities"]["drop"] == ["ALL"]
        assert set(container["resources"]["limits"]) == {"cpu", "memory"}
        assert {one["name"] for one in container["volumeMounts"]} == {one["name"] for one in pod["volumes"]}
    for volume in pod["volumes"]:
        if "secret" in volume:
            assert volume["secret"]["secretName"] in SECRETS
        elif "persistentVolumeClaim" in volume:
            assert volume["persistentVolumeClaim"]["claimName"] in of("PersistentVolumeClaim")
        else:
            assert volume["emptyDir"]["sizeLimit"]


@pytest.mark.parametrize("name", PODS)
def test_every_variable_is_a_setting_and_comes_from_something_that_is_made(name: str) -> None:
    known = {f"QAPF_{field.upper()}" for field in Settings.model_fields} | {"FORWARDED_ALLOW_IPS"}
    maps = of("ConfigMap")
    for container in PODS[name]["containers"]:
        for one in container.get("env", []):
            assert one["name"] in known
            source = one.get("valueFrom", {})
            if "configMapKeyRef" in source:
                assert source["configMapKeyRef"]["key"] in maps[source["configMapKeyRef"]["name"]]["data"]
            if "secretKeyRef" in source:
                assert source["secretKeyRef"]["name"] in SECRETS
        for one in container.get("envFrom", []):
            assert set(maps[one["configMapRef"]["name"]]["data"]) <= known
    assert not re.search("password:|secret:", json.dumps(maps["qapf-settings"]["data"]), re.IGNORECASE)


def test_a_secret_is_given_to_the_service_whose_code_asks_for_it_and_to_no_other() -> None:
    for name, asked in (("PSEUDONYM_KEY", "pseudonyms"), ("WEBHOOK_KEYS", "webhook_keys"), ("CLIENT_SECRET", "oidc")):
        kubernetes = {
            service for service in SERVICES
            if any(name in one["name"] for one in PODS[service]["containers"][0]["env"])
        }  # fmt: skip
        compose = {service for service in SERVICES if any(name in key for key in COMPOSE[service]["environment"])}
        code = {
            service for service in SERVICES for path in (ROOT / "services" / f"{service}_api").rglob("*.py")
            if f".{asked}()" in path.read_text(encoding="utf-8")
        }  # fmt: skip
        # The client secret is asked for where tokens are: only reporting calls on its own account.
        assert kubernetes == (code or {"reporting"}), name
        assert compose == (kubernetes if asked != "oidc" else set()), name


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("203.0.113.9, 198.51.100.7, 10.0.0.3", "198.51.100.7"),
        ("192.168.0.1, 198.51.100.7", "198.51.100.7"),
        ("2001:db8::1, 2001:db8::7, 10.0.0.3", "2001:db8::7"),
    ],
)
async def test_where_a_caller_comes_from_is_not_what_the_caller_says(said: str, believed: str) -> None:
    trusted = of("ConfigMap")["qapf-settings"]["data"]["FORWARDED_ALLOW_IPS"]
    assert COMPOSE["audit"]["environment"]["FORWARDED_ALLOW_IPS"] == trusted
    found: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.append((scope["client"][0], scope["scheme"]))

    headers = [(b"x-forwarded-for", said.encode()), (b"x-forwarded-proto", b"https")]
    scope: Any = {"type": "http", "scheme": "http", "client": ("172.18.0.6", 4711), "headers": headers}
    nothing: Any = None
    await ProxyHeadersMiddleware(app, trusted)(scope, nothing, nothing)
    assert found == [(believed, "https")]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_runs_as_in_compose_and_a_rolling_update_loses_no_request(service: str) -> None:
    spec, compose = of("Deployment")[service]["spec"], COMPOSE[service]
    (container,) = spec["template"]["spec"]["containers"]
    assert container["args"] == compose["command"]
    env = {one["name"]: one.get("value") for one in container["env"]}
    assert env["QAPF_ROOT_PATH"] == compose["environment"]["QAPF_ROOT_PATH"]
    assert [name for name in env if name.endswith("_DATABASE_URL")] == [f"QAPF_{service.upper()}_DATABASE_URL"]
    for neighbour in {"QAPF_AUDIT_URL", "QAPF_INDICATOR_URL", "QAPF_FEEDBACK_URL"} & set(compose["environment"]):
        assert env[neighbour] == compose["environment"][neighbour]
    probes = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")}
    assert probes == {"startup": "/startupz", "readiness": "/readyz", "liveness": "/livez"}
    assert spec["replicas"] == 2
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    # It drains for ten seconds and then has its own time for what is in flight.
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] > 10 + Settings().drain_seconds
    drain = of("ConfigMap")["qapf-settings"]["data"]["QAPF_DRAIN_FILE"]
    assert f"touch {drain} " in container["lifecycle"]["preStop"]["exec"]["command"][-1]
    assert container["resources"]["limits"]["memory"].removesuffix("Mi") == compose["mem_limit"].removesuffix("m")


@pytest.mark.parametrize("name", [*SERVICES, "gateway"])
def test_selectors_find_their_pods_and_ports(name: str) -> None:
    deployment, service = of("Deployment")[name]["spec"], of("Service")[name]["spec"]
    label = {"app.kubernetes.io/name": name}
    assert deployment["selector"]["matchLabels"] == service["selector"] == label
    assert label.items() <= deployment["template"]["metadata"]["labels"].items()
    assert of("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"] == label
    ports = {one["name"]: one["containerPort"] for one in deployment["template"]["spec"]["containers"][0]["ports"]}
    assert service["ports"][0]["targetPort"] in ports
    assert ports["http"] == 8000


def test_only_the_gateway_is_reached_from_outside() -> None:
    (ingress,) = of("Ingress").values()
    (rule,) = ingress["spec"]["rules"]
    assert [path["backend"]["service"]["name"] for path in rule["http"]["paths"]] == ["gateway"]
    policies = of("NetworkPolicy")
    assert policies["nothing-unless-named"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    open_doors = [
        name for name, one in policies.items() for door in one["spec"].get("ingress", []) if "from" not in door
    ]
    assert open_doors == ["gateway"]
    assert all(one["spec"].get("type", "ClusterIP") == "ClusterIP" for one in of("Service").values())


def test_every_night_there_is_a_backup_and_a_look_at_everything() -> None:
    done = {name: one["args"] for name in of("CronJob") for one in PODS[name]["containers"]}
    assert done == {
        "backup": ["qapf", "backup", "/backups", "--keep-days", "30"],
        "verify": ["qapf", "verify"],
        "doctor": ["qapf", "doctor"],
    }
    assert all(one["spec"]["concurrencyPolicy"] == "Forbid" for one in of("CronJob").values())
