"""What callers are given of a quotation, and what a report is given of approved words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from services.feedback_api.approved_words import Voices
from services.feedback_api.redaction import pieces
from services.feedback_api.sharing.schemas import ApprovedWords, PieceOut, QuotationEventOut, QuotationOut, QuotationRow
from services.feedback_api.sharing.service import SAFEGUARDING, reads_words
from shared.auth.caller import Caller
from shared.schemas.framework.safeguarding import SharingRules
from shared.schemas.periods import Period, PeriodKind


def quotation_out(
    row: Mapping[str, Any], events: Sequence[sa.Row[Any]], caller: Caller, rules: SharingRules, *, held_up: bool
) -> QuotationOut:
    """A quotation as this caller may have it: what was left out only where they may read the record itself."""
    reads = reads_words(caller, row["subject_kind"])
    changes = pieces(row["original"], row["text"]) if reads else []
    # Before it was redacted the text is the record's own.
    told = [event for event in events if reads or event.text == row["text"]]
    return QuotationOut(
        **{name: row[name] for name in QuotationRow.model_fields},
        text=row["text"],
        subject_ref=row["subject_ref"] if reads else None,
        original=row["original"] if reads else None,
        pieces=[PieceOut(change=piece.change, text=piece.text) for piece in changes],
        consent=row["consent"],
        themes=row["themes"],
        written_by=row["written_by"],
        blocked=[*row["blocked"], *([SAFEGUARDING] if held_up else [])],
        approved_by=row["approved_by"],
        ended_by=row["ended_by"],
        ended_at=row["ended_at"],
        events=[
            QuotationEventOut(**{name: getattr(event, name) for name in QuotationEventOut.model_fields})
            for event in told
        ],
        allowed_actions=_actions(row, caller, rules, reads=reads, blocked=held_up or bool(row["blocked"])),
    )


def _actions(row: Mapping[str, Any], caller: Caller, rules: SharingRules, *, reads: bool, blocked: bool) -> list[Any]:
    found: list[str] = []
    waiting, shares = row["status"] == "proposed", caller.may("feedback:share")
    if waiting and reads and caller.may("feedback:write"):
        found.append("redact")
    own_hand = rules.two_persons and caller.subject in row["written_by"]
    if waiting and shares:
        found += ["refuse"] if blocked or own_hand else ["approve", "refuse"]
    if shares and row["status"] in ("proposed", "approved"):
        found.append("withdraw")
    return found


def approved_words(
    row: sa.Row[Any], voices: Voices, families: Mapping[tuple[str, str], str], threshold: int
) -> ApprovedWords:
    """Words with only as much about who said them as leaves them one of many."""
    unit = row.unit if voices.many(row.quarter, threshold, unit=row.unit) else None
    group = row.respondent_group
    family = families.get(("channels", row.channel or "")) or families.get(("respondent_groups", group or ""))
    relatives = [code for (kind, code), of in families.items() if kind == "respondent_groups" and of == family]
    if group is None or not voices.many(row.quarter, threshold, unit=unit, groups=[group]):
        group = None
    if not voices.many(row.quarter, threshold, unit=unit, groups=relatives):
        family = None
    return ApprovedWords(
        text=row.text,
        said_in=row.subject_kind,
        family=family,
        respondent_group=group,
        themes=row.themes,
        quarter=quarter_of(row.quarter),
        unit=unit,
    )


def quarter_of(day: date) -> str:
    return Period.containing(PeriodKind.financial_quarter, day).code
