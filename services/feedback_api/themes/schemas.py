"""The wire of suggestions and of what people decided of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from services.feedback_api.classifier import Classifier
from services.feedback_api.themes.records import RecordKind
from shared.faults import SafeValueError
from shared.schemas.base import Code, OutModel, StrictModel, clean_text


def _as_sent(value: str) -> str:
    """Refuse what no text may hold, and change nothing: places are counted in what was sent."""
    clean_text(value)
    return value


class TextIn(StrictModel):
    """A text to suggest themes for; nothing of it is stored."""

    model_config = ConfigDict(
        **StrictModel.model_config | {"str_strip_whitespace": False},
        json_schema_extra={"examples": [{"text": "Nobody returned my calls, and the plan changed without a word."}]},
    )

    text: Annotated[str, StringConstraints(min_length=1, max_length=4_000), AfterValidator(_as_sent)]


class GroundOut(OutModel):
    """A stretch of a text that speaks for the theme."""

    pointer: str = Field(description="the field it stands in")
    start: int = Field(description="its first character, counted from 0 in Unicode code points")
    end: int = Field(description="the character after its last")
    words: str
    weight: float = Field(description="how much it adds to the score's logit")
    source: Literal["keyword", "learned"] = Field(description="from the taxonomy, or from what people decided before")


class SuggestionOut(OutModel):
    """A theme the words may speak of."""

    theme: str
    title: str
    score: float = Field(description="above 0.5, at most 1; to order suggestions by, not a probability")
    grounds: list[GroundOut]


class SuggestionsOut(OutModel):
    """Suggestions, likeliest first. They count in no figure until a person has confirmed them."""

    classifier: str = Field(description="the version; the same version suggests the same for the same words")
    learned_from: int = Field(description="how many decided records the classifier has learned from")
    suggestions: list[SuggestionOut]

    @classmethod
    def of(cls, classifier: Classifier, titles: Mapping[str, str], texts: Mapping[str, str]) -> Self:
        """What the classifier suggests for the texts of one record, which are given by their fields."""
        fields, said = list(texts), list(texts.values())
        found = [
            SuggestionOut(
                theme=one.theme,
                title=titles[one.theme],
                score=one.score,
                grounds=[
                    GroundOut(
                        pointer=f"/{fields[ground.text]}",
                        start=ground.start,
                        end=ground.end,
                        words=said[ground.text][ground.start : ground.end],
                        weight=ground.weight,
                        source=ground.source,
                    )
                    for ground in one.grounds
                ],
            )
            for one in classifier.suggest(*said)
        ]
        return cls(classifier=classifier.version, learned_from=classifier.lessons.records, suggestions=found)


class RecordSuggestionsOut(SuggestionsOut):
    """Suggestions for a stored record, beside the themes it has."""

    themes: list[str] = Field(description="the themes the record has: given by its recorder, or decided")
    decided_at: datetime | None = Field(description="when a person last decided them")


_EXAMPLE: dict[str, Any] = {"confirmed": ["communication"], "rejected": ["planning"]}


class ThemeDecisionIn(StrictModel):
    """What a person makes of the suggestions: the record's themes from now on, and those that do not fit."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_EXAMPLE]}}

    confirmed: list[Code] = Field(max_length=10, description="the record's themes; empty where none fits")
    rejected: list[Code] = Field(default=[], max_length=50, description="suggested, but not what it speaks of")

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({*self.confirmed, *self.rejected}) != len(self.confirmed) + len(self.rejected):
            raise SafeValueError("a theme stands twice; confirm or reject each once")
        return self


class DecisionOut(OutModel):
    """A decision, and how it met the suggestions."""

    id: UUID
    kind: RecordKind
    ref: str
    version: int = Field(description="the record's version after it")
    themes: list[str]
    suggested: list[str]
    added: list[str] = Field(description="chosen though not suggested")
    dropped: list[str] = Field(description="suggested but not chosen")
    rejected: list[str]
    classifier: str
    decided_by: str
    decided_at: datetime


class UndecidedRow(OutModel):
    """A record with words and without themes, waiting for a person."""

    kind: RecordKind
    ref: str
    unit: str
    on: date
    version: int


class LessonsOut(OutModel):
    """What the classifier has learned."""

    classifier: str
    records: int = Field(description="decided records it has learned from")
    words: int = Field(description="words kept, each said in at least five records")
    themes: dict[str, int] = Field(description="how many of the records have each theme")
