"""Triangulation on the wire: who says what of a theme, where they agree, and what was done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from services.reporting_api.triangulation.judging import Says, Verdict
from shared.schemas.base import OutModel
from shared.schemas.board_report import Availability, PeriodRef, Source
from shared.schemas.figures import ValueStatus

VoiceCode = Literal["numbers", "audits", "families", "staff", "complaints", "partners"]


class ThemeRef(OutModel):
    code: str
    name: str
    scope: str
    description: str
    parent: str | None
    narrower: list[str] = Field(description="themes within this one; each is asked about by itself")


class UnitRef(OutModel):
    code: str
    name: str


class EvidenceOut(OutModel):
    """One thing a voice says, to be shown as a line."""

    kind: Literal["indicator", "findings", "views", "complaints", "compliments", "challenge", "learning", "words"]
    ref: str | None = Field(description="an indicator's code or a record's id, in the service it came from")
    title: str
    period: str | None = None
    value: float | None = None
    value_status: ValueStatus | None = None
    display: str
    favourable: bool | None = Field(description="null where it speaks neither for nor against")
    sentence: str


class VoiceOut(OutModel):
    """What one kind of witness says of the theme."""

    voice: VoiceCode
    title: str
    source_family: str | None = Field(description="one of the five source families, where it is one (R06)")
    says: Says = Field(
        description="`silent`: asked, and there is nothing; `not_told`: hidden from this caller, or not to be read"
    )
    few: bool = Field(default=False, description="its view rests on fewer than five findings, views or records")
    headline: str
    availability: Availability
    unavailable_reason: str | None = None
    evidence: list[EvidenceOut] = []
    caveats: list[str] = []
    sources: list[Source] = []


class AgreementOut(OutModel):
    """Where the voices agree and disagree."""

    verdict: Verdict = Field(
        description="`divided`: nobody contradicts, but somebody is of two minds; `too_little`: fewer than two views"
    )
    disagreement: bool
    strength: list[VoiceCode] = Field(description="the voices that say so")
    concern: list[VoiceCode]
    mixed: list[VoiceCode]
    few: bool = Field(description="one of these views rests on few records")
    unheard: list[VoiceCode] = Field(description="silent, not told, or without a clear view: whom to ask next")
    sentence: str
    rule: str


class ActionDone(OutModel):
    id: str
    title: str
    unit: str
    unit_name: str
    status: str
    due_on: date
    overdue: bool
    impact: str | None


class ActionsDone(OutModel):
    """Actions from findings on the theme, raised by the period's end and not closed before it began."""

    open: int
    overdue: int
    awaiting_impact: int = Field(description="completed or verified, their effect not yet known")
    closed: int
    with_good_effect: int
    items: list[ActionDone] = Field(description="overdue ones first, at most 50")


class DoneLine(OutModel):
    """Something learned, answered or changed."""

    kind: Literal["learning", "shared_learning", "recurrence", "said_and_done"]
    id: str | None
    text: str
    outcome: str | None = Field(description="what was done about it; null where nothing was, or it is the deed itself")
    on: date | None


class DoneOut(OutModel):
    """What was done about the theme."""

    headline: str
    actions: ActionsDone | None = Field(description="null where the audit service could not be asked")
    lines: list[DoneLine]
    caveats: list[str]
    sources: list[Source]


class TriangulationOut(OutModel):
    """One theme seen from six sides (R08). Everything is what the services tell this very caller."""

    theme: ThemeRef
    unit: UnitRef | None = Field(description="null is the whole council")
    period: PeriodRef
    as_of: datetime
    services_heard: list[str] = Field(description="the services that answered something")
    voices: list[VoiceOut]
    agreement: AgreementOut
    done: DoneOut


class VoiceSays(OutModel):
    voice: VoiceCode
    says: Says
    few: bool
    headline: str


class ThemeLine(OutModel):
    """A theme in the overview."""

    theme: str
    name: str
    verdict: Verdict
    disagreement: bool
    few: bool = Field(description="one of the views rests on few records; such themes come after the others")
    sentence: str
    voices: list[VoiceSays]


class ThemesOverviewOut(OutModel):
    """Every theme at a glance: those on which the voices disagree first, then those of concern."""

    unit: UnitRef | None
    period: PeriodRef
    as_of: datetime
    rule: str
    disagreeing: int
    items: list[ThemeLine]
    sources: list[Source]
