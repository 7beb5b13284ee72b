"""Publishing versions of questionnaires as the framework is applied, and reading them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import SurveyVersion, table_of
from services.feedback_api.surveys.errors import PublishedSurveyChanged, SurveyVersionNotNewer
from shared.canonical import canonical
from shared.framework.store import Planned
from shared.problems import Fault, NotFound
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.surveys import ENGLISH, Survey

_EDITIONS = table_of(SurveyVersion)
_KEPT = 200
_read: dict[bytes, Survey] = {}


def survey_of(content: Mapping[str, Any]) -> Survey:
    """The stored content as the model of a survey."""
    survey = parse_item("surveys", content)
    assert isinstance(survey, Survey)
    return survey


def read_survey(row: Any) -> Survey:
    """The survey of a row of editions, read once: it is kept by its hash, since none ever changes."""
    known = _read.get(row.hash)
    if known is None:
        if len(_read) >= _KEPT:
            _read.pop(next(iter(_read)))
        known = _read[row.hash] = survey_of(row.content)
    return known


def content_hash(survey: Survey) -> bytes:
    """What must stay the same once published: all but the status, which tells whether it is still in use."""
    content = survey.model_dump(mode="json", exclude_defaults=True, exclude={"status"})
    return hashlib.sha256(canonical(content)).digest()


async def project_surveys(session: AsyncSession, changed: Sequence[Planned]) -> None:
    """Publish, retire or refuse each changed survey; drafts stay in the framework alone."""
    for planned in changed:
        if planned.change == "retire":
            await _retire(session, planned.code)
        else:
            await _take(session, planned, survey_of(planned.content))


async def _take(session: AsyncSession, planned: Planned, survey: Survey) -> None:
    held = sa.select(_EDITIONS.c.version, _EDITIONS.c.hash).where(_EDITIONS.c.survey == survey.code)
    hashes: dict[int, bytes] = {row.version: row.hash for row in await session.execute(held)}
    digest, known = content_hash(survey), hashes.get(survey.version)
    if known is not None and (known != digest or survey.status == "draft"):
        fault = Fault("/items", "published_survey_changed", "give the changed survey a higher version")
        raise PublishedSurveyChanged("Nothing was applied: a published survey would have changed.", errors=[fault])
    if survey.status == "draft":
        return
    if survey.version < max(hashes, default=0):
        fault = Fault("/items", "survey_version_not_newer", "give the survey a version above the last one published")
        raise SurveyVersionNotNewer("Nothing was applied: a survey's version is too low.", errors=[fault])
    # The version before is retired first: only one may be in use.
    await _retire(session, survey.code)
    if known is None:
        await session.execute(
            sa.insert(_EDITIONS).values(
                survey=survey.code, version=survey.version, title=survey.title[ENGLISH], channel=survey.channel,
                content=planned.content, hash=digest, status=survey.status, published_at=sa.func.clock_timestamp(),
            )
        )  # fmt: skip
    else:
        edition = sa.and_(_EDITIONS.c.survey == survey.code, _EDITIONS.c.version == survey.version)
        await session.execute(sa.update(_EDITIONS).where(edition).values(status=survey.status))


async def _retire(session: AsyncSession, survey: str) -> None:
    in_use = sa.and_(_EDITIONS.c.survey == survey, _EDITIONS.c.status == "published")
    await session.execute(sa.update(_EDITIONS).where(in_use).values(status="retired"))


async def list_editions(session: AsyncSession, after: str | None, limit: int) -> Sequence[Any]:
    """The version in use of each survey, or its last, in order of code."""
    statement = (
        sa.select(_EDITIONS).ext(distinct_on(_EDITIONS.c.survey))
        .order_by(_EDITIONS.c.survey, _EDITIONS.c.version.desc()).limit(limit)
    )  # fmt: skip
    if after is not None:
        statement = statement.where(_EDITIONS.c.survey > after)
    return (await session.execute(statement)).all()


async def read_edition(session: AsyncSession, survey: str, version: int | None = None) -> sa.Row[Any]:
    """One version with the numbers of all, the newest unless told; raises NotFound."""
    versions = sa.select(sa.func.array_agg(_EDITIONS.c.version)).where(_EDITIONS.c.survey == survey)
    statement = sa.select(_EDITIONS, versions.scalar_subquery().label("versions")).where(_EDITIONS.c.survey == survey)
    if version is not None:
        statement = statement.where(_EDITIONS.c.version == version)
    found = (await session.execute(statement.order_by(_EDITIONS.c.version.desc()).limit(1))).one_or_none()
    if found is None:
        raise NotFound()
    return found
