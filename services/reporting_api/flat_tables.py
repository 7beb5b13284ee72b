"""The two flat tables of this service, and the SQL that makes their rows for a caller: his units, his copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.models import OccurrenceChange
from services.reporting_api.occurrences import STATUS
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrence_table
from services.reporting_api.published_figures import table as figure_table
from services.reporting_api.registry import table_of
from shared.auth.caller import Caller
from shared.extracts.tables import Column, Table, key_column
from shared.organisation.units import visible_units
from shared.tables import activity, activity_seal, framework_item

PUBLISHED_FIGURES = Table(
    "published-figures",
    "PublishedFigures",
    "Every figure of every published report, as its board, or this caller's copy, was shown it; a row never changes.",
    ("report_id", "section", "indicator", "area"),
    (
        key_column("report_id", "the edition; the report is at /v1/reports/{report_id}"),
        key_column("section", "the code of the section it stands in"),
        key_column("indicator", "the code of the indicator"),
        key_column("area", "an ONS code, or the unit whose figure it is"),
        Column("report", "text", "the code of the report on the schedule", nullable=False),
        Column("report_title", "text", "its title", nullable=False),
        Column("occurrence_id", "text", "the report and period; look it up in occurrences", nullable=False),
        Column("edition", "integer", "of one occurrence the highest is the one that holds", nullable=False),
        Column("supersedes", "text", "the report_id whose rows these take the place of"),
        Column("board", "text", "the board it is for first", nullable=False),
        Column("report_period", "text", "the period of the report", nullable=False),
        Column("report_period_end", "date", "its last day", nullable=False),
        Column("published_at", "moment", "when it was published", nullable=False),
        Column("disclosure", "text", "full, or protected: small numbers hidden", nullable=False),
        Column("section_title", "text", "the title of the section", nullable=False),
        Column("indicator_title", "text", "the name of the indicator", nullable=False),
        Column("team_name", "text", "whose figure it is, where it is one team's; empty for the figure of the report"),
        Column("period", "text", "the period of the figure", nullable=False),
        Column("value", "number", "empty where value_status is c, z or x"),
        Column("value_status", "text", "c confidential, z not applicable, x unavailable, k rounds to 0, u unreliable"),
        Column("display", "text", "as the board read it", nullable=False),
        Column("unit", "text", "what the value is counted in", nullable=False),
        Column("measure", "text", "count, percentage, rate, mean, money or ordinal", nullable=False),
        Column("good_is", "text", "high, low or no_judgement", nullable=False),
        Column("themed_area", "text", "one of the four themed areas"),
        Column("direction_of_travel", "text", "improving, worsening, no_change, rising, falling or unknown", False),
        Column("target", "number", "what the council wants it to be"),
        Column("tolerance", "number", "how far from the target is amber and not yet red"),
        Column("rag", "text", "green, amber, red or none", nullable=False),
        Column("previous_period", "text", "the period before, where it has a figure"),
        Column("previous_value", "number", "its value, as shown beside this one"),
        Column("year_end_period", "text", "the last period of the year before"),
        Column("year_end_value", "number", "its value"),
        Column("national_value", "number", "the nation's, for the same period"),
        Column("neighbours_average", "number", "the mean of the statistical neighbours"),
        Column("neighbours_best", "number", "the best of them, where either way is better"),
        Column("top_quartile", "number", "where the best quarter of all authorities begins"),
        Column("changed_from", "text", "what this board was shown before for the same period, where another"),
    ),
)
OCCURRENCES = Table(
    "occurrences",
    "Occurrences",
    "Every report for every period: planned, due, published, late or missed; a row changes as the report goes its way.",
    ("occurrence_id",),
    (
        key_column("occurrence_id", "at /v1/occurrences/{occurrence_id}"),
        Column("report", "text", "the code of the report on the schedule", nullable=False),
        Column("report_title", "text", "its title, where it is still on the schedule"),
        Column("period", "text", "such as 2026-10 or FY2026-27-Q3", nullable=False),
        Column("occasion", "integer", "1, or more where it was asked for again", nullable=False),
        Column("period_start", "date", "the first day of the period", nullable=False),
        Column("period_end", "date", "its last day", nullable=False),
        Column("boards", "text", "the codes of the boards that see it, joined by ;", nullable=False),
        Column("owner_role", "text", "who answers for it", nullable=False),
        Column("unit", "text", "whose report it is; empty for the council's"),
        Column("opens_on", "date", "from when it can be made", nullable=False),
        Column(
            "due_on",
            "date",
            "when it is due, counted from the day after; empty while it awaits a meeting",
        ),
        Column("status", "text", "as /v1/occurrences tells it", nullable=False),
        Column("outcome", "text", "on_time, late, open_late or missed; empty before it is due and not published"),
        Column("late_on", "date", "the day it became late"),
        Column("missed_on", "date", "the day the next of its kind fell due"),
        Column("published_on", "date", "the day it was first published"),
        Column("withdrawn_on", "date", "no longer expected from this day, and not counted"),
    ),
)
ENTITY_SETS: dict[str, Table] = {one.entity_set: one for one in (PUBLISHED_FIGURES, OCCURRENCES)}
TABLES: dict[str, Table] = {one.name: one for one in ENTITY_SETS.values()}

_f, _r, _change = figure_table.c, editions.c, table_of(OccurrenceChange)
_FROM_FIGURE = (
    "section", "indicator", "area", "disclosure", "section_title", "indicator_title", "period", "value", "value_status",
    "display", "unit", "measure", "good_is", "themed_area", "direction_of_travel", "target", "rag", "changed_from",
    "team_name", "tolerance", "previous_period", "previous_value", "year_end_period", "year_end_value",
    "national_value", "neighbours_average", "neighbours_best", "top_quartile",
)  # fmt: skip
_FROM_OCCURRENCE = (
    "report", "period", "occasion", "period_start", "period_end", "owner_role", "unit", "opens_on", "due_on", "late_on",
    "missed_on", "published_on", "withdrawn_on",
)  # fmt: skip
_TITLE = (
    sa.select(framework_item.c.content["title"].astext)
    .where(framework_item.c.kind == "reports", framework_item.c.code == occurrence.report)
    .scalar_subquery()
)
# Of the columns alone, not of today: a row that nobody touched says what it said.
_OUTCOME = sa.case(
    (occurrence.withdrawn_on.is_not(None), None),
    (occurrence.published_on <= occurrence.due_on, "on_time"),
    (occurrence.published_on.is_not(None), "late"),
    (occurrence.missed_on.is_not(None), "missed"),
    (occurrence.late_on.is_not(None), "open_late"),
    else_=None,
)


async def rows_for(session: AsyncSession, caller: Caller, table: Table) -> sa.Subquery:
    """The rows of a table that this caller may see, with `at` and `key`, the order in which they are followed."""
    allowed = await visible_units(session, caller)
    made, unit = (_figures(caller), _r.unit) if table is PUBLISHED_FIGURES else (_occurrences(), occurrence.unit)
    if allowed is not None:
        made = made.where(unit.in_(sorted(allowed)))
    return made.subquery(table.name.replace("-", "_"))


def _figures(caller: Caller) -> sa.Select[Any]:
    """By the place of the publication in the activity log: rows of the very copy of the report this caller reads."""
    copy = _r.disclosure if editions.sees_full(caller) else sa.literal("protected")
    return (
        sa.select(
            activity_seal.c.position.label("at"), _f.place.label("key"), sa.cast(_r.id, sa.Text).label("report_id"),
            _r.report, _r.title.label("report_title"), sa.cast(_r.occurrence, sa.Text).label("occurrence_id"),
            _r.edition, sa.cast(_r.supersedes, sa.Text).label("supersedes"), occurrence.audiences[1].label("board"),
            _r.period.label("report_period"), occurrence.period_end.label("report_period_end"), _r.published_at,
            *(_f[name] for name in _FROM_FIGURE),
        )
        .join(editions.table, _r.id == _f.report)
        .join(occurrence_table, occurrence.id == _r.occurrence)
        .join(
            activity,
            sa.and_(
                activity.c.subject_type == "report", activity.c.subject_id == sa.cast(_r.id, sa.Text),
                activity.c.action == "report.published",
            ),
        )
        .join(activity_seal, activity_seal.c.activity_id == activity.c.id)
        .where(_r.status.in_(editions.PUBLIC), _f.disclosure == copy)
    )  # fmt: skip


def _occurrences() -> sa.Select[Any]:
    return sa.select(
        _change.c.changed_in.label("at"), sa.cast(occurrence.id, sa.Text).label("key"),
        sa.cast(occurrence.id, sa.Text).label("occurrence_id"), _TITLE.label("report_title"),
        sa.func.array_to_string(occurrence.boards, ";").label("boards"), STATUS.label("status"),
        _OUTCOME.label("outcome"), *(occurrence[name] for name in _FROM_OCCURRENCE),
    ).join(_change, _change.c.occurrence == occurrence.id)  # fmt: skip


async def read_block(
    session: AsyncSession, source: sa.Subquery, where: Sequence[sa.ColumnElement[bool]], after: tuple[Any, ...] | None,
    limit: int, skip: int = 0,
) -> Sequence[Any]:  # fmt: skip
    """Rows in the order in which they are followed."""
    order = (source.c.at, source.c.key)
    statement = sa.select(source).where(*where).order_by(*order).limit(limit).offset(skip or None)
    if after is not None:
        statement = statement.where(sa.tuple_(*order) > sa.tuple_(*(sa.literal(part) for part in after)))
    return (await session.execute(statement)).mappings().all()


async def count_rows(session: AsyncSession, source: sa.Subquery, where: Sequence[sa.ColumnElement[bool]]) -> int:
    return int((await session.execute(sa.select(sa.func.count()).select_from(source).where(*where))).scalar_one())
