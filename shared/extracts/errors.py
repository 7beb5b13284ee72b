"""The named problems of OData feeds."""

from __future__ import annotations

from typing import Any

from shared.problems import Malformed


def _as_odata(code: str, message: str | None) -> dict[str, Any]:
    """What an OData client looks for in an error, beside the problem everybody else reads."""
    return {"error": {"code": code, "message": message or code}}


class NotOffered(Malformed):
    """The feed is read-only and minimal: `$filter` with eq, ne, gt, ge, lt, le, and, or; `$select`, `$top`, `$skip`,
    `$count`, and where the metadata says so `$orderby`. Leave out what `detail` names and do it in the client."""

    slug, title = "odata-not-offered", "The feed does not offer this part of OData"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, **_as_odata(self.slug, detail))


class UnreadableQuery(Malformed):
    """Write the query option as OData 4.0 does: texts in single quotes, dates and times without."""

    slug, title = "odata-unreadable", "An OData query option cannot be read"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, **_as_odata(self.slug, detail))
