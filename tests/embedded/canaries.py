"""A word of its own in every field of every body in which somebody may write of a person, and where it comes out."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pypdf

from shared.settings import SERVICES
from tests.architecture.fields_table import PERSONS
from tests.documents import document_of
from tests.doses import FULL, dose
from tests.embedded.test_every_text import BESIDE, Fresh, put
from tests.embedded.test_request_examples import Operation, operations

# Codes of the framework and of periods: nobody is written of in them.
CODES = {
    "area", "board", "council", "course", "identifier", "language", "pair_code", "period", "respondent_group", "token",
}  # fmt: skip
CANARY = re.compile(r"Zq[0-9]{5}canary")


@dataclass
class Planted:
    """Which field each canary was taken from, and every answer that refused one."""

    taken: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    kept: dict[str, str] = field(default_factory=dict)
    unprepared: dict[str, str] = field(default_factory=dict)
    problems: list[httpx.Response] = field(default_factory=list)

    @property
    def fields(self) -> set[str]:
        return set(self.taken.values())


def places(schema: dict[str, Any], schemas: dict[str, Any], at: str = "") -> Iterator[str]:
    """The pointer of every string in which a person may be written of or named."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from places(one, schemas, at)
    name = at.rsplit("/", 1)[-1]
    coded = name in CODES or {"format", "enum", "const"} & set(schema) or ("pattern" in schema and name not in PERSONS)
    if schema.get("type") == "string" and not coded:
        yield at
    for name, one in schema.get("properties", {}).items():
        yield from places(one, schemas, f"{at}/{name}")
    if "items" in schema:
        yield from places(schema["items"], schemas, f"{at}/0")


class Planter(Fresh):
    """Sends the examples of one service with a canary in each field in which one may write."""

    def __init__(self, client: httpx.AsyncClient, known: dict[str, Operation], planted: Planted) -> None:
        super().__init__(client, known)
        self.planted = planted

    async def send(self, name: str, body: tuple[str, Any] | None, chosen: dict[str, str]) -> httpx.Response:
        if body is not None and not isinstance(body[1], str):
            own = re.sub(r'("source_ref": "[^"]*[0-9])"', rf'\1X{self.run}"', json.dumps(body[1]))
            body = body[0], json.loads(own)
        return await super().send(name, body, chosen)

    async def plant(self, one: Operation, pointers: list[str]) -> None:
        """Canaries in all fields at once; where that is refused, in each by itself, of a small dose in a few."""
        if len(pointers) > 1 and not FULL and await self._send(one, pointers):
            return
        for pointer in pointers[: dose(2, None)]:
            await self._send(one, [pointer])

    async def _send(self, one: Operation, pointers: list[str]) -> bool:
        Fresh.run += 1
        try:
            await self.prepare(one.name)
        except AssertionError as fault:
            self.planted.unprepared[one.name] = str(fault)
            return True
        self.planted.kept |= self.kept
        body, words = one.bodies[0][1], {}
        for pointer in pointers:
            beside = BESIDE.get((one.name, pointer), {}) if len(pointers) == 1 or one.name == "submit_view" else {}
            body = body | {key: self.kept.get(str(value).strip("{}"), value) for key, value in beside.items()}
            word = f"Zq{len(self.planted.tried):05}canary"
            self.planted.tried.add(word)
            try:
                body = put(body, pointer, word)
            except (KeyError, IndexError, TypeError):
                continue
            words[word] = f"{one.name} {pointer}"
        if not words:
            return False
        answer = await self.send(one.name, ("application/json", body), {})
        if answer.is_success:
            self.planted.taken |= words
        else:
            self.planted.refused |= words
            self.planted.problems.append(answer)
        return answer.is_success


async def plant_everywhere(client: httpx.AsyncClient) -> Planted:
    planted = Planted()
    for service in SERVICES:
        document = document_of(service)
        schemas = document["components"]["schemas"]
        known = {one.name: one for one in operations(document, f"/{service}")}
        planter = Planter(client, known, planted)
        for one in sorted(known.values(), key=lambda one: one.name == "submit_view"):
            if one.bodies and not isinstance(one.bodies[0][1], str):
                content = document["paths"][one.path.removeprefix(f"/{service}")][one.method.lower()]["requestBody"][
                    "content"
                ]
                schema = content["application/json"]["schema"]
                await planter.plant(one, sorted(set(places(schema, schemas))))
    return planted


def words_of(answer: httpx.Response) -> str:
    """Everything an answer says, its headers, and what is packed or typeset in it."""
    kind = answer.headers.get("content-type", "")
    told = f"{answer.headers}\n"
    if kind == "application/pdf":
        pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
        return told + re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            return told + "".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    return told + answer.text


def canaries_in(text: str) -> set[str]:
    return set(CANARY.findall(text))
