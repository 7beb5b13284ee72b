"""Prints what the image is made of, from the locked requirements, as CycloneDX: `make sbom`.

The base images bring an operating system besides; whoever publishes an image adds that from the image itself.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, metadata
from os import environ
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[1]
_PINNED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>.+?))?\s*\\?$")
_HASH = re.compile(r"^\s+--hash=sha256:([0-9a-f]{64})")


def make_sbom(lock: str, project: str) -> Bom:
    """The bill of what is pinned in `lock` for the project described by `project`."""
    told = tomllib.loads(project)["project"]
    root = Component(
        name=told["name"], version=told["version"], type=ComponentType.APPLICATION, description=told["description"],
        licenses=[LicenseFactory().make_from_string(told["license"])], bom_ref=told["name"],
    )  # fmt: skip
    # The same lock gives the same bill.
    bom = Bom(serial_number=uuid5(NAMESPACE_URL, lock))
    bom.metadata.component = root
    bom.metadata.timestamp = datetime.fromtimestamp(int(environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    parts = list(_components(lock))
    bom.components.update(parts)
    bom.register_dependency(root, parts)
    return bom


def _components(lock: str) -> Iterator[Component]:
    lines = lock.splitlines()
    starts = [number for number, line in enumerate(lines) if line[:1].strip()]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        pinned = _PINNED.match(lines[start])
        if pinned is None:
            raise ValueError(f"line {start + 1} of the lock pins nothing")
        hashes = [found[1] for line in lines[start:end] if (found := _HASH.match(line))]
        yield _component(pinned["name"], pinned["version"], pinned["marker"], hashes)


def _component(name: str, version: str, marker: str | None, hashes: list[str]) -> Component:
    url = PackageURL("pypi", None, name, version)
    return Component(
        name=name, version=version, type=ComponentType.LIBRARY, purl=url, bom_ref=str(url),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in hashes],
        licenses=_licenses(name),
        properties=[Property(name="qapf:only_where", value=marker)] if marker else [],
    )  # fmt: skip


def _licenses(name: str) -> list[License]:
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return []
    expression = told.get("License-Expression")
    return [LicenseFactory().make_from_string(expression)] if expression else []  # type: ignore[list-item]


def main() -> None:
    bom = make_sbom((ROOT / "requirements.txt").read_text(), (ROOT / "pyproject.toml").read_text())
    sys.stdout.write(JsonV1Dot6(bom).output_as_string(indent=2) + "\n")


if __name__ == "__main__":
    main()
