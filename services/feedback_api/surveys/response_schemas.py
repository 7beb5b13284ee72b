"""Answers on the wire, as a recorder passes them on; nothing that comes in or goes out names a person."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from shared.faults import SafeValueError
from shared.problems import FaultOut
from shared.schemas.base import Code, LocalDate, OutModel, Reference, StrictModel
from shared.schemas.framework.surveys import ENGLISH, Language

AgeBand = Literal["under 1", "1-4", "5-9", "10-15", "16+"]
PairCode = Annotated[str, StringConstraints(min_length=4, max_length=40)]
Answers = Annotated[
    dict[str, Any],
    Field(
        min_length=1,
        max_length=200,
        description="by the code of the question: a point of a scale, the code of an option or a list of them, "
        "`{row: point}` for a matrix, words; a question may be left out",
    ),
]
_EXAMPLE: dict[str, Any] = {
    "unit": "fs_weymouth",
    "respondent_group": "parent_carer",
    "language": "en",
    "answered_on": "2026-11-20",
    "source": "paper",
    "source_ref": "SHEET-014",
    "answers": {
        "treated_with_respect": 5,
        "knew_the_plan": 4,
        "ways_of_contact": {"by_phone": 2, "in_person": 5},
        "help_received": ["advice", "group_work"],
        "what_should_change": "Fewer changes of worker.",
    },
}


class SurveyResponseIn(StrictModel):
    """One respondent's answers; with `source_ref` they can be sent again and change nothing."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_EXAMPLE]}}

    unit: Code | None = Field(default=None, description="the wave's unit or one below; the wave's own unless given")
    respondent_group: Code
    age_band: AgeBand | None = Field(default=None, description="only where the survey asks for it")
    language: Language = ENGLISH
    answered_on: LocalDate | None = Field(default=None, description="today unless given; a day of the wave")
    answers: Answers
    pair_code: PairCode | None = Field(
        default=None, description="a code of the respondent's own, the same at each part; kept as a digest only"
    )
    source: Code = Field(default="direct", description="the system or form it comes from")
    source_ref: Reference | None = Field(
        default=None, description="what the source calls it; kept as a digest only, so that it leads back to nothing"
    )

    @model_validator(mode="after")
    def _codes_are_codes(self) -> SurveyResponseIn:
        if any(not 0 < len(code) <= 80 for code in self.answers):
            raise SafeValueError("answers stand under the codes of questions")
        return self


class WordsWarning(OutModel):
    """Something in a text that could identify a person; where it stands, never what it is."""

    pointer: str
    code: str


class ReceiptOut(OutModel):
    """What became of the answers; they have no address, since nothing may lead back to them."""

    status: Literal["created", "unchanged"]
    safeguarding_flag: bool = Field(description="somebody should read the words today: they may speak of harm")
    warnings: list[WordsWarning]


class ResponseRowOut(OutModel):
    """One row of an import that needs a look."""

    row: int = Field(description="its place in `items`, from 0")
    status: Literal["created", "unchanged", "rejected"]
    errors: list[FaultOut] = Field(default=[])
    warnings: list[WordsWarning] = Field(default=[])


class ResponsesImportOut(OutModel):
    """What an import did, or with `dry_run` would do."""

    import_id: UUID | None
    mode: Literal["atomic", "partial"]
    dry_run: bool
    received: int
    created: int
    unchanged: int
    rejected: int
    rows: list[ResponseRowOut] = Field(description="every rejected row, and every stored one with a warning")
