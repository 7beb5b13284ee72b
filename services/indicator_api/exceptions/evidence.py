"""What an exception's hash is made of: every input of its rule in one byte form; same inputs, same hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from services.indicator_api.exceptions.case import Case, Finding, Reference
from services.indicator_api.series.known import Known
from shared.canonical import canonical


def figure(one: Known) -> list[Any]:
    found = [one.period.code, one.value, one.status, one.numerator, one.denominator, one.version]
    return [*found, one.units, one.silent] if one.silent else found


def figures(known: Sequence[Known]) -> list[list[Any]]:
    return [figure(one) for one in known]


def reference(one: Reference) -> dict[str, Any]:
    """The set's edition and what each member shows, as the protected view has it."""
    members = [[code, known.value, known.status] for code, known in sorted(one.members.items())]
    return {"set": one.chosen.code, "version": one.chosen.version, "members": members}


def inputs_hash(case: Case, finding: Finding) -> str:
    """The hash of the inputs; whatever is hidden from the caller is hidden from it too, so it gives nothing away."""
    definition = case.definition
    content: Mapping[str, Any] = {
        "trigger": finding.trigger,
        "indicator": definition.code,
        "version": definition.version,
        "measure": definition.measure,
        "multiplier": definition.multiplier,
        "polarity": definition.polarity,
        "area": case.place.code,
        "period": finding.period.code,
        **finding.inputs,
    }
    return hashlib.sha256(canonical(content)).hexdigest()
