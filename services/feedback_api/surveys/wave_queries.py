"""Reading waves, and which of them a caller sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import SurveyPopulation, SurveyVersion, SurveyWave, table_of
from services.feedback_api.references import codes_above, units_in_view
from services.feedback_api.surveys.editions import read_survey
from shared.auth.caller import Caller
from shared.keyset import before
from shared.organisation.units import units_below, visible_units
from shared.paging import Cursor
from shared.problems import NotFound
from shared.schemas.framework.surveys import Survey

WAVE, POPULATION, EDITION = table_of(SurveyWave), table_of(SurveyPopulation), table_of(SurveyVersion)


@dataclass(frozen=True)
class Filters:
    """What a list of waves may be narrowed to."""

    survey: str | None
    unit: str | None
    status: str | None
    first: date | None
    last: date | None


@dataclass(frozen=True)
class Held:
    """A wave with its questionnaire; `units` are those at and below its own, `scope` the one a caller is held to."""

    wave: Mapping[str, Any]
    survey: Survey
    units: frozenset[str]
    scope: str | None
    own: bool

    @property
    def id(self) -> UUID:
        found: UUID = self.wave["id"]
        return found


Lock = Literal["share", "change"]


async def find_wave(session: AsyncSession, caller: Caller, wave_id: UUID, lock: Lock | None = None) -> Held:
    """The wave, of the caller's units or of one above them; raises NotFound where it is neither.

    Whoever adds answers shares a lock, so that none is added while the wave is being closed.
    """
    row = await read_wave(session, wave_id, lock)
    if row is None:
        raise NotFound()
    units = await units_below(session, row["unit"])
    allowed = await visible_units(session, caller)
    own = allowed is None or row["unit"] in allowed
    if not own and caller.unit not in units:
        raise NotFound()
    wave = dict(row)
    return Held(wave, await survey_of_wave(session, wave), units, None if own else caller.unit, own)


async def read_wave(session: AsyncSession, wave_id: UUID, lock: Lock | None = None) -> sa.RowMapping | None:
    """The wave as it is stored, whoever asks."""
    statement = sa.select(WAVE).where(WAVE.c.id == wave_id)
    if lock is not None:
        statement = statement.with_for_update(read=lock == "share")
    return (await session.execute(statement)).mappings().one_or_none()


async def find_own_wave(session: AsyncSession, caller: Caller, wave_id: UUID, lock: Lock | None = None) -> Held:
    """The same for a change: a wave of a unit above the caller's is not the caller's to change."""
    held = await find_wave(session, caller, wave_id, lock)
    if not held.own:
        raise NotFound()
    return held


async def survey_of_wave(session: AsyncSession, row: Mapping[str, Any]) -> Survey:
    """The version of the questionnaire that the wave is of."""
    edition = sa.and_(EDITION.c.survey == row["survey"], EDITION.c.version == row["survey_version"])
    return read_survey((await session.execute(sa.select(EDITION.c.hash, EDITION.c.content).where(edition))).one())


async def read_populations(session: AsyncSession, wave_id: UUID) -> Sequence[Any]:
    """Who could answer, in order of unit and group."""
    statement = sa.select(POPULATION.c.unit, POPULATION.c.respondent_group, POPULATION.c.number)
    order = (POPULATION.c.unit, POPULATION.c.respondent_group)
    return (await session.execute(statement.where(POPULATION.c.wave_id == wave_id).order_by(*order))).all()


async def list_waves(
    session: AsyncSession, caller: Caller, filters: Filters, today: date, at: Cursor
) -> Sequence[dict[str, Any]]:
    """One page and a row more of the waves the caller sees, the last to open first."""
    wave = WAVE.c
    statement = sa.select(WAVE).where(before(at, wave.opens_on, wave.id))
    units = await units_in_view(session, caller, filters.unit)
    if units is not None:
        above = await codes_above(session, caller.unit) if caller.unit and filters.unit is None else []
        statement = statement.where(wave.unit == sa.any_(sa.literal([*units, *above], sa.ARRAY(sa.Text))))
    if filters.survey is not None:
        statement = statement.where(wave.survey == filters.survey)
    if filters.status is not None:
        statement = statement.where(_is(filters.status, today))
    if filters.first is not None:
        statement = statement.where(wave.closes_on >= filters.first)
    if filters.last is not None:
        statement = statement.where(wave.opens_on <= filters.last)
    statement = statement.order_by(wave.opens_on.desc(), wave.id.desc()).limit(at.fetch)
    return [dict(row) for row in (await session.execute(statement)).mappings()]


def _is(status: str, today: date) -> sa.ColumnElement[bool]:
    wave = WAVE.c
    running = wave.closed_at.is_(None)
    return {
        "planned": sa.and_(running, wave.opens_on > today),
        "open": sa.and_(running, wave.opens_on <= today, wave.closes_on >= today),
        "closed": sa.and_(sa.not_(wave.cancelled), sa.or_(sa.not_(running), wave.closes_on < today)),
        "cancelled": wave.cancelled,
    }[status]
