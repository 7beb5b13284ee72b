"""What people write into a report, and the steps it takes to its board, on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Count, Label, LocalDate, LongText, Reference, StrictModel, Text

PARTICIPATION_TEXTS = ("who", "what_changed", "why_not", "what_follows")
SECTION_TEXTS = ("headline", "narrative", "exempt_reason")
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ParticipationIn(StrictModel):
    """How children and families took part; or, truthfully, that none did, why, and what follows (R11)."""

    took_place: bool
    methods: list[Code] = Field(default=[], max_length=40, description="channels of the framework")
    who: Text | None = None
    how_many: Count | None = None
    what_changed: Text | None = None
    why_not: Text | None = None
    what_follows: Text | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.took_place and not (self.methods and self.who and self.how_many and self.what_changed):
            raise SafeValueError("say by which methods, who, how many and what changed because of it")
        if not self.took_place and not (self.why_not and self.what_follows):
            raise SafeValueError("say why none took place and what follows from that")
        if not self.took_place and (self.methods or self.how_many):
            raise SafeValueError("where none took place there are no methods and nobody was counted")
        return self


class KeyActionIn(StrictModel):
    """An action for the year ahead and the evidence it rests on (R44)."""

    text: Text
    evidence: list[Reference] = Field(min_length=1, max_length=20, description="findings, indicators, research")
    owner: Label | None = None
    due_on: LocalDate | None = None


class SectionEdit(StrictModel):
    """Texts of one section of the report; null goes back to what was assembled."""

    code: Code
    headline: Text | None = None
    narrative: LongText | None = None
    exempt_reason: Text | None = Field(
        default=None, description="why the public is not told this section; anybody will read the reason"
    )


class ReportEdit(StrictModel):
    """What people write; a key left out stays as it is, null goes back to what was assembled."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "doing_the_right_things": "The evidence supports the plan; the late reviews are being caught up.",
                    "making_a_difference": "Fewer children wait for a plan than a year ago, and parents say so too.",
                }
            ]
        }
    )

    headlines: Annotated[list[Text], Field(max_length=20)] | None = None
    doing_the_right_things: LongText | None = None
    making_a_difference: LongText | None = None
    participation: ParticipationIn | None = None
    key_actions: Annotated[list[KeyActionIn], Field(max_length=50)] | None = None
    sections: Annotated[list[SectionEdit], Field(max_length=40)] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise SafeValueError("name at least one thing to change")
        codes = [one.code for one in self.sections or []]
        if len(codes) != len(set(codes)):
            raise SafeValueError("name each section once")
        return self

    def texts(self) -> dict[str, str | None]:
        """Every free text by its pointer, to be screened."""
        found: dict[str, str | None] = {f"/headlines/{place}": text for place, text in enumerate(self.headlines or [])}
        found |= {
            "/doing_the_right_things": self.doing_the_right_things,
            "/making_a_difference": self.making_a_difference,
        }
        if self.participation is not None:
            found |= {f"/participation/{name}": getattr(self.participation, name) for name in PARTICIPATION_TEXTS}
        for place, action in enumerate(self.key_actions or []):
            found[f"/key_actions/{place}/text"] = action.text
        for place, section in enumerate(self.sections or []):
            found |= {f"/sections/{place}/{name}": getattr(section, name) for name in SECTION_TEXTS}
        return found

    def change(self) -> dict[str, Any]:
        """The merge patch: only what was sent, nulls included; sections by their code."""
        found = self.model_dump(mode="json", exclude_unset=True)
        if found.get("sections") is not None:
            found["sections"] = {one.pop("code"): one for one in found["sections"]}
        return found


class SignatureIn(StrictModel):
    """A signature, given for exactly one content."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "head_of_service", "content_hash": "0" * 64}]})

    role: Code
    content_hash: Hash
    comment: Text | None = None


class SendBackIn(StrictModel):
    """What a signatory wants mended before signing."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Say why the reviews were late.", "sections": ["key_indicators"]}]}
    )

    reason: Text
    sections: list[Code] = Field(default=[], max_length=40, description="where it is, by the sections' codes")


class ReasonIn(StrictModel):
    """Why a report is withdrawn, reopened or superseded."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The vacancy rate was revised after publication."}]}
    )

    reason: Text
