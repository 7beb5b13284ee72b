"""Recording figures: one by one, and by the file."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.errors import RowsRefused, UnfitFigure
from services.indicator_api.exceptions.keeping import keep_up
from services.indicator_api.mappings.service import MappingInUse
from services.indicator_api.observations.files.formats import Kind, read_rows
from services.indicator_api.observations.files.mapped import MappedFile
from services.indicator_api.observations.files.spool import Spool
from services.indicator_api.observations.rows import storing
from services.indicator_api.observations.rows.cells import COLUMNS, CellFault, json_cell
from services.indicator_api.observations.rows.checks import Batch, Checked, Checker, Place
from services.indicator_api.observations.rows.report import Layout, Mode, Report
from services.indicator_api.observations.rows.storing import Act
from services.indicator_api.series.known import FIGURES_SCOPE
from shared.activity.record import deed_in_sql, deed_values
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.database import driver_connection
from shared.ids import new_id
from shared.problems import Fault

_COUNTS = ("rows", "created", "changed", "unchanged", "rejected")
_KEEP = f"""WITH kept AS (
  INSERT INTO observation_import (id, kind, mode, provisional, body_hash, rows, created, changed, unchanged, rejected,
    report, reason, mapping, mapping_version, unit, recorded_by, recorded_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb, $12, $13, $14, $15, $16, $17)),
{deed_in_sql(18)}"""  # noqa: S608 - no value is in it
_key, _series = itemgetter(1, 2, 3, 4), itemgetter(1, 2)


@dataclass(frozen=True)
class Order:
    """What the caller of an import asked for."""

    kind: Kind
    mode: Mode
    dry_run: bool
    provisional: bool
    reason: str | None = None
    mapping: MappingInUse | None = None

    def read(self, spool: Spool) -> tuple[Layout, Iterator[Batch]]:
        """The rows of a body, and where each stands in it."""
        if self.mapping is None:
            return Layout(), read_rows(self.kind, spool)
        file = MappedFile(self.kind, self.mapping.reading, spool)
        return file.layout, file.batches()


async def import_figures(
    session: AsyncSession, caller: Caller, checker: Checker, spool: Spool, order: Order, now: datetime
) -> tuple[UUID | None, Report]:
    """Check and store a file whole; the id is None for a dry run. Raises RowsRefused where atomic and a row is bad."""
    layout, rows_read = order.read(spool)
    report = Report(order.mode, layout)
    act = Act(new_id(), order.kind, order.mode, spool.digest, order.provisional, now, order.reason, order.mapping)
    connection = await driver_connection(session)
    checked = _good(checker, rows_read, report)
    first: list[Checked] = []
    series = 0
    while len(first) <= storing.BATCH and (batch := next(checked, None)) is not None:
        first += batch
        # Reading is all work and no waiting; the other requests of this process want their turn.
        await asyncio.sleep(0)
    if len(first) <= storing.BATCH:
        rows = _consistent(first, report)
        if not report.fails:
            report.created, report.changed = await storing.store_batch(connection, act, rows, dry_run=order.dry_run)
            series = _changed_series(rows, report)
    else:
        keys = _Keys()
        await storing.copy_file(connection, keys.watch(chain([first], checked)))
        if keys.may_repeat:
            await storing.drop_contradictions(connection, _contradiction(report))
        if not report.fails:
            report.created, report.changed = await storing.store_copied(connection, act, dry_run=order.dry_run)
    if order.dry_run:
        return None, report
    if report.fails:
        raise _refusal(report)
    await record_import(session, caller, act, report)
    if report.created or report.changed:
        await keep_up(session, now, at_least=series)
    return act.import_id, report


def _changed_series(rows: Sequence[Checked], report: Report) -> int:
    """Of how many series a total changed, at least: a row that stayed the same may have been the only one of its."""
    if report.unchanged == len(rows):
        return 0
    return len({_series(row) for row in rows if not row[4]}) - report.unchanged


def _good(checker: Checker, batches: Iterable[Batch], report: Report) -> Iterator[list[Checked]]:
    """The good rows, counted as they pass; none goes on to be stored once the file is lost anyway."""
    for batch in batches:
        good = checker.check(batch, report.refuse, report.warn)
        report.stored += len(good)
        report.protected = report.protected or checker.protects(good)
        yield [] if report.fails else good


class _Keys:
    """Whether a key may stand twice among the rows that pass; sure of itself up to a number that fits in memory."""

    _MOST = 300_000

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._rows = 0

    def watch(self, batches: Iterable[list[Checked]]) -> Iterator[list[Checked]]:
        """The batches as they are."""
        for batch in batches:
            self._rows += len(batch)
            if self._rows <= self._MOST:
                self._seen.update(map(hash, map(_key, batch)))
            yield batch

    @property
    def may_repeat(self) -> bool:
        return len(self._seen) != self._rows


def _consistent(rows: list[Checked], report: Report) -> list[Checked]:
    """Each key once: rows that say the same are one, rows that contradict each other are refused."""
    if len(set(map(_key, rows))) == len(rows):
        return rows
    by_key: dict[tuple[str, ...], list[Checked]] = {}
    for row in rows:
        by_key.setdefault(_key(row), []).append(row)
    contradicts = _contradiction(report)
    good = []
    for same in by_key.values():
        if len({_figure(row) for row in same}) == 1:
            good += same
            continue
        for row in same:
            contradicts(int(row[0]), int(same[1 if row is same[0] else 0][0]))
    return good


def _figure(row: Checked) -> tuple[object, ...]:
    numerator, denominator, value, status, source = row[5:10]
    return (*(Decimal(cell) if cell else None for cell in (numerator, denominator, value)), status, source)


def _contradiction(report: Report) -> storing.Contradiction:
    def refuse(row: int, other: int) -> None:
        other, _ = report.layout.place((other, None))
        detail = f"row {other} gives another figure for the same indicator, area, period and breakdown"
        report.stored -= 1
        report.refuse((row, None), [CellFault(None, "contradicts_row", detail)])

    return refuse


def _refusal(report: Report) -> RowsRefused:
    outcome = report.outcome()
    rows = "1 row" if report.rejected == 1 else f"{report.rejected} rows"
    return RowsRefused(
        f"{rows} of {report.rows} cannot be stored; see errors. Nothing was stored.",
        outcome["errors"],
        {name: outcome[name] for name in ("rows", "rejected", "errors_truncated")},
    )


async def record_import(session: AsyncSession, caller: Caller, act: Act, report: Report) -> None:
    """Keep the import itself, beside its figures, and its one row in the activity log."""
    outcome = report.outcome()
    counts = {name: outcome[name] for name in _COUNTS}
    faults = ("errors", "errors_truncated", "warnings", "warnings_truncated")
    kept = {name: outcome[name] for name in faults} | {"protected": report.protected}
    deed = deed_values(
        caller, "observations.imported", "observation_import", act.import_id,
        content=act.digest.hex(), unit=caller.unit, data={"kind": act.kind, **counts},
    )  # fmt: skip
    connection = await driver_connection(session)
    await connection.execute(
        _KEEP, act.import_id, act.kind, act.mode, act.provisional, act.digest, *counts.values(), json.dumps(kept),
        act.reason, act.mapping and act.mapping.code, act.mapping and act.mapping.version, caller.unit, caller.subject,
        act.recorded_at, *deed,
    )  # fmt: skip


async def record_one(
    session: AsyncSession,
    caller: Caller,
    checker: Checker,
    figure: Mapping[str, Any],
    provisional: bool,
    now: datetime,
    reason: str | None = None,
) -> tuple[Checked, bool, list[CellFault]]:
    """Store one figure; returns it as checked, whether it is new, and doubts. Raises UnfitFigure naming each fault."""
    faults: list[Fault] = []
    doubts: list[CellFault] = []

    def refuse(place: Place, found: list[CellFault]) -> None:
        faults.extend(Fault(f"/{fault.column}" if fault.column else "", fault.code, fault.detail) for fault in found)

    def warn(place: Place, doubt: CellFault) -> None:
        doubts.append(doubt)
        report.warn(place, doubt)

    report = Report("atomic")
    row = [json_cell(column, figure[column]) for column in COLUMNS]
    checked = checker.check(Batch(1, None, [row]), refuse, warn)
    if faults:
        raise UnfitFigure("The figure was not stored; see errors.", errors=faults)
    act = Act(new_id(), "single", "atomic", hashlib.sha256(canonical(figure)).digest(), provisional, now, reason)
    counts = await storing.store_batch(await driver_connection(session), act, checked, dry_run=False)
    report.stored, (report.created, report.changed) = 1, counts
    report.protected = checker.protects(checked)
    # That there is an import, or none, must not tell a caller whether the figure was the one a hidden one has.
    if counts != (0, 0) or (report.protected and not caller.may(FIGURES_SCOPE)):
        await record_import(session, caller, act, report)
    await keep_up(session, now)
    return checked[0], counts.created == 1, doubts
