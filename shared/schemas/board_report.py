"""The board report: the published, versioned form that committee systems, Power BI and people read unchanged."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from shared.schemas.base import OutModel
from shared.schemas.board_evidence_items import EvidenceItem
from shared.schemas.board_figures import BoardFigure
from shared.schemas.board_report_items import SectionItem, SummaryLine
from shared.schemas.figures import ValueStatus

SCHEMA_VERSION = "1.1"

Availability = Literal["available", "unavailable", "stale"]
ReportStatus = Literal["draft", "submitted", "signed_off", "published", "superseded"]

# What stands round the content and is not part of what is signed: the content hash leaves these keys out.
ENVELOPE = frozenset(
    {
        "id", "status", "supersedes", "content_hash", "protected_copy_of", "signatures", "published_at",
        "activity_head",
    }
)  # fmt: skip


class BoardRef(OutModel):
    code: str
    name: str
    aliases: list[str] = []


class PeriodRef(OutModel):
    code: str
    label: str = Field(description="the period in words", examples=["October 2026"])
    start: date
    end: date


class Source(OutModel):
    """Where a section's content came from, so that anyone can ask again."""

    service: str
    path: str = Field(description="the request, below the service's address, with its parameters")
    fetched_at: datetime | None = Field(description="not part of what the content hash covers")
    as_of: datetime | None = Field(description="up to when the source's content goes; last good one where stale")
    availability: Availability
    reason: str | None = Field(default=None, description="why it is not available, in one word")


class SectionGroup(OutModel):
    """Figures and items of a section that belong together, in the order in which they are to be read."""

    code: str
    title: str
    headline: str | None = None
    indicators: list[str] = Field(default=[], description="the figures of the section that belong here")


class ThemedAreaOut(OutModel):
    """One of the four themed areas a pack is grouped by (R20), and what the report brings for it."""

    code: str
    title: str
    sections: list[str] = Field(description="the sections that speak of it, by code")
    figures: int
    headline: str


class BoardSection(OutModel):
    """One section. An unavailable one says why and holds nothing: what could not be read is never a nought."""

    code: str
    title: str
    kind: str
    availability: Availability
    unavailable_reason: str | None = None
    as_of: datetime | None = Field(default=None, description="the oldest of its sources; last good where stale")
    headline: str | None = Field(default=None, description="one sentence that says what the section shows")
    themed_areas: list[str] = Field(default=[], description="which of the four themed areas it speaks of (R20)")
    summary: list[SummaryLine] = []
    groups: list[SectionGroup] = Field(default=[], description="how its figures are grouped, where they are")
    figures: list[BoardFigure] = []
    items: list[Annotated[SectionItem | EvidenceItem, Field(discriminator="type")]] = []
    narrative: str | None = None
    prompt: str | None = Field(default=None, description="what the writer of the narrative is asked")
    caveats: list[str] = []
    sources: list[Source] = []


class ParticipationStatement(OutModel):
    """How children and families took part, or truthfully that none did, why, and what follows (R11)."""

    took_place: bool
    methods: list[str] = []
    who: str | None = None
    how_many: int | None = None
    value_status: ValueStatus | None = None
    what_changed: str | None = None
    why_not: str | None = None
    what_follows: str | None = None


class KeyAction(OutModel):
    """An action for the year ahead with the evidence it rests on (R44)."""

    text: str
    evidence: list[str]
    owner: str | None = None
    due_on: date | None = None


class Signature(OutModel):
    role: str
    subject: str
    signed_at: datetime
    content_hash: str
    comment: str | None = None


class BoardReport(OutModel):
    """A report to a board.

    `content_hash` is SHA-256, in hex, of the canonical JSON (keys sorted, no spaces, UTF-8) of this document
    without `id`, `status`, `supersedes`, `content_hash`, `protected_copy_of`, `signatures`, `published_at` and
    `activity_head`, and without `fetched_at` in each source. Each signature is bound to it.
    """

    schema_version: str = SCHEMA_VERSION
    id: str
    report: str = Field(description="the code of the schedule item")
    title: str
    rows: list[str] = Field(description="the framework requirements this report answers")
    board: BoardRef
    audiences: list[BoardRef]
    period: PeriodRef
    version: int = Field(description="the edition; a correction is a new one that supersedes the last")
    status: ReportStatus
    supersedes: str | None = None
    supersession_reason: str | None = None
    as_of: datetime = Field(
        description="the cut-off: no figure recorded later is in it; what cannot be asked so says its own `as_of`"
    )
    due_on: date
    disclosure: Literal["full", "protected"]
    headlines: list[str]
    doing_the_right_things: str | None = Field(description="are we doing the right things? (R09)")
    making_a_difference: str | None = Field(description="are we making a difference? (R09)")
    participation: ParticipationStatement | None = None
    key_actions: list[KeyAction] = []
    sections: list[BoardSection]
    themed_areas: list[ThemedAreaOut] = Field(default=[], description="the pack by the four themed areas (R20)")
    source_families: dict[str, bool] = Field(description="which of the five source families contributed (R06)")
    caveats: list[str]
    missing: list[str] = Field(description="what is not in the report because a source could not be reached")
    attribution: list[str]
    activity_head: str | None = Field(
        default=None, description="the activity chain's head when it was published: epoch, position and hash"
    )
    published_at: datetime | None = None
    content_hash: str
    protected_copy_of: str | None = Field(
        default=None, description="the hash of the signed content, where this copy of it hides small numbers"
    )
    signatures: list[Signature] = []
