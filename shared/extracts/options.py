"""The query options of an OData request, as much of them as our feeds offer, and the addresses they lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from pydantic_core import to_json

from shared.extracts.errors import NotOffered, UnreadableQuery
from shared.extracts.instants import read_instant
from shared.extracts.tables import Column, Table

PAGE, MOST_SKIPPED = 5_000, 100_000
_HEADERS = {"OData-Version": "4.0"}
_JSON = "application/json;odata.metadata=minimal"
_NUMBER = {"ge": 0, "le": 2**31 - 1}


def feed_address(request: Request) -> str:
    """The feed's own address, under whatever prefix a gateway or a larger application serves this one."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}/v1/odata"


def odata_response(content: Mapping[str, Any]) -> Response:
    """A service document or a page of entities as OData clients expect it."""
    return Response(to_json(content), media_type=_JSON, headers=_HEADERS)


def metadata_response(document: bytes) -> Response:
    return Response(document, media_type="application/xml", headers=_HEADERS)


@dataclass(frozen=True)
class Options:
    """The query options of a request."""

    filter: str | None
    select: str | None
    top: int | None
    skip: int
    count: bool
    token: str | None
    orderby: str | None
    given: Mapping[str, str]


def _read_options(
    request: Request,
    filter_: Annotated[str | None, Query(alias="$filter", max_length=4_000)] = None,
    select: Annotated[str | None, Query(alias="$select", max_length=1_000)] = None,
    top: Annotated[int | None, Query(alias="$top", **_NUMBER)] = None,
    skip: Annotated[int, Query(alias="$skip", **_NUMBER)] = 0,
    count: Annotated[bool, Query(alias="$count")] = False,
    token: Annotated[str | None, Query(alias="$skiptoken", max_length=2_000)] = None,
    format_: Annotated[str | None, Query(alias="$format", max_length=100)] = None,
    orderby: Annotated[str | None, Query(alias="$orderby", max_length=1_000)] = None,
    expand: Annotated[str | None, Query(alias="$expand", max_length=1_000)] = None,
    search: Annotated[str | None, Query(alias="$search", max_length=1_000)] = None,
    apply: Annotated[str | None, Query(alias="$apply", max_length=1_000)] = None,
    compute: Annotated[str | None, Query(alias="$compute", max_length=1_000)] = None,
) -> Options:
    missing = {"$expand": expand, "$search": search, "$apply": apply, "$compute": compute}
    for name, value in missing.items():
        if value is not None:
            raise NotOffered(f"{name} is not offered")
    if format_ is not None and format_.partition(";")[0] not in ("json", "application/json"):
        raise NotOffered("$format offers JSON only")
    if skip > MOST_SKIPPED:
        raise NotOffered(f"$skip goes to {MOST_SKIPPED}; follow @odata.nextLink for more")
    return Options(filter_, select, top, skip, count, token, orderby, dict(request.query_params))


OptionsOf = Annotated[Options, Depends(_read_options)]


def chosen_columns(table: Table, select: str | None) -> Sequence[str]:
    """The properties of `$select`; all where none are named."""
    names = [part.strip() for part in (select or "*").split(",")]
    if "*" in names:
        return table.names
    if any(table.column(name) is None for name in names):
        raise UnreadableQuery("$select names a property that this entity does not have")
    return tuple(dict.fromkeys(names))


class Order(NamedTuple):
    """One property of `$orderby`."""

    column: Column
    descending: bool

    def sorting(self, row: Mapping[str, Any]) -> tuple[bool, Any]:
        """What rows are sorted by; null is below everything, as OData has it."""
        value = row[self.column.name]
        return (value is not None, value)


def read_order(table: Table, orderby: str | None) -> tuple[Order, ...]:
    """The properties of `$orderby`, the weightiest first; none where it is not given."""
    found = []
    for part in orderby.split(",") if orderby is not None else ():
        name, *direction = part.split() or [""]
        column = table.column(name)
        if column is None or direction not in ([], ["asc"], ["desc"]):
            raise UnreadableQuery("$orderby names properties of this entity, each with asc or desc")
        found.append(Order(column, direction == ["desc"]))
    return tuple(found)


def moment_of_token(text: str) -> datetime:
    """The moment that every page of a reading shows, as its token carries it."""
    try:
        return read_instant(text)
    except ValueError:
        raise UnreadableQuery("$skiptoken is not one of this feed's") from None


def next_link(request: Request, entity_set: str, options: Options, read: int, token: str | None) -> str:
    """Where the next page is; `read` is how many rows this one has."""
    query = {name: value for name, value in options.given.items() if name not in ("$skip", "$skiptoken", "$top")}
    if options.top is not None:
        query["$top"] = str(options.top - read)
    return f"{feed_address(request)}/{entity_set}?{urlencode(query | {'$skiptoken': token})}"
