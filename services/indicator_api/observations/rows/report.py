"""What an import did or would do, and why it did not do the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from services.indicator_api.observations.rows.cells import CellFault
from services.indicator_api.observations.rows.checks import Place

Mode = Literal["atomic", "partial"]
MOST_ERRORS = 1_000
_FIGURES_OF_A_ROW = 200


class Layout:
    """Where a row of figures stands in what was sent: as a rule each is a row of its own, under our own columns."""

    def place(self, place: Place) -> Place:
        return place

    def source_column(self, number: int, column: str | None) -> int | None:
        return None


@dataclass
class Report:
    """Counts of rows, and the faults of the first thousand; every row is in exactly one of the counts."""

    mode: Mode
    layout: Layout = field(default_factory=Layout)
    rejected: int = 0
    stored: int = 0
    created: int = 0
    changed: int = 0
    protected: bool = False
    errors: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    errors_truncated: bool = False
    warnings_truncated: bool = False

    @property
    def rows(self) -> int:
        return self.stored + self.rejected

    @property
    def unchanged(self) -> int:
        return self.stored - self.created - self.changed

    @property
    def fails(self) -> bool:
        """Whether nothing may be stored because something is wrong."""
        return self.mode == "atomic" and self.rejected > 0

    def refuse(self, place: Place, faults: list[CellFault]) -> None:
        """Count a row as rejected and keep why."""
        self.rejected += 1
        for fault in faults:
            entry = self._entry(place, fault)
            if len(self.errors) == MOST_ERRORS:
                self.errors_truncated = True
            # Figures that share a row of a mapped file share its faults, which are told once.
            elif entry not in self.errors[-_FIGURES_OF_A_ROW:]:
                self.errors.append(entry)

    def warn(self, place: Place, fault: CellFault) -> None:
        """Keep what is doubtful about a row that is stored."""
        if len(self.warnings) < MOST_ERRORS:
            self.warnings.append(self._entry(place, fault))
        else:
            self.warnings_truncated = True

    def outcome(self) -> dict[str, Any]:
        """The counts and faults as they are kept, and as they are answered to callers who may see figures."""
        nothing = self.fails
        self.errors.sort(key=lambda error: error["row"])
        return {
            "accepted_existing": 0 if nothing else self.stored - self.created,
            "rows": self.rows,
            "created": 0 if nothing else self.created,
            "changed": 0 if nothing else self.changed,
            "unchanged": 0 if nothing else self.unchanged,
            "rejected": self.rejected,
            "replayed": self.rows > 0 and self.unchanged == self.rows,
            "errors": self.errors,
            "errors_truncated": self.errors_truncated,
            "warnings": self.warnings,
            "warnings_truncated": self.warnings_truncated,
        }

    def _entry(self, place: Place, fault: CellFault) -> dict[str, Any]:
        row, line = self.layout.place(place)
        pointer = f"/items/{row - 1}" + (f"/{fault.column}" if fault.column else "")
        return {
            "row": row, "line": line, "column": fault.column,
            "source_column": self.layout.source_column(place[0], fault.column), "pointer": pointer,
            "code": fault.code, "detail": fault.detail,
        }  # fmt: skip


def without_comparison(outcome: dict[str, Any]) -> dict[str, Any]:
    """The outcome, not telling which rows were equal to what is stored: sent with 1, 2, 3 … a row would find it out."""
    return outcome | {"changed": None, "unchanged": None, "replayed": None}
