"""The levels at which figures are told apart (R17): which units make each of them."""

from __future__ import annotations

from collections.abc import Mapping

from services.feedback_api.summary.trees import Shown, Unit, path
from shared.schemas.feedback_summary import Level

# What the levels of the framework are called in the tree of units.
KINDS: Mapping[Level, str] = {"segment": "service", "local_office": "team"}


def at_level(
    own: Mapping[str, int | None], whole: Mapping[str, int | None], units: Mapping[str, Unit], level: Level | None,
    within: str | None,
) -> Shown:  # fmt: skip
    """The counts of the units of a level, largest first and hidden ones last; without a level each unit's own."""
    if level in ("whole_service", "individual"):
        return {}
    counts = own if level is None else {code: count for code, count in whole.items() if _is_of(code, units, level)}
    inside = {code: count for code, count in counts.items() if within is None or within in path(code, units)}
    told = {code: count for code, count in inside.items() if count != 0}
    return dict(sorted(told.items(), key=lambda pair: (pair[1] is None, -(pair[1] or 0), pair[0])))


def _is_of(code: str, units: Mapping[str, Unit], level: Level) -> bool:
    return code in units and units[code].kind == KINDS[level]


def level_of(code: str, units: Mapping[str, Unit], level: Level | None) -> str | None:
    """The unit of a level that a unit belongs to, if any."""
    kind = None if level is None else KINDS.get(level)
    return next((at for at in path(code, units) if units[at].kind == kind), None)
