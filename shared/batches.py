"""A batch in JSON whose rows are judged one by one: read within a bound, taken apart, described in OpenAPI."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from pydantic import BaseModel

from shared.problems import Fault, Malformed, TooLarge, UnsupportedMedia
from shared.strict import parse_json

NDJSON = "application/x-ndjson"


def media_of(request: Request) -> str:
    """The media type of the body, without its parameters."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


async def read_batch(request: Request, most_bytes: int, *also: str) -> bytes:
    """The body as it was sent, in JSON or `also` another media type; raises UnsupportedMedia, and TooLarge as soon as
    the bound is passed."""
    if media_of(request) not in ("application/json", *also):
        raise UnsupportedMedia(f"Send {' or '.join(('application/json', *also))}.")
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > most_bytes:
            raise TooLarge(f"At most {most_bytes} bytes are taken here.")
    return bytes(raw)


def items_of(raw: bytes, most: int, what: str) -> list[Any]:
    """The rows of `{"items": [...]}`, good or bad; raises Malformed where it is not that. `what` names them."""
    document = parse_json(raw)
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or set(document) != {"items"}:
        fault = Fault("", "shape", f"give one key, items, a list of {what}")
        raise Malformed('Send {"items": [...]}.', errors=[fault])
    _check_number(len(items), most, what)
    return items


def lines_of(raw: bytes, most: int, what: str) -> list[bytes]:
    """The lines of a batch in NDJSON, empty ones left out."""
    lines = [line for line in raw.split(b"\n") if line.strip()]
    _check_number(len(lines), most, what)
    return lines


def _check_number(number: int, most: int, what: str) -> None:
    if not 1 <= number <= most:
        fault = Fault("/items", "too_many" if number else "empty", f"give 1 to {most} {what} at a time")
        raise Malformed("The batch is too long or empty.", errors=[fault])


# FastAPI describes only what it reads itself; `shared/openapi.py` adds these.
models_of_rows: list[type[BaseModel]] = []


def batch_body(model: type[BaseModel], most: int, **more: Any) -> dict[str, Any]:
    """The body for OpenAPI: a list of that model, in which what is no such thing is reported by its place."""
    models_of_rows.append(model)
    rows = {
        "type": "array",
        "minItems": 1,
        "maxItems": most,
        "items": {"anyOf": [{"$ref": f"#/components/schemas/{model.__name__}"}, {}]},
    }
    schema = {"type": "object", "additionalProperties": False, "required": ["items"], "properties": {"items": rows}}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, **more}}}}
