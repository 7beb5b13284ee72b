"""What an audit holds, whether it lies in the tables, in a correction under way or in an edition that was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_OUT_OF_CONTENT = frozenset({"audit_id"})


@dataclass(frozen=True, slots=True)
class Parts:
    """Answers by question, and the rows of views, findings and participants in their order."""

    answers: Mapping[str, str]
    views: Sequence[Mapping[str, Any]]
    findings: Sequence[Mapping[str, Any]]
    participants: Sequence[Mapping[str, Any]]
    no_strength_reason: str | None

    @property
    def heard(self) -> set[str]:
        """Whose views are there, heard or with the reason why not."""
        return {view["view_of"] for view in self.views}

    @property
    def kinds(self) -> list[str]:
        """The kinds of its findings."""
        return [finding["kind"] for finding in self.findings]

    def content(self) -> dict[str, Any]:
        """All of it as it is kept in one document."""
        return {
            "answers": dict(self.answers),
            "views": _rows(self.views),
            "findings": _rows(self.findings),
            "participants": _rows(self.participants),
            "no_strength_reason": self.no_strength_reason,
        }


def _rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in _OUT_OF_CONTENT} for row in rows]


def parts_of(row: Any) -> Parts:
    """The parts of an audit read with `queries.read_audit`."""
    return Parts(row.answers or {}, row.views or (), row.findings or (), row.participants or (), row.no_strength_reason)


def parts_from(content: Mapping[str, Any]) -> Parts:
    """The parts kept in a document."""
    return Parts(**content)
