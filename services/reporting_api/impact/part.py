"""What every part of an impact summary has in common, and its lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.reporting_api.asking import Answers, Question
from services.reporting_api.impact.schemas import ImpactLine, ImpactPart, PartCode
from services.reporting_api.words import counted, listed, reason_words, sentence

_TITLES: dict[PartCode, str] = {
    "indicators": "Our figures",
    "audits": "How well our work was done",
    "feedback": "What people told us",
    "partners": "Our partners' part in it",
    "learned": "What was learned",
}


def part_of(answers: Answers, code: PartCode, headline: str, asks: Sequence[Question]) -> ImpactPart:
    """A part with its sources; unavailable where none of them answered, never a nought."""
    sources = [answers.source(one) for one in asks]
    silent = [one for one in sources if one.availability != "available"]
    found = ImpactPart(
        part=code, title=_TITLES[code], headline=sentence(headline), availability="available", sources=sources
    )
    if len(silent) == len(sources):
        found.availability, found.unavailable_reason = "unavailable", silent[0].reason
        found.headline = sentence(f"not to be read: {reason_words(silent[0].reason)}")
    elif silent:
        reasons = listed(list(dict.fromkeys(reason_words(one.reason) for one in silent)))
        found.caveats.append(sentence(f"{len(silent)} of {len(sources)} sources are not in this: {reasons}"))
    cut = [one for one in asks if getattr(answers.of(one), "next", None)]
    found.caveats += [f"Of {one.path} only the first page was read; there is more." for one in cut]
    return found


def text_line(kind: Any, title: str, text: str, *, ref: str | None = None, display: str = "",
              favourable: bool | None = None) -> ImpactLine:  # fmt: skip
    return ImpactLine(kind=kind, ref=ref, title=title, display=display, favourable=favourable, sentence=text)


def count_line(kind: Any, title: str, count: int | None, one: str, favourable: bool | None = None) -> ImpactLine:
    """A count; what is hidden reads `c` and is told without its number."""
    words = counted(count, one) if count is not None else f"{one}s: hidden or none"
    return ImpactLine(
        kind=kind, title=title, value=count, value_status="c" if count is None else None,
        display="c" if count is None else f"{count:,}", favourable=favourable if count else None,
        sentence=sentence(words),
    )  # fmt: skip
