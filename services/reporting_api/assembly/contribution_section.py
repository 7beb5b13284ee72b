"""What units and agencies sent for this report, and who has not (R85)."""

from __future__ import annotations

from typing import Any

from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.protection import shown
from services.reporting_api.assembly.sections import Work, ours
from services.reporting_api.document import held_back
from services.reporting_api.owed import STANDING_WORDS, standing_of
from services.reporting_api.words import counted, listed, sentence
from shared.schemas.board_follow_up_items import ContributedFigureItem, ContributedTextItem, ContributionItem
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import Shown
from shared.schemas.figures import Measure, ValueStatus
from shared.suppression import Cell, Policy, must_hide


def contributions(work: Work) -> BoardSection:
    """Who was asked, what came and when, and its figures and words; what has not come is named, never left out."""
    brief, records, today = work.brief, work.records, work.brief.today
    section = ours(work, f"/v1/contributions?report={brief.report.code}&period={brief.occurrence.period}")
    rows = records.owed.rows
    section.items = [
        *(_standing(work, row) for row in rows),
        *_not_asked(work),
        *(item for row in rows if (sent := records.sent.get(row.id)) for item in _content(work, row, sent)),
    ]
    counts = {name: sum(standing_of(row, today) == name for row in rows) for name in STANDING_WORDS}
    asked = len(rows) - counts["waived"]
    came = counts["received"] + counts["received_late"]
    section.summary = [
        line("asked", "Contributions asked for", asked),
        line("came", "Received", came),
        line("on_time", "Received on time", counts["received"]),
        line("late", "Received late", counts["received_late"]),
        line("not_due", "Not due yet", counts["asked"]),
        line("overdue", "Overdue", counts["overdue"]),
        line("missing", "Missing", counts["missing"]),
        line("chased", "Reminders and chases", sum(row.chases for row in rows)),
    ]
    section.headline = _headline(work, asked, came, counts)
    return section


def _headline(work: Work, asked: int, came: int, counts: dict[str, int]) -> str:
    if not work.records.owed.rows:
        return "Nobody has been asked for a contribution."
    words = f"{came} of {counted(asked, 'contribution')} received, {counts['received']} on time"
    absent = [
        work.brief.names.get(row.contributor, row.contributor)
        for row in work.records.owed.rows
        if standing_of(row, work.brief.today) in ("overdue", "missing")
    ]
    return sentence(f"{words}; not received from {listed(absent)}" if absent else words)


def _standing(work: Work, row: Any) -> ContributionItem:
    standing = standing_of(row, work.brief.today)
    sent = work.records.sent.get(row.id, {"parts": []})
    titles = {part["code"]: part["title"] for part in row.parts}
    reason = held_back(row.waived_reason) if work.protected else row.waived_reason
    return ContributionItem(
        contributor=row.contributor, name=work.brief.names.get(row.contributor, row.contributor), due_on=row.due_on,
        standing=standing, standing_label=STANDING_WORDS[standing], received_on=row.received_on, chased=row.chases,
        last_chased_on=row.last_chased_on, waived_reason=reason,
        nothing_to_report=[titles[part["part"]] for part in sent["parts"] if part["nothing_to_report"]],
    )  # fmt: skip


def _not_asked(work: Work) -> list[ContributionItem]:
    """Whom the definition names and nobody has asked: a report made for a time before there was a clock."""
    asked = {(row.contributor_kind, row.contributor) for row in work.records.owed.rows}
    return [
        ContributionItem(
            contributor=one.code, name=work.brief.names.get(one.code, one.code), due_on=work.brief.occurrence.due_on,
            standing="not_asked", standing_label="not asked",
        )
        for one in work.brief.report.contributors
        if ("agency" if one.agency else "unit", one.code) not in asked
    ]  # fmt: skip


def _content(work: Work, row: Any, sent: dict[str, Any]) -> list[ContributedFigureItem | ContributedTextItem]:
    titles = {part["code"]: part["title"] for part in row.parts}
    figures = [figure for part in sent["parts"] for figure in part["figures"]]
    # Figures of one contributor are often parts of one another: beside a small one, none about people is shown.
    hide = work.protected and any(_tells(figure, work.brief.threshold) for figure in figures)
    items: list[ContributedFigureItem | ContributedTextItem] = []
    for part in sent["parts"]:
        named = {
            "contributor": row.contributor, "name": work.brief.names.get(row.contributor, row.contributor),
            "part": part["part"], "part_title": titles[part["part"]],
        }  # fmt: skip
        items += [
            ContributedFigureItem(
                **named, label=figure["label"], measure=Measure(figure["measure"]),
                **_shown(figure, hide=hide and figure["people"]).model_dump(),
            )
            for figure in part["figures"]
        ]  # fmt: skip
        for words in (part["text"], part["nothing_to_report"], _file_words(part["file"])):
            if words:
                items.append(ContributedTextItem(**named, text=held_back(words) if work.protected else words))
    return items


def _tells(figure: dict[str, Any], threshold: int) -> bool:
    cell = Cell(figure["value"], None, figure["numerator"], figure["denominator"])
    return must_hide(cell, Policy(Measure(figure["measure"]), figure["people"], threshold))


def _shown(figure: dict[str, Any], *, hide: bool) -> Shown:
    if hide:
        return shown(None, ValueStatus.c)
    value = figure["value"]
    match figure["measure"]:
        case Measure.percentage:
            display = f"{value:,.1f}%"
        case Measure.money:
            display = f"£{value:,.0f}"
        case _:
            display = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return Shown(value=value, display=display)


def _file_words(file: dict[str, Any] | None) -> str | None:
    return f"{file['name']}, kept in {file['kept_in']} as {file['reference']}" if file else None
