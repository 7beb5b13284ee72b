"""Planning waves, changing and closing them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.references import UNITS, Named, require_known
from services.feedback_api.surveys.editions import read_edition, read_survey
from services.feedback_api.surveys.errors import FollowUpTaken, WaveBegun, WaveClosed
from services.feedback_api.surveys.wave_queries import POPULATION, WAVE, Held, find_own_wave
from services.feedback_api.surveys.wave_schemas import PopulationIn, WaveEdit, WaveIn, status_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.framework.store import read_items
from shared.ids import new_id
from shared.organisation.units import units_below
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.framework.feedback import Family
from shared.schemas.framework.surveys import Survey

_SETTLED = ("respondent_groups", "languages", "opens_on")


async def plan_wave(session: AsyncSession, caller: Caller, body: WaveIn, now: datetime) -> dict[str, Any]:
    """Store a new wave; raises Malformed, or FollowUpTaken where the evaluation has this part."""
    named = [Named("/unit", UNITS, body.unit, body.opens_on)]
    if body.agency is not None:
        named.append(Named("/agency", "agencies", body.agency, body.opens_on))
    await require_known(session, caller, named)
    first = await _first_part(session, caller, body)
    survey = first.survey if first else await _in_use(session, body.survey)
    groups = body.respondent_groups or (first.wave["respondent_groups"] if first else list(survey.respondent_groups))
    _refuse(_faults(body, survey, groups, first), "The wave cannot be so; see errors.")
    await _check_populations(session, body.populations, groups, await units_below(session, body.unit))
    row = {
        "id": new_id(), "version": 1, "recorded_by": caller.subject, "recorded_at": now, "changed_at": now,
        "survey": survey.code, "survey_version": survey.version, "unit": body.unit,
        "title": body.title or (first.wave["title"] if first else survey.title["en"]), "channel": survey.channel,
        "respondent_groups": groups, "of_staff": await _of_staff(session, groups), "languages": body.languages,
        "opens_on": body.opens_on, "closes_on": body.closes_on, "closed_at": None, "cancelled": False,
        "month": body.month,
        "follows": body.follows, "course": first.wave["course"] if first else body.course,
        "agency": first.wave["agency"] if first else body.agency,
        "salt": first.wave["salt"] if first else secrets.token_bytes(16),
    }  # fmt: skip
    statement = (
        insert(WAVE)
        .values(row)
        .on_conflict_do_nothing(index_elements=["follows", "month"], index_where=sa.not_(WAVE.c.cancelled))
    )
    if (await session.execute(statement.returning(WAVE.c.id))).scalar_one_or_none() is None:
        raise FollowUpTaken()
    await _keep_populations(session, row, body.populations)
    await note(session, caller, "survey_wave.planned", row)
    return row


async def _in_use(session: AsyncSession, code: str) -> Survey:
    try:
        row = await read_edition(session, code)
    except NotFound:
        row = None
    if row is None or row.status != "published":
        fault = Fault("/survey", "unknown_survey", "this is not the code of a survey in use")
        raise Malformed("The survey cannot be used; see errors.", errors=[fault])
    return read_survey(row)


async def _first_part(session: AsyncSession, caller: Caller, body: WaveIn) -> Held | None:
    if body.follows is None:
        return None
    try:
        first = await find_own_wave(session, caller, body.follows)
    except NotFound:
        first = None
    if first is None or first.wave["month"] or first.wave["survey"] != body.survey or first.wave["unit"] != body.unit:
        fault = Fault("/follows", "unknown_wave", "this is not the first part of an evaluation by this survey and unit")
        raise Malformed("There is no such first part; see errors.", errors=[fault])
    return first


def _faults(body: WaveIn, survey: Survey, groups: Sequence[str], first: Held | None) -> list[Fault]:
    faults = group_faults(groups, survey, first) + language_faults(body.languages, survey)
    if body.month not in survey.months:
        faults.append(Fault("/month", "month", "the survey has no such part"))
    if survey.about_a_course and first is None:
        faults += [
            Fault(f"/{name}", "missing", "an evaluation names its course and its agency")
            for name in ("course", "agency")
            if getattr(body, name) is None
        ]
    if not survey.about_a_course and (body.course or body.agency):
        faults.append(Fault("/course", "not_about_a_course", "this survey is not about a course"))
    if first is not None and body.opens_on <= first.wave["opens_on"]:
        faults.append(Fault("/opens_on", "too_early", "a later part opens after the first"))
    return faults


def group_faults(groups: Sequence[str], survey: Survey, first: Held | None = None) -> list[Fault]:
    """A fault for each group that the survey, or the first part, does not ask."""
    asked = first.wave["respondent_groups"] if first else survey.respondent_groups
    return [
        Fault(f"/respondent_groups/{at}", "respondent_group", "the survey does not ask this group")
        for at, group in enumerate(groups)
        if group not in asked
    ]


def language_faults(languages: Sequence[str], survey: Survey) -> list[Fault]:
    """A fault for each language in which some question has no words."""
    return [
        Fault(f"/languages/{at}", "language", "the survey does not have all its questions in this language")
        for at, language in enumerate(languages)
        if language not in survey.languages
    ]


def _refuse(faults: Sequence[Fault], words: str) -> None:
    if faults:
        raise Malformed(words, errors=faults)


async def _of_staff(session: AsyncSession, groups: Sequence[str]) -> bool:
    """Whether any of the groups is of staff, the council's or a partner's; stakeholders speak of others' work."""
    known = {item["code"]: item for item in await read_items(session, "respondent_groups", retired=True)}
    return any(
        known[group]["family"] != Family.children_and_families and not known[group].get("stakeholder")
        for group in groups
    )


async def _check_populations(
    session: AsyncSession, given: Sequence[PopulationIn], groups: Sequence[str], units: frozenset[str]
) -> None:
    faults = []
    for at, one in enumerate(given):
        if one.unit not in units:
            faults.append(Fault(f"/populations/{at}/unit", "unknown_unit", "this is not the wave's unit or below it"))
        if one.respondent_group not in groups:
            words = "the wave does not ask this group"
            faults.append(Fault(f"/populations/{at}/respondent_group", "respondent_group", words))
    _refuse(faults, "Who could answer cannot be so; see errors.")


async def _keep_populations(session: AsyncSession, row: Mapping[str, Any], given: Sequence[PopulationIn]) -> None:
    await session.execute(sa.delete(POPULATION).where(POPULATION.c.wave_id == row["id"]))
    if given:
        await session.execute(sa.insert(POPULATION), [one.model_dump() | {"wave_id": row["id"]} for one in given])


async def edit_wave(session: AsyncSession, caller: Caller, held: Held, body: WaveEdit, now: datetime) -> dict[str, Any]:
    """Change a locked wave; raises WaveClosed, WaveBegun or Malformed."""
    today = local_date(now)
    status = status_of(held.wave, today)
    if status in ("closed", "cancelled"):
        raise WaveClosed()
    changes = body.model_dump(exclude_unset=True, exclude={"populations"})
    if status == "open" and any(held.wave[name] != changes[name] for name in _SETTLED if name in changes):
        raise WaveBegun()
    after = dict(held.wave) | changes
    faults = group_faults(after["respondent_groups"], held.survey) + language_faults(after["languages"], held.survey)
    faults += _date_faults(after, changes, today)
    _refuse(faults, "The wave cannot be so; see errors.")
    if body.populations is not None:
        await _check_populations(session, body.populations, after["respondent_groups"], held.units)
        await _keep_populations(session, after, body.populations)
    after |= {
        "version": held.wave["version"] + 1, "changed_at": now,
        "of_staff": await _of_staff(session, after["respondent_groups"]),
    }  # fmt: skip
    await _store(session, after)
    await note(session, caller, "survey_wave.changed", after)
    return after


def _date_faults(after: Mapping[str, Any], changes: Mapping[str, Any], today: date) -> list[Fault]:
    faults = []
    if after["closes_on"] < after["opens_on"]:
        faults.append(Fault("/closes_on", "too_early", "the wave would close before it opens"))
    if "closes_on" in changes and changes["closes_on"] < today:
        faults.append(Fault("/closes_on", "too_early", "this day is past; close the wave instead"))
    if "opens_on" in changes and changes["opens_on"] < today:
        faults.append(Fault("/opens_on", "too_early", "this day is past"))
    return faults


async def close_wave(session: AsyncSession, caller: Caller, held: Held, now: datetime) -> dict[str, Any]:
    """Close a locked wave before its last day; one that has not begun is cancelled."""
    today = local_date(now)
    status = status_of(held.wave, today)
    if status in ("closed", "cancelled"):
        raise WaveClosed()
    after = dict(held.wave) | {
        "closed_at": now, "cancelled": status == "planned", "version": held.wave["version"] + 1, "changed_at": now,
    }  # fmt: skip
    if status == "open":
        after["closes_on"] = today
    await _store(session, after)
    await note(session, caller, "survey_wave.closed", after)
    return after


async def _store(session: AsyncSession, after: Mapping[str, Any]) -> None:
    await session.execute(sa.update(WAVE).where(WAVE.c.id == after["id"]).values(after))


async def note(session: AsyncSession, caller: Caller, action: str, row: Mapping[str, Any]) -> None:
    """Record the deed: codes, days and the version only."""
    data = {name: row[name] for name in ("survey", "survey_version", "respondent_groups", "month", "version")}
    data |= {name: row[name].isoformat() for name in ("opens_on", "closes_on")}
    await record_activity(session, caller, action, "survey_wave", row["id"], content=data, unit=row["unit"], data=data)
