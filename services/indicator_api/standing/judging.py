"""Strength, attention or neutral (R48): a pure function of what is known of a figure, with its truth table in tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.indicator_api.standing.schemas import Standing


@dataclass(frozen=True, slots=True)
class Reason:
    """Something known of a figure: good, bad or neither; `exception` is the key of the exception it is."""

    code: str
    favourable: bool | None
    text: str
    exception: str | None = None


def classify(reasons: Sequence[Reason]) -> Standing:
    """Attention where anything speaks against the figure, strength where something speaks for it and nothing against.

    One bad sign outweighs any number of good ones: what is overlooked here is overlooked by the board.
    """
    verdicts = {one.favourable for one in reasons}
    if False in verdicts:
        return Standing.attention
    return Standing.strength if True in verdicts else Standing.neutral
