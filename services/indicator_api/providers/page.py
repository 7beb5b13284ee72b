"""A provider's page: hard data and soft information side by side, as one caller may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import read_definitions
from services.indicator_api.providers import queries
from services.indicator_api.providers.concerns import concern_rows
from services.indicator_api.providers.schemas import FigureOut, JudgementOut, NoteOut, ProviderOut, ProviderRow
from services.indicator_api.providers.watching import calling, latest_judgements
from services.indicator_api.series.known import Known, Veil, protect
from services.indicator_api.series.wording import shown
from shared.auth.caller import Caller
from shared.paging import Cursor
from shared.schemas.figures import ValueStatus
from shared.schemas.framework.providers import ProviderRegister
from shared.schemas.periods import Period

_NOTES = 50


async def provider_page(session: AsyncSession, caller: Caller, code: str, veil: Veil, today: date) -> ProviderOut:
    """Everything known of one provider; raises NotFound."""
    held = await queries.find_provider(session, caller, code)
    registers = await queries.read_registers(session)
    judgements = judgements_out(held, await queries.judgements_of(session, [code]), registers.values())
    concerns = await concern_rows(session, await queries.concerns_of(session, code), today)
    notes = await queries.notes_of(session, code, Cursor(None, _NOTES - 1))
    standing = [one.provider_register for one in concerns if one.closed_on is None]
    called = {register for one in judgements for register in one.calls_for_support}
    return ProviderOut(
        **row_out(held, standing, at_risk=any(one.at_risk and one.closed_on is None for one in concerns)).model_dump(),
        judgements=judgements,
        figures=await _figures(session, code, veil),
        notes=[NoteOut.model_validate(_only(NoteOut, row)) for row in notes],
        concerns=concerns,
        called_for=sorted(called - set(standing)),
        allowed_actions=_actions(caller),
    )


def row_out(row: Mapping[str, Any], standing: Iterable[str], *, at_risk: bool) -> ProviderRow:
    given = {"open_concerns": sorted(standing), "at_risk": at_risk}
    return ProviderRow.model_validate(_only(ProviderRow, {**row, **given}))


def judgements_out(
    held: Mapping[str, Any], rows: list[dict[str, Any]], registers: Iterable[ProviderRegister]
) -> list[JudgementOut]:
    latest = {row["id"] for row in latest_judgements(rows)}
    registers = list(registers)
    return [
        JudgementOut(
            **{name: row[name] for name in ("framework", "judgement", "grade", "judged_on", "source_ref")},
            latest=row["id"] in latest,
            calls_for_support=calling(registers, held["kind"], row["framework"], row["judgement"], row["grade"])
            if row["id"] in latest
            else [],
        )
        for row in rows
    ]


async def _figures(session: AsyncSession, code: str, veil: Veil) -> list[FigureOut]:
    rows = await queries.figures_of(session, code)
    definitions = await read_definitions(session, {row["indicator"] for row in rows}, retired=True)
    found = []
    for row in sorted(rows, key=lambda row: Period.parse(row["period"]), reverse=True):
        definition = definitions[row["indicator"]]
        value, numerator, denominator = (
            None if row[name] is None else float(row[name]) for name in ("value", "numerator", "denominator")
        )
        status = ValueStatus(row["value_status"]) if row["value_status"] else None
        known = Known(
            Period.parse(row["period"]), value, status, numerator, denominator, recorded_at=row["recorded_at"]
        )
        # No sum of providers is kept that a small number could be taken from: each is judged by itself.
        hides = definition.people and not veil.lifted
        (seen,) = protect([known], definition.policy(veil.threshold)) if hides else [known]
        found.append(
            FigureOut(
                indicator=definition.code, title=definition.title, period=row["period"], numerator=seen.numerator,
                denominator=seen.denominator, value=seen.value, value_status=seen.status,
                display=shown(definition, seen.value, seen.status),
                source_ref=None if seen.hidden else row["source_ref"], recorded_at=seen.recorded_at,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: one.indicator)


def _actions(caller: Caller) -> list[str]:
    writing = ["change", "record_judgement", "record_figure"] if caller.may("indicator:write") else []
    return writing + (["add_note", "open_concern"] if caller.may("indicator:comment") else [])


def _only(model: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in model.model_fields}
