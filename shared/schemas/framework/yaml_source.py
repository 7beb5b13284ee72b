"""Reads one YAML file of the framework: safely, bounded, and remembering the line of everything it read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 2_000_000
MAX_DEPTH = 20

_TAG = "tag:yaml.org,2002:"
_SCALARS = {f"{_TAG}str": str, f"{_TAG}int": int, f"{_TAG}float": float}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.2's few plain words: `no` and `on` stay text, and so do dates, which the models read."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _name, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,17})", list("-+0123456789")),
    ("float", r"[-+]?(?:0|[1-9][0-9]{0,17})?\.[0-9]{1,17}", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(f"^(?:{_pattern})$"), _first)


@dataclass
class Source:
    """What a file holds, the line of each pointer in it, and what is wrong with it."""

    content: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[tuple[str, int | None, str]] = field(default_factory=list)

    def line_of(self, pointer: str) -> int | None:
        """The line of that place, or of the nearest place above it."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer)


def read_yaml(path: Path) -> Source:
    """The content of the file as plain data; faults instead of an exception where it cannot be read."""
    source = Source()
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        text = raw.decode("utf-8")
    except OSError:
        source.faults.append(("", None, "the file cannot be read; check that it exists and its permissions"))
        return source
    except UnicodeDecodeError:
        source.faults.append(("", None, "the file is not UTF-8; save it as UTF-8 text"))
        return source
    if len(raw) > MAX_BYTES:
        source.faults.append(("", None, f"the file is over {MAX_BYTES} bytes; split it into several"))
        return source
    try:
        if fault := _unwelcome(text):
            source.faults.append(fault)
            return source
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        detail = "this is not valid YAML; check the indentation, colons and quotes here"
        source.faults.append(("", mark.line + 1 if mark else None, detail))
        return source
    if node is not None:
        source.content = _plain(node, "", source)
    return source


def _unwelcome(text: str) -> tuple[str, int | None, str] | None:
    """The first alias or too deep nesting, found without recursion: both can make a small file very large."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return "", line, "anchors and aliases are not used here; write the value out"
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            return "", line, f"this is nested more than {MAX_DEPTH} deep; check the brackets and indentation"
    return None


def _plain(node: yaml.Node, pointer: str, source: Source) -> Any:
    source.lines[pointer] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
        return _mapping(node, pointer, source)
    if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
        return [_plain(child, f"{pointer}/{place}", source) for place, child in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        if node.tag == f"{_TAG}null":
            return None
        if node.tag == f"{_TAG}bool":
            return node.value == "true"
        if convert := _SCALARS.get(node.tag):
            try:
                return convert(node.value)
            except ValueError:
                pass
    source.faults.append((pointer, node.start_mark.line + 1, "remove the YAML tag (!) here; plain values are enough"))
    return None


def _mapping(node: yaml.MappingNode, pointer: str, source: Source) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or not key_node.value:
            source.faults.append(
                (pointer, line, "a key here is not a plain word; put quotes or a name before the colon")
            )
            continue
        key = str(key_node.value)
        place = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        if key in found:
            source.faults.append((place, line, "this key stands twice in one mapping; keep one of the two"))
            continue
        found[key] = _plain(value_node, place, source)
        source.lines[place] = line
    return found
