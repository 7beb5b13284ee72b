"""Strong ETags and the preconditions a change must name."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from shared.problems import Fault, Malformed, PreconditionNeeded, Stale

_STRONG = re.compile(r'"(?:[\x21\x23-\x7e])*"')


def version_etag(version: int) -> str:
    return f'"{version}"'


class IfMatch:
    """The versions a caller says it has seen."""

    def __init__(self, tags: frozenset[str]) -> None:
        self._tags = tags

    def check(self, version: int) -> None:
        """Raises Stale (412) unless the record is still at a version the caller named."""
        if version_etag(version) not in self._tags:
            raise Stale(
                "Read it again, look at what changed, and send the change with the new ETag.",
                headers={"ETag": version_etag(version)},
            )


def _read_if_match(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description="the ETag of the version being changed", max_length=500),
    ] = None,
) -> IfMatch:
    if if_match is None:
        raise PreconditionNeeded("Send If-Match with the ETag you read.")
    tags = frozenset(part.strip() for part in if_match.split(","))
    if not all(_STRONG.fullmatch(tag) for tag in tags):
        fault = Fault("/header/If-Match", "etag", "give one or more strong ETags in double quotes")
        raise Malformed("If-Match is not readable.", errors=[fault])
    return IfMatch(tags)


def if_match() -> Any:
    return Depends(_read_if_match)


def if_match_or_none(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match", description="the ETag of the version being changed; none for a new one", max_length=500
        ),
    ] = None,
) -> IfMatch | None:
    """For a PUT that creates what is not there yet and changes what is."""
    return None if if_match is None else _read_if_match(request, if_match)


def not_modified(request: Request, etag: str) -> bool:
    """Whether the caller already has this representation (If-None-Match)."""
    held = request.headers.get("if-none-match", "")
    return any(part.strip().removeprefix("W/") in (etag, "*") for part in held.split(",")) if held else False
