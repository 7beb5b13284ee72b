"""The copy of a report that anybody may read: small numbers hidden, exempt sections left out, and it says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.reporting_api.document import content_hash
from shared.schemas.board_report import BoardReport, ExemptPart
from shared.schemas.framework.reporting import Board


def is_for_the_public(codes: Iterable[str], boards: Mapping[str, Board]) -> bool:
    """Whether a body that meets in public is among those a report goes to."""
    return any(code in boards and boards[code].meets_in_public for code in codes)


def public_copy(report: BoardReport, assembled: Sequence[str]) -> BoardReport:
    """The public copy of a protected report; `assembled` are its headlines as no person has changed them.

    A headline somebody wrote may tell of any section: where one is exempt, only assembled headlines of others stay.
    Who signed is told by role. What people wrote in open sections stays; they see this copy before they sign.
    """
    exempt = [one for one in report.sections if one.exempt_reason]
    titles = [f"{one.title}:".casefold() for one in exempt]

    def open_only(lines: Sequence[str]) -> list[str]:
        return [line for line in lines if not any(line.casefold().startswith(title) for title in titles)]

    parts = [ExemptPart(code=one.code, title=one.title, reason=one.exempt_reason or "") for one in exempt]
    copy = report.model_copy(
        update={
            "public": True,
            "exempt": parts,
            "sections": [one for one in report.sections if not one.exempt_reason],
            "headlines": open_only(assembled) if exempt else report.headlines,
            "caveats": open_only(report.caveats),
            "missing": open_only(report.missing),
            "signatures": [one.model_copy(update={"subject": one.role, "comment": None}) for one in report.signatures],
        }
    )
    copy.content_hash = content_hash(copy)
    return copy
