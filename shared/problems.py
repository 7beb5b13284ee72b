"""RFC 9457 problem documents: every refusal says what is wrong and where, and never repeats the value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from fastapi import Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from shared.faults import SafeValueError

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Fault:
    """One fault in the input: a JSON pointer (or `query/…`, `header/…`), a code and a sentence."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):
    """A refusal. Subclasses name the kind; `docs/problems.md` has a paragraph for each slug."""

    slug: ClassVar[str] = "internal-error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(self.slug)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = extra


class Malformed(Problem):
    """The body, query or a header is not in the documented form; nothing was stored. Mend what `errors` points at."""

    slug, status, title = "malformed", 422, "The request is not in the documented form"


class BadRequest(Problem):
    """The request is not HTTP this service can read. Check the client or the proxy before it."""

    slug, status, title = "bad-request", 400, "The request cannot be read"


class Unauthenticated(Problem):
    """The token is missing, expired, or not one of the configured issuer for this audience. Get a new one."""

    slug, status, title = "unauthenticated", 401, "A valid bearer token is needed"


class Forbidden(Problem):
    """`needed_scope` names the scope; a role that has it must be given to the caller by the identity provider."""

    slug, status, title = "forbidden", 403, "The token lacks the scope this needs"


class UnitMissing(Problem):
    """The role is of people of one unit and the token does not say which; without that it would be the whole council's.
    `missing_claim` names the claim that the identity provider must fill.
    """

    slug, status, title = "unit-missing", 403, "The token does not name the unit that its role needs"


class NotFound(Problem):
    """It does not exist, or it belongs to an organisation unit outside the caller's scope; the two look alike."""

    slug, status, title = "not-found", 404, "There is nothing here for this caller"


class MethodNotAllowed(Problem):
    """See the OpenAPI description for the methods of the path."""

    slug, status, title = "method-not-allowed", 405, "This path does not take that method"


class NotAcceptable(Problem):
    """Ask for one of the documented representations."""

    slug, status, title = "not-acceptable", 406, "That representation is not offered"


class BrokenRule(Problem):
    """409: well formed, yet against a rule or the present state; services subclass it with a slug of their own."""

    slug, status, title = "broken-rule", 409, "A rule of the framework does not allow this"


class Stale(Problem):
    """Somebody changed the record after it was read. Read it again and send the change with the new ETag."""

    slug, status, title = "stale", 412, "The record has changed since it was read"


class TooLarge(Problem):
    """Send less at once; imports take files in parts."""

    slug, status, title = "too-large", 413, "The body is larger than this operation takes"


class UnsupportedMedia(Problem):
    """Send the documented Content-Type, without Content-Encoding."""

    slug, status, title = "unsupported-media-type", 415, "The body is of a kind this operation does not take"


class PreconditionNeeded(Problem):
    """A change must name the version it changes: send If-Match with the ETag that was read."""

    slug, status, title = "precondition-required", 428, "Say which version you are changing"


class TooMany(Problem):
    """Wait as long as Retry-After says."""

    slug, status, title = "too-many-requests", 429, "Too many requests"


class Unavailable(Problem):
    """The database or a neighbour is busy or away. Wait as long as Retry-After says and send the same again."""

    slug, status, title = "unavailable", 503, "The service cannot answer at the moment"

    def __init__(self, detail: str | None = None, *, retry_after: int = 5, **keywords: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)}, **keywords)


class StorageFull(Problem):
    """The database's disk is full; nothing was stored. Tell operations, then send the same again."""

    slug, status, title = "storage-full", 507, "There is no room left to store this"


class FaultOut(BaseModel):
    pointer: str = Field(description="where the fault is: a JSON pointer into the body, `/query/…` or `/header/…`")
    code: str
    detail: str


class ProblemOut(BaseModel):
    """What every error looks like (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str
    request_id: str
    errors: list[FaultOut] = []


def all_problems() -> dict[str, list[type[Problem]]]:
    """Every kind of problem the loaded services can answer with, by slug: two services may have one of the same."""
    found: dict[str, list[type[Problem]]] = {}
    queue: list[type[Problem]] = [Problem]
    while queue:
        kind = queue.pop()
        found.setdefault(kind.slug, []).append(kind)
        queue.extend(kind.__subclasses__())
    return {slug: sorted(kinds, key=lambda kind: kind.__module__) for slug, kinds in found.items()}


def problem_response(request: Request, problem: Problem) -> Response:
    """Render a problem; `instance` is the request id, since a path or query may name a child."""
    request_id = request.scope.get("state", {}).get("request_id", "00000000-0000-0000-0000-000000000000")
    base = request.scope.get("root_path", "")
    body: dict[str, Any] = {
        "type": f"{base}/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": f"urn:uuid:{request_id}",
        "request_id": request_id,
        "errors": [{"pointer": f.pointer, "code": f.code, "detail": f.detail} for f in problem.errors],
        **problem.extra,
    }
    return Response(
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode(),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **problem.headers},
    )


# Pydantic's own sentences may quote what was sent; these never do.
_SENTENCES = {
    "missing": "this is required",
    "extra_forbidden": "there is a key here that this operation does not know",
    "json_invalid": "this is not valid JSON",
    "literal_error": "this is not one of the allowed words",
    "enum": "this is not one of the allowed words",
    "value_error": "this does not meet the rule for the field",
    "union_tag_invalid": "this is not one of the allowed kinds",
    "string_pattern_mismatch": "this does not have the required form",
    "uuid_parsing": "this is not a UUID",
    "model_type": "give an object",
    "model_attributes_type": "give an object",
}


@dataclass
class _Pointer:
    parts: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in self.parts)


def fault_from_pydantic(error: Mapping[str, Any], prefix: Sequence[str] = ()) -> Fault:
    """One pydantic error as a fault: an unknown key points to its parent, the value is left out."""
    location = [str(part) for part in error["loc"]]
    kind = str(error["type"])
    if kind == "extra_forbidden":
        location = location[:-1]
    if location and location[0] == "body":
        location = location[1:]
    if kind == "json_invalid":
        location = []
    if kind in _SENTENCES:
        detail = _SENTENCES[kind]
        context = error.get("ctx") or {}
        if kind in ("literal_error", "enum") and "expected" in context:
            detail = f"this is not one of {context['expected']}"
        if kind == "value_error" and isinstance(context.get("error"), SafeValueError):
            detail = str(context["error"])
    else:
        detail = str(error["msg"])
    return Fault(str(_Pointer([*prefix, *location])), kind, detail)
