"""The participation statement of a period, put together from the records alone (R11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.coverage import queries, statement_queries
from services.feedback_api.coverage.people import TOTAL, Shown, quarters_of, untold, with_total
from services.feedback_api.coverage.queries import Entry, Span
from services.feedback_api.coverage.service import View
from services.feedback_api.coverage.statement_queries import Tally
from services.feedback_api.spans import told_from
from shared.free_text import find_identifiers
from shared.schemas.participation_statement import (
    ChangeTold,
    GapOut,
    GroupTook,
    MethodUsed,
    NobodyTook,
    ParticipationRecord,
    SourceCount,
)
from shared.schemas.periods import Period

Entries = Mapping[str, Entry]


@dataclass(frozen=True)
class Found:
    """The records of a period, and what this caller may be told of how many took part."""

    methods: Mapping[str, int]
    stages: Mapping[str, int]
    people: Shown
    any_group: bool
    told: int | None
    changes: Sequence[Mapping[str, Any]]
    nobody: Sequence[Mapping[str, Any]]
    activities: Tally
    said: Tally


async def read_statement(
    session: AsyncSession, period: Period, view: View, told_once: Shown | None, now: datetime
) -> ParticipationRecord:
    """The statement of the units in view; `told_once` is what was told of how many took part."""
    span = Span(period.start, period.end, view.units)
    stages: dict[str, int] = {}
    for (stage, _), count in (await queries.count_stages(session, span)).items():
        stages[stage] = stages.get(stage, 0) + count
    people = await statement_queries.count_people(session, span)
    shown = untold(people) if told_once is None else told_once
    found = Found(
        methods=await queries.count_methods(session, span),
        stages=stages,
        people=shown if view.protected else dict(with_total(people)),
        any_group=bool(people),
        told=None if told_once is None else told_once[TOTAL],
        changes=await statement_queries.approved_changes(session, span),
        nobody=await statement_queries.nobody_took_part(session, span),
        activities=await statement_queries.tally_activities(session, span),
        said=await statement_queries.tally_changes(session, span),
    )
    kinds = ("participation_methods", "commissioning_stages", "respondent_groups")
    known = {kind: await queries.read_entries(session, kind, period.start, period.end) for kind in kinds}
    return build_statement(period, view, found, known, now)


def build_statement(
    period: Period, view: View, found: Found, known: Mapping[str, Entries], now: datetime
) -> ParticipationRecord:
    """The statement as this caller may have it."""
    took_place = bool(found.methods)
    none = [NobodyTook.model_validate(one) for one in found.nobody if not _identifies(one)]
    how_many = found.people[TOTAL]
    groups = known["respondent_groups"]
    who = [_group(code, people, groups) for code, people in sorted(found.people.items()) if code != TOTAL]
    return ParticipationRecord(
        period=period.code,
        start=period.start,
        end=period.end,
        unit=view.unit,
        protected=view.protected,
        # Who took part is on record, even where what was told before has none of them.
        ready=bool(found.any_group and found.changes) if took_place else bool(none),
        took_place=took_place,
        methods=_used(found.methods, known["participation_methods"]),
        who=who,
        how_many=how_many,
        how_many_status="c" if how_many is None else None,
        how_many_told=found.told,
        told_as_at=[told_from(one) for one in quarters_of(period)],
        what_changed=[ChangeTold.model_validate(one) for one in found.changes],
        commissioning_stages=_used(found.stages, known["commissioning_stages"]),
        none_took_part=none,
        gaps=_gaps(found, known["commissioning_stages"], len(found.nobody) - len(none)),
        sources=[
            SourceCount(source="activities", records=found.activities.records, as_at=found.activities.latest),
            SourceCount(source="you_said_we_did", records=found.said.records, as_at=found.said.latest),
        ],
        as_at=now,
    )


def _identifies(words: Mapping[str, Any]) -> bool:
    return bool(find_identifiers({name: words[name] for name in ("title", "why", "what_follows")}))


def _used(counts: Mapping[str, int], known: Entries) -> list[MethodUsed]:
    order = [*(code for code in known if code in counts), *sorted(set(counts) - set(known))]
    return [
        MethodUsed(code=code, title=known[code].title if code in known else code, activities=counts[code])
        for code in order
    ]


def _group(code: str, people: int | None, known: Entries) -> GroupTook:
    entry = known.get(code)
    return GroupTook(
        code=code,
        title=entry.title if entry else code,
        family=entry.family if entry else None,
        people=people,
        value_status="c" if people is None else None,
    )


def _gaps(found: Found, stages: Entries, identifying: int) -> list[GapOut]:
    gaps = []
    if not found.activities.records:
        gaps.append(GapOut(code="nothing_recorded", words="Nothing was recorded of participation in this period."))
    if len(found.methods) == 1:
        gaps.append(GapOut(code="single_method", words="Only one method was used.", of=list(found.methods)))
    if found.methods and not found.changes:
        words = "Nothing that changed because of it is approved for sharing."
        gaps.append(GapOut(code="nothing_changed", words=words))
    if waiting := found.said.records - found.said.approved:
        gaps.append(GapOut(code="words_not_approved", words=f"Words that await approval for sharing: {waiting}."))
    if untold_back := found.said.records - found.said.told_back:
        gaps.append(GapOut(code="not_told_back", words=f"Entries whose people were not told yet: {untold_back}."))
    uncovered = [code for code, entry in stages.items() if entry.in_force and code not in found.stages]
    if uncovered:
        gaps.append(GapOut(code="uncovered_stages", words="Stages of commissioning without anybody.", of=uncovered))
    if identifying:
        words = f"Records that nobody took part, left out because their words could identify somebody: {identifying}."
        gaps.append(GapOut(code="words_identify", words=words))
    return gaps
