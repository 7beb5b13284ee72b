"""Drawing a sample: pure functions of the candidates and the seed, so that anyone can draw the same again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """An audit that could be drawn."""

    audit: str
    auditor: str
    sampled_before: int


def drawn_order(candidates: Sequence[Candidate], seed: str) -> list[Candidate]:
    """The candidates as they are drawn: one audit of each auditor, then a second of each, and so on; in each round
    auditors of whom less was sampled before come first, so that in time everybody is."""
    audits: dict[str, list[Candidate]] = {}
    for one in sorted(candidates, key=lambda each: _mark(seed, each.audit)):
        audits.setdefault(one.auditor, []).append(one)
    places = {one.audit: place for mine in audits.values() for place, one in enumerate(mine)}
    return sorted(
        candidates, key=lambda one: (places[one.audit], one.sampled_before, _mark(seed, one.auditor), one.auditor)
    )


def how_many(eligible: int, percent: int | None, count: int | None) -> int:
    """The size of the sample: a percentage is rounded up to whole audits."""
    if percent is not None:
        return -(-eligible * percent // 100)
    return min(eligible, count or 0)


def share_out(
    audits: Sequence[tuple[str, Collection[str]]], seed: str, loads: Mapping[str, int]
) -> dict[str, str | None]:
    """A grader for each audit among those independent of it, always one who has least; None where nobody is."""
    loads = dict(loads)
    given: dict[str, str | None] = {}
    for audit, independent in audits:
        chosen = min(independent, key=lambda one: (loads.get(one, 0), _mark(seed, f"{audit}:{one}")), default=None)
        given[audit] = chosen
        if chosen is not None:
            loads[chosen] = loads.get(chosen, 0) + 1
    return given


def _mark(seed: str, name: str) -> bytes:
    return hashlib.sha256(f"{seed}:{name}".encode()).digest()
