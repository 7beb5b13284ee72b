"""Reading the record behind a flag or a quotation, of whichever kind it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import (
    Complaint,
    ComplaintAdvocacy,
    ComplaintExtension,
    ComplaintFreeze,
    ComplaintHistory,
    ComplaintPerson,
    ComplaintStage,
    Compliment,
    ComplimentHistory,
    FollowedHistory,
    OmbudsmanEnquiry,
    PublicSubmission,
    Recategorisation,
    Recommendation,
    Remedy,
    SurveyWave,
    SurveyWords,
    Table,
    View,
    ViewHistory,
    ViewLink,
    table_of,
)
from services.feedback_api.staff_words import BY_ID, READERS
from services.feedback_api.subjects import Subject, earlier_of, one_row, words_in

# What a complaint is made of besides itself, and of that what follows it and keeps a history of its own.
_FOLLOWED: dict[str, type[Table]] = {
    "enquiries": OmbudsmanEnquiry,
    "remedies": Remedy,
    "recommendations": Recommendation,
}
_PARTS: dict[str, type[Table]] = {
    "stages": ComplaintStage,
    "extensions": ComplaintExtension,
    "freezes": ComplaintFreeze,
    "people": ComplaintPerson,
    "advocacy": ComplaintAdvocacy,
    "recategorisations": Recategorisation,
    **_FOLLOWED,
}


async def read_subject(session: AsyncSession, kind: str, ref: str) -> Subject | None:
    """The record, whatever became of it since; None where there is none of that kind and reference."""
    read = _READERS.get(kind)
    if read is None or (kind in _BY_ID and not _is_id(ref)):
        return None
    return await read(session, ref)


def _is_id(ref: str) -> bool:
    try:
        UUID(ref)
    except ValueError:
        return False
    return True


async def _view(session: AsyncSession, ref: str) -> Subject | None:
    row = await one_row(session, View, "id", UUID(ref))
    if row is None:
        return None
    link = table_of(ViewLink).c
    links = sa.select(link.kind, link.ref).where(link.view_id == row["id"]).order_by(link.kind, link.ref)
    return Subject(
        row["unit"], row["given_on"], words_in(row), row["recorded_by"], row["themes"], row["respondent_group"],
        row["channel"], row["consent"], row["source"], row["source_ref"],
        [(one.kind, one.ref) for one in (await session.execute(links)).all()],
        await earlier_of(session, ViewHistory, "view_id", row["id"]),
    )  # fmt: skip


async def _complaint(session: AsyncSession, ref: str) -> Subject | None:
    row = await one_row(session, Complaint, "respond_ref", ref)
    if row is None:
        return None
    parts = {}
    for name, model in _PARTS.items():
        table = table_of(model)
        found = sa.select(table).where(table.c.complaint_id == row["id"]).order_by(*table.primary_key.columns)
        parts[name] = (await session.execute(found)).mappings().all()
    return Subject(
        row["unit"], row["received_on"], words_in(row | parts), row["recorded_by"], row["themes"],
        row["respondent_group"], source="respond", source_ref=ref,
        earlier=[
            *await earlier_of(session, ComplaintHistory, "complaint_id", row["id"]),
            *await earlier_of(session, FollowedHistory, "record_id", *_ids(parts, _FOLLOWED)),
        ],
    )  # fmt: skip


def _ids(parts: Mapping[str, Sequence[sa.RowMapping]], names: Iterable[str]) -> list[UUID]:
    return [one["id"] for name in names for one in parts[name]]


async def _compliment(session: AsyncSession, ref: str) -> Subject | None:
    row = await one_row(session, Compliment, "respond_ref", ref)
    if row is None:
        return None
    return Subject(
        row["unit"], row["received_on"], words_in(row), row["recorded_by"], row["themes"], row["respondent_group"],
        source="respond", source_ref=ref,
        earlier=await earlier_of(session, ComplimentHistory, "compliment_id", row["id"]),
    )  # fmt: skip


async def _submission(session: AsyncSession, ref: str) -> Subject | None:
    row = await one_row(session, PublicSubmission, "id", UUID(ref))
    if row is None:
        return None
    left = {one["pointer"].removeprefix("/"): one["value"] for one in row["left_over"]}
    return Subject(
        row["unit"], row["received_on"], words_in(row) | left, "public", [], row["respondent_group"], row["channel"],
        row["consent"], source="public",
    )  # fmt: skip


async def _survey_words(session: AsyncSession, ref: str) -> Subject | None:
    row = await one_row(session, SurveyWords, "id", UUID(ref))
    if row is None:
        return None
    wave = await one_row(session, SurveyWave, "id", row["wave_id"])
    assert wave is not None
    # Of staff nobody is told the team or the group: a few words of one are as good as signed.
    unit, group = (wave["unit"], None) if wave["of_staff"] else (row["unit"], row["respondent_group"])
    return Subject(
        unit, row["said_on"], {row["question"]: row["words"]}, "survey", [], group, wave["channel"], source="survey",
        quarantined=row["quarantined"],
    )  # fmt: skip


_BY_ID = ("view", "survey_response", "public_submission", *BY_ID)
_READERS: dict[str, Callable[[AsyncSession, str], Awaitable[Subject | None]]] = {
    "survey_response": _survey_words,
    "view": _view,
    "complaint": _complaint,
    "compliment": _compliment,
    "public_submission": _submission,
    **READERS,
}
