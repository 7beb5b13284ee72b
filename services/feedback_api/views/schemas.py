"""The wire of views: what a recorder sends, and what readers are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, field_validator

from services.feedback_api.cases import reads_cases
from shared.auth.caller import Caller
from shared.faults import SafeValueError
from shared.free_text import find_identifiers
from shared.problems import FaultOut
from shared.schemas.base import Code, LocalDate, NamesOnRecord, OutModel, Reference, StrictModel, Text

AgeBand = Literal["under 1", "1-4", "5-9", "10-15", "16+"]
Sentiment = Literal["positive", "mixed", "negative"]
Consent = Literal["shared", "anonymous", "internal_only"]
Themes = Annotated[list[Code], Field(max_length=10, description="codes of the theme taxonomy, each once")]
Rating = Annotated[int, Field(ge=1, le=5, description="1 is worst, 5 is best")]
WORDS = ("what_works", "what_should_change")

_EXAMPLE: dict[str, Any] = {
    "source": "case_management",
    "source_ref": "V-2026-0417",
    "channel": "review_process",
    "respondent_group": "young_person",
    "unit": "fs_weymouth",
    "given_on": "2026-10-14",
    "age_band": "10-15",
    "rating": 4,
    "sentiment": "positive",
    "themes": ["voice_of_the_child", "communication"],
    "what_works": "My worker tells me what happens next and asks what I think first.",
    "what_should_change": "I would like the meetings after school, not during it.",
    "consent": "anonymous",
    "links": [{"kind": "review", "ref": "R-2026-0033"}],
}


def once_each(themes: list[str]) -> list[str]:
    """Refuse a theme given twice, which would count one voice as two."""
    if len(set(themes)) != len(themes):
        raise SafeValueError("a theme stands twice; give each once")
    return themes


class ViewLinkIn(StrictModel):
    """The piece of work in which the view was given."""

    kind: Literal["audit", "review", "assessment", "commissioning", "training", "other"]
    ref: Reference


class ViewIn(StrictModel):
    """A view as its recorder passes it on; with `source_ref` it can be sent again and changes nothing.

    Changed, it is a correction; what a person decided here of a field stands as long as the source says of it what it
    said before."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_EXAMPLE]}}

    source: Code = Field(default="direct", description="the system or form it comes from")
    source_ref: Reference | None = Field(default=None, description="what the source calls it; unique in the source")
    channel: Code
    respondent_group: Code
    unit: Code
    given_on: LocalDate
    age_band: AgeBand | None = None
    rating: Rating | None = None
    sentiment: Sentiment | None = Field(default=None, description="as the person who recorded it understood it")
    themes: Themes = Field(default=[])
    what_works: Text | None = None
    what_should_change: Text | None = None
    consent: Consent = Field(
        description="`shared`: the words may be; `anonymous`: not saying whose; `internal_only`: numbers only"
    )
    links: list[ViewLinkIn] = Field(default=[], max_length=10)
    names_on_record: NamesOnRecord = []

    _themes_once = field_validator("themes")(once_each)

    @field_validator("links")
    @classmethod
    def _links_once(cls, links: list[ViewLinkIn]) -> list[ViewLinkIn]:
        if len({(link.kind, link.ref) for link in links}) != len(links):
            raise SafeValueError("a link stands twice; give each once")
        return links


class ViewEdit(StrictModel):
    """A correction: only the fields given are changed; null empties one that may be empty."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"sentiment": "mixed", "reason": "Misread at the first hearing."}]}
    }

    channel: Code | None = None
    respondent_group: Code | None = None
    unit: Code | None = None
    given_on: LocalDate | None = None
    age_band: AgeBand | None = None
    rating: Rating | None = None
    sentiment: Sentiment | None = None
    themes: Themes | None = None
    what_works: Text | None = None
    what_should_change: Text | None = None
    consent: Consent | None = None
    links: Annotated[list[ViewLinkIn], Field(max_length=10)] | None = None
    reason: Text | None = Field(default=None, description="why it is corrected; kept in its history")
    names_on_record: NamesOnRecord = []

    @field_validator("channel", "respondent_group", "unit", "given_on", "themes", "consent", "links")
    @classmethod
    def _not_emptied(cls, value: Any) -> Any:
        if value is None:
            raise SafeValueError("this cannot be emptied; leave it out to keep it")
        return value

    @field_validator("themes")
    @classmethod
    def _themes_once(cls, themes: list[str]) -> list[str]:
        return once_each(themes)


class WarningOut(OutModel):
    """Something in a text that could identify a person; where it stands, never what it is."""

    pointer: str
    code: str


class ViewLinkOut(OutModel):
    kind: str
    ref: str


class ViewRow(OutModel):
    """A view in a list: everything but its words, whose reading is logged."""

    id: UUID
    source: str
    source_ref: str | None
    channel: str
    respondent_group: str
    unit: str
    given_on: date
    age_band: str | None
    rating: int | None
    sentiment: str | None
    themes: list[str]
    consent: str
    has_words: bool
    safeguarding_flag: bool = Field(description="somebody should read it today: the words may speak of harm")
    flag_reasons: list[str]
    version: int
    recorded_at: datetime
    changed_at: datetime


class ViewOut(ViewRow):
    what_works: str | None
    what_should_change: str | None
    words_withheld: bool = Field(description="the caller may not read this view, so the words are left out")
    links: list[ViewLinkOut]
    warnings: list[WarningOut]
    allowed_actions: list[str]

    @classmethod
    def of(
        cls, view: Mapping[str, Any], links: Sequence[tuple[str, str]], caller: Caller, names: Sequence[str] = ()
    ) -> Self:
        """The view as this caller may have it; `names` are those just sent with it."""
        words = {name: view[name] for name in WORDS}
        withheld = not reads_cases(caller)
        plain = {name: view[name] for name in _PLAIN}
        found = find_identifiers({f"/{name}": text for name, text in words.items()}, names)
        return cls(
            **plain,
            **(dict.fromkeys(words) if withheld else words),
            has_words=any(words.values()),
            words_withheld=withheld,
            links=[ViewLinkOut(kind=kind, ref=ref) for kind, ref in links],
            warnings=[WarningOut(pointer=one.pointer, code=one.code) for one in found],
            allowed_actions=["correct"] if caller.may("feedback:write") else [],
        )


_PLAIN = [name for name in ViewRow.model_fields if name != "has_words"]


class ViewImportRow(OutModel):
    """One row of an import that needs a look."""

    row: int = Field(description="its place in `items`, from 0")
    status: Literal["created", "corrected", "unchanged", "rejected"]
    id: UUID | None = None
    errors: list[FaultOut] = Field(default=[])
    warnings: list[WarningOut] = Field(default=[])


class ImportOut(OutModel):
    """What an import did, or with `dry_run` would do."""

    import_id: UUID | None
    mode: Literal["atomic", "partial"]
    dry_run: bool
    received: int
    created: int
    corrected: int
    unchanged: int
    rejected: int
    rows: list[ViewImportRow] = Field(description="every rejected row, and every stored one with a warning")
