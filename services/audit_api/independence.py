"""From which units nobody may come who audits a case of a team: pure rules on the tree of units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.schemas.framework.audit_selection import Independence


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as independence sees it: its kind, and the unit it belongs to."""

    kind: str
    parent: str | None


def kept_apart(unit: str, tree: Mapping[str, Unit], rule: Independence) -> frozenset[str]:
    """The units whose members are not independent of the team.

    `team` is the unit itself; `line` is also all above it up to its service and all below it; `service` is the whole
    service, sister teams included.
    """
    if rule == "team":
        return frozenset({unit})
    above = list(_up_to_the_service(unit, tree))
    top = above[-1] if rule == "service" else unit
    return frozenset(above) | {code for code in tree if top in _all_above(code, tree)}


def _up_to_the_service(unit: str, tree: Mapping[str, Unit]) -> Iterator[str]:
    """The unit and those above it, its service the last; where it is in no service, the unit alone."""
    line = list(_all_above(unit, tree))
    services = [place for place, code in enumerate(line) if code in tree and tree[code].kind == "service"]
    yield from line[: services[0] + 1] if services else line[:1]


def _all_above(unit: str, tree: Mapping[str, Unit]) -> Iterator[str]:
    """The unit and those above it up to the root."""
    seen: set[str] = set()
    at: str | None = unit
    while at is not None and at not in seen:
        yield at
        seen.add(at)
        at = tree[at].parent if at in tree else None
