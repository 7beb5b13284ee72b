"""How far first and second graders agree, by tool, month, auditor or domain; auditors see only themselves so."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.agreement import agreement, rounded
from services.audit_api.models import Audit, ToolVersion
from services.audit_api.moderation_models import Moderation, ModerationGrade
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.schemas.audit_summary import AgreementBy, AgreementOut, AgreementsOut, AgreementWithheld

audits, editions = table_of(Audit), table_of(ToolVersion)
moderations, grades = table_of(Moderation), table_of(ModerationGrade)
_first, _second = grades.alias("first"), grades.alias("second")
_KEYS: dict[str, sa.ColumnElement[Any]] = {
    "tool": audits.c.tool,
    "period": sa.func.to_char(audits.c.counts_on, "YYYY-MM"),
    "auditor": audits.c.auditor,
    "domain": _first.c.domain,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an agreement is asked of."""

    by: AgreementBy
    span: tuple[date, date] | None
    tool: str | None
    units: frozenset[str] | None
    drawn_only: bool = False


@dataclass(frozen=True, slots=True)
class Least:
    """How many pairs a figure must be of to be shown, and how many that of one auditor."""

    pairs: int
    of_auditor: int


async def agreements(
    session: AsyncSession, caller: Caller, wanted: Wanted, period: str | None, least: Least
) -> AgreementsOut:
    """The agreement of all pairs together and of each group; withheld where there are too few."""
    rows = await _pairs(session, caller, wanted)
    scales = await _scales(session, {(row.tool, row.tool_version) for row in rows})

    def out(key: str | None, of: Sequence[Any], needed: int) -> AgreementOut:
        auditors = {row.auditor for row in of}
        if len(auditors) == 1 and not caller.may("audit:manage") and caller.subject not in auditors:
            return _withheld(key, of, "one_auditor")
        return _out(key, of, needed, alike=len({scales[row.tool, row.tool_version] for row in of}) < 2)

    groups: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        groups[row.key].append(row)
    needed = least.of_auditor if wanted.by == "auditor" else least.pairs
    only_self = wanted.by == "auditor" and not caller.may("audit:manage")
    return AgreementsOut(
        by=wanted.by,
        period=period,
        tool=wanted.tool,
        least_pairs=needed,
        total=out(None, rows, needed if only_self else least.pairs),
        items=[out(key, groups[key], needed) for key in sorted(groups)],
    )


async def _pairs(session: AsyncSession, caller: Caller, wanted: Wanted) -> Sequence[Any]:
    """One row for each audit and domain that two have graded."""
    asked = moderations.c.sample_id.is_(None).label("asked_for")
    statement = (
        sa.select(
            _KEYS[wanted.by].label("key"), moderations.c.audit_id, asked, audits.c.auditor, audits.c.tool,
            audits.c.tool_version, _first.c.rank.label("first"), _second.c.rank.label("second"),
        )
        .select_from(moderations)
        .join(audits, audits.c.id == moderations.c.audit_id)
        .join(_first, sa.and_(_first.c.moderation_id == moderations.c.id, _first.c.part == "first"))
        .join(
            _second,
            sa.and_(
                _second.c.moderation_id == moderations.c.id, _second.c.part == "second",
                _second.c.domain == _first.c.domain,
            ),
        )
        .where(await reached(session, caller, audits.c.unit, audits.c.auditor))
    )  # fmt: skip
    if wanted.by == "auditor" and not caller.may("audit:manage"):
        statement = statement.where(audits.c.auditor == caller.subject)
    if wanted.span is not None:
        statement = statement.where(audits.c.counts_on.between(*wanted.span))
    if wanted.tool is not None:
        statement = statement.where(audits.c.tool == wanted.tool)
    if wanted.units is not None:
        statement = statement.where(audits.c.unit.in_(sorted(wanted.units)))
    if wanted.drawn_only:
        statement = statement.where(moderations.c.sample_id.is_not(None))
    return (await session.execute(statement)).all()


async def _scales(session: AsyncSession, used: Collection[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    """The scale of each edition as its steps in order: a step is not the same distance on another scale."""
    if not used:
        return {}
    scale = editions.c.content["scale"]["grades"].label("scale")
    statement = sa.select(editions.c.tool, editions.c.version, scale)
    statement = statement.where(sa.tuple_(editions.c.tool, editions.c.version).in_(used))
    return {
        (row.tool, row.version): tuple(sorted((step["order"], step["code"]) for step in row.scale))
        for row in (await session.execute(statement)).all()
    }


def _counted(key: str | None, rows: Sequence[Any]) -> dict[str, Any]:
    return {
        "key": key, "audits": len({row.audit_id for row in rows}), "pairs": len(rows),
        "pairs_asked_for": sum(row.asked_for for row in rows),
    }  # fmt: skip


def _withheld(key: str | None, rows: Sequence[Any], why: AgreementWithheld) -> AgreementOut:
    return AgreementOut(
        **_counted(key, rows), kappa=None, exact_percent=None, within_one_percent=None, withheld=why, no_kappa=why
    )


def _out(key: str | None, rows: Sequence[Any], least: int, *, alike: bool) -> AgreementOut:
    found = agreement(Counter((row.first, row.second) for row in rows))
    if found is None or found.pairs < least:
        return _withheld(key, rows, "too_few_pairs")
    kappa = found.kappa if alike else None
    return AgreementOut(
        **_counted(key, rows),
        kappa=None if kappa is None else rounded(kappa, 3),
        exact_percent=rounded(100 * found.exact, 1),
        within_one_percent=rounded(100 * found.within_one, 1) if alike else None,
        withheld=None,
        no_kappa="scales_differ" if not alike else "no_variation" if kappa is None else None,
    )
