"""What a copy of a report bears, and the copy that anybody may read: exempt sections left out, and it says so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.reporting_api.document import COPY, content_hash
from services.reporting_api.themed_areas import overview
from shared.schemas.board_evidence_items import ChallengeItem, GroundItem, RecurrenceItem
from shared.schemas.board_report import BoardReport, BoardSection, ExemptPart, Signature
from shared.schemas.board_report_items import ActionItem, ExceptionItem, StatementItem
from shared.schemas.framework.reporting import Board, SectionKind

_OF_THE_REPORT = (SectionKind.source_coverage, SectionKind.aims, SectionKind.grounds)
PUBLIC_COPY = (
    "This is the public copy of the report: small numbers are hidden and written texts that tell a number are held"
    " back."
)
OPEN_ALONE = "Told of the sections that the public reads alone."


def is_for_the_public(codes: Iterable[str], boards: Mapping[str, Board]) -> bool:
    """Whether a body that meets in public is among those a report goes to."""
    return any(code in boards and boards[code].meets_in_public for code in codes)


def copy_mark(salt: UUID, content_hash: str) -> str:
    """What copies bear in the place of the hash of the content they leave something out of.

    Whoever has a copy could try one small number after another until the hash of the whole comes out; with the salt,
    which no copy tells, whoever has the whole finds that the copy is of it.
    """
    return hashlib.sha256(salt.bytes + content_hash.encode()).hexdigest()


def marked(signatures: Sequence[Signature], mark: str) -> list[Signature]:
    """Signatures as a copy shows them: for the content it is a copy of, by its mark."""
    return [one.model_copy(update={"content_hash": mark}) for one in signatures]


def headlines_of(sections: Sequence[BoardSection]) -> list[str]:
    """What each section shows, in a sentence; what is said of the report itself stays in its section."""
    return [f"{one.title}: {one.headline}" for one in sections if one.headline and one.kind not in _OF_THE_REPORT]


def public_copy(report: BoardReport, mark: str) -> BoardReport:
    """The public copy of a protected report.

    A headline somebody wrote may tell of any section: where one is exempt, the headlines of the others stand instead,
    and what sums the sections up tells of them alone. Who signed is told by role. What people wrote in open sections
    stays; they see this copy before they sign.
    """
    exempt = [one for one in report.sections if one.exempt_reason]
    told = [one for one in report.sections if not one.exempt_reason]
    titles = [f"{one.title}:".casefold() for one in exempt]

    def open_only(lines: Sequence[str]) -> list[str]:
        return [line for line in lines if not any(line.casefold().startswith(title) for title in titles)]

    parts = [ExemptPart(code=one.code, title=one.title, reason=one.exempt_reason or "") for one in exempt]
    changes: dict[str, Any] = {
        "public": True,
        "exempt": parts,
        "caveats": [PUBLIC_COPY if line == COPY else line for line in open_only(report.caveats)],
        "missing": open_only(report.missing),
        "protected_copy_of": mark,
        "signatures": [
            one.model_copy(update={"subject": one.role, "comment": None}) for one in marked(report.signatures, mark)
        ],
    }
    if exempt:
        changes |= {
            "sections": [_summing_open(one, told) for one in told],
            "headlines": headlines_of(told),
            "themed_areas": overview(told) if report.themed_areas else [],
        }
    if any(one.kind == SectionKind.participation for one in exempt):
        changes["participation"] = None
    copy = report.model_copy(update=changes)
    copy.content_hash = content_hash(copy)
    return copy


def _summing_open(section: BoardSection, told: Sequence[BoardSection]) -> BoardSection:
    """A section made of the others with only those of its sentences that stand in one the public reads."""
    kept: list[Any]
    match section.kind:
        case SectionKind.aims:
            known = {*headlines_of(told), *(one.sentence for other in told for one in other.figures)}
            kept = [one for one in section.items if isinstance(one, StatementItem) and one.text in known]
        case SectionKind.grounds:
            references = set(_references(told))
            kept = [one for one in section.items if isinstance(one, GroundItem) and one.reference in references]
        case _:
            return section
    left_out = [*section.caveats, OPEN_ALONE] if len(kept) < len(section.items) else section.caveats
    return section.model_copy(update={"items": kept, "headline": None, "caveats": left_out})


def _references(sections: Sequence[BoardSection]) -> Iterator[str]:
    """What a ground for a key action may refer to in these sections."""
    for one in (item for section in sections for item in section.items):
        match one:
            case RecurrenceItem():
                yield f"recurrence:{one.unit}:{one.theme}"
            case ExceptionItem():
                yield one.key
            case ChallengeItem():
                yield f"challenge:{one.id}"
            case ActionItem():
                yield f"action:{one.id}"
