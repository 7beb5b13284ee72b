"""How answers have changed since the wave before, where the question is the same one. Pure."""

from __future__ import annotations

from services.feedback_api.intervals import mean_change, share_change, spread_of
from services.feedback_api.surveys.counting import CHOSEN, Item
from services.feedback_api.surveys.protection import ANSWERED, TOP, Part
from services.feedback_api.surveys.result_schemas import EstimateOut, NotComparable, QuestionChangeOut
from services.feedback_api.surveys.told import Told, estimate


def change_out(told: Told, before: Told, item: Item, part: Part) -> QuestionChangeOut:
    """The difference to the wave before, or why there is none to be told."""
    old = next((one for one in before.items if one.asked == item.asked), None)
    reason = why_not_comparable(item, old, before)
    if reason or old is None or part not in before.parts.cells or not before.asks(old, part):
        return QuestionChangeOut(comparable=False, reason=reason or "not_asked")
    (now, hidden), (then, veiled) = told.item(item, part), before.item(old, part)
    one = TOP if item.top else CHOSEN
    if {one, ANSWERED} & (hidden | veiled):
        return QuestionChangeOut(comparable=True, value_status="c")
    shares = share_change((now[one], now[ANSWERED]), (then[one], then[ANSWERED])) if one in now else None
    means = None
    if item.scale and not hidden and not veiled:
        spreads = [spread_of({int(a): one[a] for a in item.answers}) for one in (now, then)]
        means = mean_change(spreads[0], spreads[1]) if spreads[0] and spreads[1] else None
    leading = shares or means
    return QuestionChangeOut(
        comparable=True,
        share=estimate(shares, 100),
        mean=estimate(means, digits=2),
        clear=None if leading is None else not leading.lower <= 0 <= leading.upper,
    )


def answer_changes(told: Told, before: Told, item: Item, part: Part) -> dict[str, EstimateOut | None]:
    """The difference of the share of each answer, where both are told."""
    old = next((one for one in before.items if one.asked == item.asked), None)
    if old is None or why_not_comparable(item, old, before) or part not in before.parts.cells:
        return {}
    if not before.asks(old, part):
        return {}
    (now, hidden), (then, veiled) = told.item(item, part), before.item(old, part)
    return {
        answer: estimate(share_change((now[answer], now[ANSWERED]), (then[answer], then[ANSWERED])), 100)
        for answer in item.answers
        if not {answer, ANSWERED} & (hidden | veiled)
    }


def why_not_comparable(item: Item, old: Item | None, before: Told) -> NotComparable | None:
    """A question is the same where its code, kind, scale and options are; its words may be put better."""
    same = [one for one in before.items if one.question.code == item.question.code]
    if not same:
        return "not_asked"
    if same[0].question.kind is not item.question.kind or same[0].question.multiple != item.question.multiple:
        return "kind_changed"
    if item.scale:
        ours, theirs = (_shape(one) for one in (item, same[0]))
        if ours != theirs:
            return "scale_changed"
    elif {one.code for one in item.question.options} != {one.code for one in same[0].question.options}:
        return "options_changed"
    return "not_asked" if old is None else None


def _shape(item: Item) -> tuple[object, ...]:
    return item.answers, item.scale and item.scale.high_is_good, set(item.top)
