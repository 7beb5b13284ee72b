"""The shipped alerts fire when they should, and neither they nor the dashboard name a metric that is not there."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from services.catalogue import create_service
from shared.auth.local_issuer import LocalIssuer
from shared.settings import SERVICES
from tests.conftest import make_settings
from tests.deploy.promql import Labels, Query, Series, seconds

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "monitoring"
RULES = {
    rule["alert"]: rule
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
}
CASES = yaml.safe_load((FOLDER / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]
PANELS = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))["panels"]
# Prometheus's own.
OWN = {"up"}


def labels_of(written: str) -> Labels:
    name, _, rest = written.partition("{")
    return frozenset({"__name__": name, **dict(re.findall(r'(\w+)="([^"]*)"', rest))}.items())


def samples(written: str) -> dict[float, float]:
    """`1 0x3` is 1 0 0 0 0, `0+2x2` is 0 2 4; one a minute."""
    values: list[float] = []
    for part in written.split():
        found = re.fullmatch(r"(\d+|NaN)(?:\+(\d+))?(?:x(\d+))?", part)
        assert found is not None, part
        start, step, times = float(found[1]), float(found[2] or 0), int(found[3] or 0)
        values += [start + step * number for number in range(times + 1)]
    return {60.0 * number: value for number, value in enumerate(values)}


def firing(rule: dict[str, Any], series: Series, at: float) -> list[dict[str, str]]:
    """The labels under which the rule fires: its condition has held without a break for as long as it says."""
    since: dict[Labels, float] = {}
    for moment in range(0, int(at) + 1, 60):
        found = Query(rule["expr"], series, moment).result()
        held = {frozenset(pair for pair in key if pair[0] != "__name__") for key in found}
        since = {key: since.get(key, moment) for key in held}
    return [dict(key) | rule["labels"] for key, begun in since.items() if at - begun >= seconds(rule["for"])]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_alert_fires_when_it_should_and_only_then(case: dict[str, Any]) -> None:
    series = {labels_of(one["series"]): samples(one["values"]) for one in case["input_series"]}
    (wanted,) = case["alert_rule_test"]
    rule = RULES[wanted["alertname"]]
    found = firing(rule, series, seconds(wanted["eval_time"]))
    assert found == [one["exp_labels"] for one in wanted["exp_alerts"]]
    assert all(one["exp_annotations"] == rule["annotations"] for one in wanted["exp_alerts"])


def test_every_alert_is_tried_both_ways_and_says_what_to_do() -> None:
    tried = {(one["alertname"], bool(one["exp_alerts"])) for case in CASES for one in case["alert_rule_test"]}
    assert tried == {(name, fires) for name in RULES for fires in (True, False)}
    assert {rule["labels"]["severity"] for rule in RULES.values()} == {"critical", "warning"}
    assert all(rule["annotations"]["summary"] for rule in RULES.values())


@pytest.mark.parametrize("name", ["prometheus.yml", "kubernetes.yml"])
def test_what_is_scraped_bears_the_job_and_the_label_that_rules_go_by(name: str) -> None:
    (job,) = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))["scrape_configs"]
    named = {value for rule in RULES.values() for value in re.findall(r'job="(\w+)"', rule["expr"])}
    assert named == {job["job_name"]}
    if "static_configs" in job:
        assert [one["labels"]["service"] for one in job["static_configs"]] == list(SERVICES)
        return
    pods = FOLDER.parent / "kubernetes"
    found = yaml.safe_load((pods / "kustomization.yaml").read_text(encoding="utf-8"))["namespace"]
    assert job["kubernetes_sd_configs"] == [{"role": "pod", "namespaces": {"names": [found]}}]
    assert job["relabel_configs"][-1]["target_label"] == "service"
    for service in SERVICES:
        text = (pods / f"{service}.yaml").read_text(encoding="utf-8")
        assert 'prometheus.io/scrape: "true"' in text
        assert f"app.kubernetes.io/name: {service}" in text
        assert "ports: [{name: http, containerPort: 8000}]" in text
    assert "prometheus.io" not in (pods / "gateway.yaml").read_text(encoding="utf-8")


def metrics_of(expressions: list[str]) -> set[str]:
    named: set[str] = set()
    for text in expressions:
        query = Query(text, {}, 0)
        query.result()
        named |= query.metrics
    return named


def test_whoever_is_woken_by_an_alert_finds_what_it_goes_by_on_the_dashboard() -> None:
    drawn = metrics_of([one["expr"] for panel in PANELS for one in panel["targets"]])
    assert metrics_of([rule["expr"] for rule in RULES.values()]) - drawn == set()


async def test_every_metric_that_is_named_is_shown_by_a_service(issuer: LocalIssuer) -> None:
    shown: set[str] = set()
    for service in SERVICES:
        # What is shown does not hang on the database: it is away here.
        settings = make_settings(issuer, service, "postgresql+asyncpg://nobody@127.0.0.1:9/away", background=True)
        app = create_service(service, settings)
        async with app.router.lifespan_context(app):
            await asyncio.sleep(0.05)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://qapf") as client:
                text = (await client.get("/metrics")).text
        for name, kind in re.findall(r"^# TYPE (\S+) (\w+)$", text, re.MULTILINE):
            shown |= {f"{name}_{end}" for end in ("bucket", "count", "sum")} if kind == "histogram" else {name}
    expressions = [rule["expr"] for rule in RULES.values()] + [
        one["expr"] for panel in PANELS for one in panel["targets"]
    ]
    named = metrics_of(expressions)
    assert named - shown == OWN
    ours = {name for name in shown if name.startswith("qapf_") and not name.endswith(("_bucket", "_sum", "_created"))}
    # What is shown and watched by nobody would be forgotten.
    assert ours - named == {"qapf_log_fields_dropped"}
