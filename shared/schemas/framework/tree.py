"""Reads a folder of framework files into one checked framework, or says everything that is wrong with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from shared.problems import fault_from_pydantic
from shared.schemas.framework.catalogue import APPLIED_TO, KINDS, content_of, parse_item
from shared.schemas.framework.consistency import inconsistencies
from shared.schemas.framework.fields import Item
from shared.schemas.framework.yaml_source import Source, read_yaml

MAX_FILES = 300
ItemT = TypeVar("ItemT", bound=Item)


@dataclass(frozen=True, order=True)
class FrameworkProblem:
    """One thing wrong: in which file and line, in which item, where in it, and what to do."""

    file: str
    line: int
    kind: str
    code: str
    pointer: str
    detail: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        item = " ".join(part for part in (self.kind, self.code, self.pointer) if part)
        return f"{place}: {item}: {self.detail}" if item else f"{place}: {self.detail}"


class FrameworkError(Exception):
    """The framework cannot be used; `problems` names every reason."""

    def __init__(self, problems: Sequence[FrameworkProblem]) -> None:
        self.problems = sorted(problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"The framework has {count}:", *(f"  {each}" for each in self.problems)]))


@dataclass
class Framework:
    """Every item by kind and code, in the order of the files."""

    items: dict[str, dict[str, Item]] = field(default_factory=lambda: {kind: {} for kind in KINDS})

    def of(self, model: type[ItemT]) -> dict[str, ItemT]:
        """The items of one model by code."""
        kind = next(kind for kind, known in KINDS.items() if known is model)
        return cast("dict[str, ItemT]", self.items[kind])

    def entries_for(self, service: str) -> list[dict[str, Any]]:
        """What that service is sent when the framework is applied: kind, code and content of each item."""
        return [
            {"kind": kind, "code": code, "content": content_of(item)}
            for kind in APPLIED_TO[service]
            for code, item in self.items[kind].items()
        ]


def read_tree(path: Path) -> Framework:
    """Read every `*.yaml` under the folder, check each item strictly and all of them against each other.

    Raises FrameworkError with every problem found; nothing is returned unless all is well.
    """
    reading = _Reading(path)
    for file in _files(path):
        reading.read(file)
    if not reading.problems:
        for kind, code, pointer, detail in inconsistencies(reading.framework.items):
            reading.complain(kind, code, pointer, detail)
    if reading.problems:
        raise FrameworkError(reading.problems)
    return reading.framework


def _files(path: Path) -> list[Path]:
    def refuse(detail: str) -> FrameworkError:
        return FrameworkError([FrameworkProblem(path.name, 0, "", "", "", detail)])

    if not path.is_dir():
        raise refuse("there is no such folder; give the folder that holds the framework's YAML files")
    files = sorted(found for found in path.rglob("*") if found.suffix in (".yaml", ".yml") and found.is_file())
    if not files:
        raise refuse("there is no .yaml file in this folder; give the folder that holds the framework")
    if len(files) > MAX_FILES:
        raise refuse(f"there are more than {MAX_FILES} YAML files in this folder; merge some")
    return files


class _Reading:
    """The state of one reading: what was understood, where each item stood, and the problems so far."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.framework = Framework()
        self.problems: list[FrameworkProblem] = []
        self._origins: dict[tuple[str, str], tuple[str, Source, str]] = {}

    def complain(self, kind: str, code: str, pointer: str, detail: str) -> None:
        file, source, base = self._origins[kind, code]
        self.problems.append(FrameworkProblem(file, source.line_of(base + pointer) or 0, kind, code, pointer, detail))

    def read(self, path: Path) -> None:
        file = path.relative_to(self.root).as_posix()
        if path.suffix == ".yml":
            self._about_file(file, 0, "", "", "rename the file to end in .yaml; others are not read")
            return
        source = read_yaml(path)
        for pointer, line, detail in source.faults:
            self._about_file(file, line or 0, "", pointer, detail)
        if source.faults or source.content is None:
            return
        if not isinstance(source.content, dict):
            self._about_file(file, 1, "", "", "a file is a mapping of kinds, such as `units:` with a list below")
            return
        for kind, items in source.content.items():
            self._read_kind(file, source, kind, items)

    def _about_file(self, file: str, line: int, kind: str, pointer: str, detail: str) -> None:
        self.problems.append(FrameworkProblem(file, line, kind, "", pointer, detail))

    def _read_kind(self, file: str, source: Source, kind: str, items: Any) -> None:
        pointer = f"/{kind}"
        line = source.line_of(pointer) or 0
        if kind not in KINDS:
            said = _naming("kind", kind, list(KINDS))
            self._about_file(file, line, "", "", f"{said} The kinds are: {', '.join(KINDS)}.")
        elif not isinstance(items, list):
            self._about_file(file, line, kind, pointer, "a kind is followed by a list; begin each item with a dash")
        else:
            for place, content in enumerate(items):
                self._read_item(file, source, kind, f"{pointer}/{place}", content)

    def _read_item(self, file: str, source: Source, kind: str, pointer: str, content: Any) -> None:
        code = content.get("code") if isinstance(content, dict) else None
        try:
            item = parse_item(kind, content)
        except ValidationError as error:
            shown = code if isinstance(code, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,80}", code) else ""
            for each in error.errors(include_url=False, include_input=False):
                inside, detail = _explain(dict(each), kind)
                line = source.line_of(pointer + inside) or 0
                where = inside if shown else pointer + inside
                self.problems.append(FrameworkProblem(file, line, kind, shown, where, detail))
            return
        if item.code in self.framework.items[kind]:
            first, known, base = self._origins[kind, item.code]
            at = f"{first}:{known.line_of(base)}"
            detail = f"this code stands at {at} already; give one of the two another code or remove it"
            line = source.line_of(pointer) or 0
            self.problems.append(FrameworkProblem(file, line, kind, item.code, "/code", detail))
            return
        self.framework.items[kind][item.code] = item
        self._origins[kind, item.code] = (file, source, pointer)


def _explain(error: dict[str, Any], kind: str) -> tuple[str, str]:
    """A pointer inside the item and a sentence; never the value that was found."""
    fault = fault_from_pydantic(error)
    if error["type"] == "extra_forbidden":
        known = list(KINDS[kind].model_fields) if len(error["loc"]) == 1 else []
        return fault.pointer, _naming("key", str(error["loc"][-1]), known)
    if error["type"] == "missing":
        return fault.pointer, "this is required; add it"
    return fault.pointer, fault.detail


def _naming(what: str, word: str, known: list[str]) -> str:
    """Name an unknown key or kind of the operator's own file, if it looks like one, and the nearest known."""
    name = f" `{word}`" if re.fullmatch(r"[A-Za-z][A-Za-z0-9_ -]{0,39}", word) else ""
    near = difflib.get_close_matches(word, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "remove it or correct its name."
    return f"there is no {what}{name} here; {hint}"
