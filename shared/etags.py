"""Strong ETags and the preconditions a change must name."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from shared.problems import Fault, Malformed, PreconditionNeeded, Stale

_STRONG = re.compile(r'"(?:[\x21\x23-\x7e])*"')
_VERSION = re.compile(r'"(0|[1-9][0-9]{0,18})(?:-[0-9a-f]{16})?"')


def version_etag(version: int) -> str:
    return f'"{version}"'


def record_etag(version: int, *told: bytes) -> str:
    """The tag of a record as one caller was told it at one moment; a change names it as well as the bare version.

    The version alone would be the same for whoever sees less of it, or later: a browser that two people use would then
    show the one what it keeps of the other.
    """
    return f'"{version}-{sha256(b"".join(told)).hexdigest()[:16]}"'


def as_seen(request: Request, version: int, answer: BaseModel | bytes) -> Response:
    """A record as this caller sees it, or 304 where that very answer is held."""
    body = answer if isinstance(answer, bytes) else answer.model_dump_json().encode()
    headers = {"ETag": record_etag(version, body)}
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def content_etag(*parts: bytes) -> str:
    """The tag of these very bytes: whoever holds it holds what he would be told, whatever he may see."""
    digest = sha256()
    for part in parts:
        digest.update(part)
    return f'"{digest.hexdigest()[:32]}"'


class IfMatch:
    """The versions a caller says it has seen."""

    def __init__(self, tags: frozenset[str]) -> None:
        self._tags = tags

    @property
    def versions(self) -> frozenset[int]:
        """The versions named, for a caller who can be told what has changed since."""
        return frozenset(int(found[1]) for tag in self._tags if (found := _VERSION.fullmatch(tag)))

    def check(self, version: int) -> None:
        """Raises Stale (412) unless the record is still at a version the caller named."""
        if version not in self.versions:
            raise Stale(
                "Read it again, look at what changed, and send the change with the new ETag.",
                headers={"ETag": version_etag(version)},
            )


Given = Annotated[
    str | None, Header(alias="If-Match", description="the ETag of the version being changed", max_length=500)
]


async def _read_if_match(if_match: Given = None) -> IfMatch:
    if if_match is None:
        raise PreconditionNeeded("Send If-Match with the ETag you read.")
    return _parse(if_match)


def _parse(if_match: str) -> IfMatch:
    tags = frozenset(part.strip() for part in if_match.split(","))
    if not all(_STRONG.fullmatch(tag) for tag in tags):
        fault = Fault("/header/If-Match", "etag", "give one or more strong ETags in double quotes")
        raise Malformed("If-Match is not readable.", errors=[fault])
    return IfMatch(tags)


def if_match() -> Any:
    return Depends(_read_if_match)


class Precondition:
    """What a caller says of a record that may not be there yet: the version seen, that there is none, or nothing."""

    def __init__(self, seen: IfMatch | None, *, new: bool) -> None:
        self._seen, self._new = seen, new

    def check(self, version: int | None) -> None:
        """Raises Stale (412) unless the record is as the caller said, PreconditionNeeded (428) for a change of what was
        not read; None is a record that is not there."""
        if version is not None and self._seen is not None:
            self._seen.check(version)
        elif self._seen is not None or (version is not None and self._new):
            headers = {} if version is None else {"ETag": version_etag(version)}
            raise Stale("Read it again: it is there where you said it was not, or the reverse.", headers=headers)
        elif version is not None:
            raise PreconditionNeeded("It is there already: send If-Match with the ETag you read.")


async def _read_precondition(
    if_match: Given = None,
    if_none_match: Annotated[
        str | None, Header(alias="If-None-Match", description="`*`: only if it is not there yet", max_length=500)
    ] = None,
) -> Precondition:
    if if_none_match is not None and if_none_match.strip() != "*":
        fault = Fault("/header/If-None-Match", "etag", "give * to say that there is nothing there yet")
        raise Malformed("If-None-Match is not readable.", errors=[fault])
    return Precondition(None if if_match is None else _parse(if_match), new=if_none_match is not None)


def precondition() -> Any:
    """For a PUT that creates what is not there yet and changes what is."""
    return Depends(_read_precondition)


def not_modified(request: Request, etag: str) -> bool:
    """Whether the caller already has this representation (If-None-Match), or one that says the same."""
    held, known = request.headers.get("if-none-match", ""), (etag.removeprefix("W/"), "*")
    return any(part.strip().removeprefix("W/") in known for part in held.split(",")) if held else False
