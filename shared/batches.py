"""A batch in JSON whose rows are judged one by one: read within a bound, taken apart, described in OpenAPI."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from shared.problems import Fault, Malformed, TooLarge, UnsupportedMedia
from shared.strict import parse_json


async def read_batch(request: Request, most_bytes: int) -> bytes:
    """The body as it was sent; raises UnsupportedMedia, and TooLarge as soon as the bound is passed."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise UnsupportedMedia("Send application/json.")
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
    if not 1 <= len(items) <= most:
        fault = Fault("/items", "too_many" if items else "empty", f"give 1 to {most} {what} at a time")
        raise Malformed("The batch is too long or empty.", errors=[fault])
    return items


def batch_body(model: str, most: int, **more: Any) -> dict[str, Any]:
    """The body for OpenAPI: a list of that model, in which what is no such thing is reported by its place."""
    rows = {
        "type": "array",
        "minItems": 1,
        "maxItems": most,
        "items": {"anyOf": [{"$ref": f"#/components/schemas/{model}"}, {}]},
    }
    schema = {"type": "object", "additionalProperties": False, "required": ["items"], "properties": {"items": rows}}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, **more}}}}
