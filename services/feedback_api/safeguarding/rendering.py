"""What the duty role is given of a flag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.feedback_api.safeguarding.schemas import (
    EarlierOut,
    FlagEventOut,
    FlagOut,
    FlagRow,
    SubjectLinkOut,
    WarningOut,
    WordsOut,
)
from services.feedback_api.subjects import Subject, Words
from shared.free_text import Found
from shared.schemas.framework.safeguarding import DutyPolicy

_ACTIONS: dict[str, list[str]] = {
    "waiting": ["acknowledge", "decide"],
    "acknowledged": ["acknowledge", "decide"],
    "decided": ["reopen"],
}
_STANDING = ("age_minutes", "overdue", "role", "call")


def flag_row(flag: Mapping[str, Any], policy: DutyPolicy, now: datetime) -> FlagRow:
    """A flag as the queue shows it."""
    return FlagRow(**_plain(flag, policy, now))


def _plain(flag: Mapping[str, Any], policy: DutyPolicy, now: datetime) -> dict[str, Any]:
    # A policy that has lost levels since leaves the flag with its highest.
    level = policy.levels[min(flag["level"], len(policy.levels)) - 1]
    return {
        **{name: flag[name] for name in FlagRow.model_fields if name not in _STANDING},
        "age_minutes": int((now - flag["told_at"]).total_seconds() // 60),
        "overdue": flag["due_at"] is not None and flag["due_at"] <= now,
        "role": level.role,
        "call": level.call,
    }


def flag_out(
    flag: Mapping[str, Any], subject: Subject | None, events: Sequence[sa.Row[Any]], policy: DutyPolicy,
    now: datetime, found: Sequence[Found] = (),
) -> FlagOut:  # fmt: skip
    """A flag with the words as they stand and stood; of a record that is gone, what the flag itself holds."""
    return FlagOut(
        **_plain(flag, policy, now),
        subject_ref=flag["subject_ref"],
        said_on=subject and subject.said_on,
        channel=subject and subject.channel,
        respondent_group=subject and subject.respondent_group,
        source=subject and subject.source,
        source_ref=subject and subject.source_ref,
        recorded_by=subject and subject.recorded_by,
        links=[SubjectLinkOut(kind=kind, ref=ref) for kind, ref in (subject.links if subject else ())],
        words=_words(subject.words) if subject else [],
        earlier=[EarlierOut(until=one.until, words=_words(one.words)) for one in (subject.earlier if subject else ())],
        outcome_note=flag["outcome_note"],
        decided_by=flag["decided_by"],
        events=[
            FlagEventOut.model_validate({name: getattr(event, name) for name in FlagEventOut.model_fields})
            for event in events
        ],
        warnings=[WarningOut(pointer=one.pointer, code=one.code) for one in found],
        allowed_actions=_ACTIONS[flag["status"]],
    )


def _words(words: Words) -> list[WordsOut]:
    return [WordsOut(field=field, text=text) for field, text in words.items()]
