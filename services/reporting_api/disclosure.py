"""What a copy of a report bears, and the copy that anybody may read: exempt sections left out, and it says so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from services.reporting_api.document import content_hash
from shared.schemas.board_report import BoardReport, ExemptPart, Signature
from shared.schemas.framework.reporting import Board


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


def public_copy(report: BoardReport, assembled: Sequence[str], mark: str) -> BoardReport:
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
            "protected_copy_of": mark,
            "signatures": [
                one.model_copy(update={"subject": one.role, "comment": None}) for one in marked(report.signatures, mark)
            ],
        }
    )
    copy.content_hash = content_hash(copy)
    return copy
