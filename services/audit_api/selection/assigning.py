"""Which auditor gets a case: free, trained, independent of team and case, and with the fewest audits in hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from services.audit_api.selection.drawing import digest

Unfit = Literal["external", "not_available", "not_trained", "not_independent", "at_capacity", "works_on_case"]
Because = Literal["only_one", "fewest_audits", "drawn_by_lot", "kept", "chosen_by_manager"]


@dataclass(frozen=True, slots=True)
class Auditor:
    """An auditor as the records have one."""

    reference: str
    unit: str | None
    tools: frozenset[str]
    audit_types: frozenset[str]
    capacity_per_month: int
    available_from: date
    available_to: date | None


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be audited, as far as the choice of an auditor goes."""

    tool: str
    audit_type: str
    on: date
    apart: frozenset[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """The auditor chosen, why, and what stood against each of the others."""

    auditor: Auditor
    because: Because
    considered: tuple[tuple[str, int], ...]
    excluded: tuple[tuple[str, Unfit], ...]

    def as_stored(self) -> dict[str, Any]:
        return {
            "auditor": self.auditor.reference,
            "auditor_unit": self.auditor.unit,
            "because": self.because,
            "considered": [{"auditor": name, "audits_in_hand": load} for name, load in self.considered],
            "excluded": [{"auditor": name, "reason": reason} for name, reason in self.excluded],
        }


@dataclass
class Bench:
    """The auditors of the council with what each has in hand, which grows as cases are given out."""

    auditors: Sequence[Auditor]
    in_hand: Counter[str] = field(default_factory=Counter)
    this_month: Counter[str] = field(default_factory=Counter)

    def unfit(self, auditor: Auditor, job: Job) -> Unfit | None:
        """What keeps the auditor from any case of the job."""
        if auditor.unit is None:
            return "external"
        if job.on < auditor.available_from or (auditor.available_to is not None and job.on > auditor.available_to):
            return "not_available"
        if job.tool not in auditor.tools and job.audit_type not in auditor.audit_types:
            return "not_trained"
        if auditor.unit in job.apart:
            return "not_independent"
        if self.this_month[auditor.reference] >= auditor.capacity_per_month:
            return "at_capacity"
        return None

    def named(self, reference: str) -> Auditor | None:
        return next((one for one in self.auditors if one.reference == reference), None)

    def free(self, job: Job) -> list[Auditor]:
        return [one for one in self.auditors if self.unfit(one, job) is None]

    def against(self, job: Job, people: Collection[str] = ()) -> list[tuple[str, Unfit]]:
        """What stands against each auditor who may not have a case on which these people work."""
        found: list[tuple[str, Unfit]] = []
        for one in self.auditors:
            reason = self.unfit(one, job) or ("works_on_case" if one.reference in people else None)
            if reason is not None:
                found.append((one.reference, reason))
        return found

    def choose(self, seed: str, job: Job, people: Collection[str], keep: str | None = None) -> Choice | None:
        """The auditor for a case, None where nobody may; `keep` has it before others where he may."""
        fit = [one for one in self.free(job) if one.reference not in people]
        if not fit:
            return None
        fewest = min(self.in_hand[one.reference] for one in fit)
        least = [one for one in fit if self.in_hand[one.reference] == fewest]
        kept = [one for one in fit if one.reference == keep]
        chosen = (kept or sorted(least, key=lambda one: (digest(seed, one.reference), one.reference)))[0]
        because: Because = "fewest_audits" if len(least) == 1 else "drawn_by_lot"
        if kept:
            because = "kept"
        elif len(fit) == 1:
            because = "only_one"
        considered = tuple((one.reference, self.in_hand[one.reference]) for one in fit)
        return Choice(chosen, because, considered, tuple(self.against(job, people)))

    def give(self, auditor: str) -> None:
        self.in_hand[auditor] += 1
        self.this_month[auditor] += 1


def bench_of(auditors: Iterable[Auditor], loads: Mapping[str, tuple[int, int]]) -> Bench:
    """`loads` has for each auditor the audits in hand and those given this month."""
    return Bench(
        sorted(auditors, key=lambda one: one.reference),
        Counter({name: in_hand for name, (in_hand, _) in loads.items()}),
        Counter({name: month for name, (_, month) in loads.items()}),
    )
