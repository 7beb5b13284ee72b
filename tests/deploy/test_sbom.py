"""The bill of materials names everything the image installs, with its hashes, in a form that tools read."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parents[2]


def test_the_bill_of_materials_is_the_lock() -> None:
    text = subprocess.run(
        [sys.executable, ROOT / "deploy" / "make_sbom.py"], capture_output=True, text=True, check=True
    ).stdout
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)", lock, re.MULTILINE))
    assert {(one["name"], one["version"]) for one in bill["components"]} == pinned
    hashes = {one["content"] for component in bill["components"] for one in component["hashes"]}
    assert hashes == set(re.findall(r"sha256:([0-9a-f]{64})", lock))
    assert all(one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}" for one in bill["components"])
    (root,) = [one for one in bill["dependencies"] if one["ref"] == "qapf"]
    assert len(root["dependsOn"]) == len(pinned)
    again = subprocess.run([sys.executable, ROOT / "deploy" / "make_sbom.py"], capture_output=True, check=True).stdout
    assert again.decode() == text
