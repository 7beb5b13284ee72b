"""Putting the results of a wave together, as a caller may have them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.feedback_api.intervals import spread_of
from services.feedback_api.surveys.changes import answer_changes, change_out
from services.feedback_api.surveys.counting import Item
from services.feedback_api.surveys.protection import ANSWERED, TOP, WHOLE, Part
from services.feedback_api.surveys.result_schemas import (
    AnswerOut,
    PreviousOut,
    QuestionOut,
    QuestionPartOut,
    QuestionShareOut,
    ResultsOut,
)
from services.feedback_api.surveys.told import Told, of_group, share
from shared.schemas.figures import round_figure
from shared.schemas.framework.surveys import ENGLISH

_NO_RATE = QuestionShareOut(count=None, of=None, estimate=None)
_LABELS = {"chosen": "Chosen", "not_chosen": "Not chosen"}


def part_out(told: Told, part: Part) -> QuestionPartOut:
    """How many of a part could answer and did."""
    responses, population = told.responses.get(part, 0), told.populations.get(part, 0)
    # On a filtered query hidden and absent look alike.
    absent = told.threshold is not None and part != WHOLE and responses == 0
    hide = part in told.hidden or absent
    hide_population = part in told.hidden_populations or absent
    given = any(told.counted.populations.get(cell) is not None for cell in told.parts.cells.get(part, ()))
    return QuestionPartOut(
        code=part[1],
        responses=None if hide else responses,
        population=population if given and not hide_population else None,
        rate=share(responses, population, hide=hide or hide_population) if given else _NO_RATE,
        value_status="c" if hide or (given and hide_population) else None,
    )


def question_out(told: Told, before: Told | None, item: Item, part: Part) -> QuestionOut:
    """What was answered to an item in a part, and how that has changed."""
    counts, hidden = told.item(item, part)
    spread = None if hidden or item.scale is None else spread_of({int(a): counts[a] for a in item.answers})
    labels, changes = _answer_labels(item), {} if before is None else answer_changes(told, before, item, part)
    favourable = share(counts[TOP], counts[ANSWERED], hide=bool({TOP, ANSWERED} & hidden)) if item.top else None
    return QuestionOut(
        question=item.asked.question,
        item=item.asked.item or item.asked.option or None,
        kind=item.question.kind.value,
        label=_item_label(item),
        answered=None if ANSWERED in hidden else counts[ANSWERED],
        answers=[
            AnswerOut(
                value=answer, label=labels[answer], count=None if answer in hidden else counts[answer],
                value_status="c" if answer in hidden else None, change=changes.get(answer),
            )
            for answer in item.answers
        ],
        mean=None if spread is None else float(round_figure(spread.mean, 2)),
        favourable=favourable,
        change=None if before is None else change_out(told, before, item, part),
        value_status="c" if hidden else None,
    )  # fmt: skip


def _item_label(item: Item) -> str:
    label = item.question.label[ENGLISH]
    inner = {one.code: one.label[ENGLISH] for one in (*item.question.rows, *item.question.options)}
    part = item.asked.item or item.asked.option
    return f"{label}: {inner[part]}" if part else label


def _answer_labels(item: Item) -> Mapping[str, str]:
    if item.scale:
        return {str(point.value): point.label[ENGLISH] for point in item.scale.points}
    return _LABELS | {option.code: option.label[ENGLISH] for option in item.question.options}


def results_out(told: Told, before: Told | None, part: Part, group: str | None, *, running: bool) -> ResultsOut:
    """The results of a part. Protected, a wave that still runs is told as a whole and without its answers: what is told
    today and tomorrow would tell of whoever answered in between."""
    held, protected = told.held, told.threshold is not None
    withheld = protected and running
    own = part_out(told, part)
    if withheld and part != WHOLE:
        own = QuestionPartOut(
            code=part[1], responses=None, population=None, rate=share(0, 0, hide=True), value_status="c"
        )
    return ResultsOut(
        wave=held.id,
        survey=held.wave["survey"],
        survey_version=held.wave["survey_version"],
        status="closed",
        unit=part[1] if part[0] == "unit" else None,
        respondent_group=group,
        protected=protected,
        withheld="open" if withheld else None,
        **own.model_dump(exclude={"code"}),
        by_group=[] if withheld or group else _by_group(told, part),
        by_unit=[] if withheld or part[0] == "group" else _by_unit(told, part),
        questions=[] if withheld or own.responses is None else _questions(told, before, part),
        previous=None if before is None else PreviousOut(wave=before.held.id, **_days(before)),
        set_aside=None if protected else told.counted.set_aside,
        as_at=held.wave["changed_at"],
    )


def _days(told: Told) -> dict[str, Any]:
    return {name: told.held.wave[name] for name in ("survey_version", "opens_on", "closes_on")}


def _by_group(told: Told, part: Part) -> list[QuestionPartOut]:
    """Each group of the whole; of a unit only for who sees everything."""
    groups = told.held.wave["respondent_groups"]
    if part == WHOLE:
        return [part_out(told, ("group", group)) for group in groups]
    if told.threshold is not None:
        return []
    return [part_out(of_group(told, group), part).model_copy(update={"code": group}) for group in groups]


def _by_unit(told: Told, part: Part) -> list[QuestionPartOut]:
    """Each unit below; one that is hidden and has no number of people is as if it were not there."""
    above = told.counted.parents
    found = []
    for kind, code in sorted(told.parts.cells):
        chain = [code]
        while (higher := above.get(chain[-1])) is not None and chain[-1] != told.held.wave["unit"]:
            chain.append(higher)
        if kind == "unit" and (part == WHOLE or part[1] in chain[1:]):
            found.append(part_out(told, (kind, code)))
    return [one for one in found if one.responses is not None or one.population is not None]


def _questions(told: Told, before: Told | None, part: Part) -> list[QuestionOut]:
    if part not in told.parts.cells:
        return []
    return [question_out(told, before, item, part) for item in told.items if told.asks(item, part)]
