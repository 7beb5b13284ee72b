"""What every voice has in common: the theme it is asked about, its sources, and how it stands without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.reporting_api.asking import Answers, Question
from services.reporting_api.questions import Subject
from services.reporting_api.triangulation.judging import FEW, Says
from services.reporting_api.triangulation.schemas import EvidenceOut, VoiceCode, VoiceOut
from services.reporting_api.words import counted, listed, reason_words, sentence

TITLES: Mapping[VoiceCode, str] = {
    "numbers": "What the numbers say",
    "audits": "What audits found",
    "families": "What children and families say",
    "staff": "What staff say",
    "complaints": "What complaints and compliments say",
    "partners": "What partners say",
}
_FAMILIES: Mapping[VoiceCode, str] = {
    "numbers": "management_information",
    "audits": "case_records",
    "families": "children_parents_and_carers",
    "staff": "staff_and_managers",
    "complaints": "children_parents_and_carers",
}


@dataclass(frozen=True)
class Hearing:
    """One theme, of one unit in one period, with all that was answered."""

    subject: Subject
    theme: Mapping[str, Any]
    answers: Answers

    @property
    def code(self) -> str:
        code: str = self.theme["code"]
        return code

    def voice(self, code: VoiceCode, says: Says, headline: str, asks: Sequence[Question]) -> VoiceOut:
        """A voice with its sources; without any that answered it is unavailable and says nothing."""
        sources = [self.answers.source(one) for one in asks]
        silent = [one for one in sources if one.availability != "available"]
        found = VoiceOut(
            voice=code, title=TITLES[code], source_family=_FAMILIES.get(code), says=says,
            headline=sentence(headline), availability="available", sources=sources,
        )  # fmt: skip
        if sources and len(silent) == len(sources):
            found.availability, found.unavailable_reason, found.says = "unavailable", silent[0].reason, "not_told"
            found.headline = sentence(f"not to be read: {reason_words(silent[0].reason)}")
        elif silent:
            reasons = listed(list(dict.fromkeys(reason_words(one.reason) for one in silent)))
            found.caveats.append(sentence(f"{len(silent)} of {len(sources)} sources are not in this: {reasons}"))
        return found

    def without(self, code: VoiceCode, headline: str, says: Says = "silent") -> VoiceOut:
        """A voice that there was nothing to ask about."""
        return self.voice(code, says, headline, [])


def tally(
    kind: Any, title: str, count: int | None, favourable: bool | None, *, one: str, many: str | None = None
) -> EvidenceOut:
    """A count as a line of evidence; what is hidden reads `c` and no number."""
    words = counted(count, one, many) if count is not None else f"{many or one + 's'}: hidden or none"
    return EvidenceOut(
        kind=kind, ref=None, title=title, value=count, value_status="c" if count is None else None,
        display="c" if count is None else f"{count:,}", favourable=favourable if count else None,
        sentence=sentence(words),
    )  # fmt: skip


def warn_of_few(voice: VoiceOut, number: int, one: str) -> None:
    """A view that rests on a few should be read before it is believed."""
    if voice.says in ("strength", "concern", "mixed") and number < FEW:
        voice.few = True
        voice.caveats.append(f"It rests on {counted(number, one)} only: read before concluding.")
