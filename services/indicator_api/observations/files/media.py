"""Which form of file a request says that it sends."""

from __future__ import annotations

from fastapi import Request

from services.indicator_api.observations.files.formats import Kind
from shared.problems import UnsupportedMedia

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS: dict[str, Kind] = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "text/csv": "csv",
    WORKBOOK: "xlsx",
}


def kind_of(request: Request) -> Kind:
    """The form its Content-Type names. Raises UnsupportedMedia for any other, and for text that is not UTF-8."""
    media, *parameters = request.headers.get("content-type", "").lower().split(";")
    named = [one.partition("=")[2].strip(' "') for one in parameters if one.strip().startswith("charset=")]
    kind = _KINDS.get(media.strip())
    if kind is None or any(charset not in ("utf-8", "utf8", "us-ascii") for charset in named):
        raise UnsupportedMedia(
            "Send application/json, application/x-ndjson or text/csv, in UTF-8, or a workbook (.xlsx)."
        )
    return kind
