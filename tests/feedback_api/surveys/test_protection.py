"""What is hidden of a wave, tried by whoever subtracts one number from another."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.feedback_api.surveys.counting import Asked, Cell, Counted, Item
from services.feedback_api.surveys.protection import (
    ANSWERED,
    REST,
    TOP,
    WHOLE,
    add_up,
    distributions,
    hidden_answers,
    hidden_parts,
    parts_of,
)
from services.feedback_api.surveys.transfer import transfer_row
from shared.schemas.framework.surveys import AnswerScale, Point, Question, QuestionKind

THRESHOLD = 5
PARENTS = {"service": None, "east": "service", "west": "service", "north": "service", "near": "east", "far": "east"}
UNITS = ["east", "west", "north", "near", "far"]
GROUPS = ["practitioner", "manager"]
POINTS = ("1", "2", "3")
SCALE = AnswerScale(
    code="scale", points=tuple(Point(value=int(point), label={"en": point}) for point in POINTS), top=(3,)
)
QUESTION = Question(code="q", label={"en": "q"}, kind=QuestionKind.scale, scale="scale")
ITEM = Item(Asked("q", "", ""), QUESTION, POINTS, SCALE, frozenset(GROUPS))
CELLS = [Cell(unit, group) for unit in UNITS for group in GROUPS]
marks = st.fixed_dictionaries(
    {cell: st.fixed_dictionaries({point: st.integers(0, 12) for point in POINTS}) for cell in CELLS}
)


def is_safe(counts: dict[Any, int], total: Any, parts: list[Any], hidden: frozenset[Any]) -> bool:
    """Whether a reader of what is shown of a sum learns no hidden number better than to the threshold.

    That a few people split somehow is no more than that there are a few; and a nought is told.
    """
    if total in hidden or counts[total] == 0 or not any(counts[part] for part in parts if part not in hidden):
        return True
    veiled = [part for part in parts if part in hidden]
    rest = sum(counts[part] for part in veiled)
    # Known to be 1 at least, unless one of them is nought.
    floor = 0 if any(counts[part] == 0 for part in veiled) else 1
    return not veiled or (len(veiled) > 1 and rest - floor * len(veiled) >= THRESHOLD)


@settings(max_examples=60, deadline=None)
@given(marks)
def test_R17_no_sum_of_groups_or_units_gives_a_small_part_away(given_marks: Any) -> None:
    counted = Counted({cell: sum(one.values()) for cell, one in given_marks.items()}, parents=PARENTS)
    parts = parts_of(counted, "service", GROUPS)
    counts = add_up(parts, counted.responses)
    hidden = hidden_parts(counts, parts, THRESHOLD, frozenset())
    assert all(not 0 < count <= THRESHOLD or part in hidden for part, count in counts.items())
    for one in parts.sums:
        assert is_safe(counts, one.total, list(one.parts), hidden)
    assert sum(counts[part] for part in counts if part[0] == "group") == counts[WHOLE]


@settings(max_examples=60, deadline=None)
@given(marks)
def test_R17_no_distribution_gives_a_small_answer_away_by_itself_or_beside_another(given_marks: Any) -> None:
    counted = Counted({cell: sum(one.values()) for cell, one in given_marks.items()}, parents=PARENTS)
    parts = parts_of(counted, "service", GROUPS)
    gone = hidden_parts(add_up(parts, counted.responses), parts, THRESHOLD, frozenset())
    counts = distributions(parts, ITEM, given_marks)
    hidden = hidden_answers(ITEM, counts, parts, THRESHOLD, gone)
    for part, one in counts.items():
        assert part not in gone or hidden[part] == one.keys()
        for answer, count in one.items():
            assert not 0 < count <= THRESHOLD or answer in hidden[part], (part, answer)
        for total, inside in ((ANSWERED, [TOP, REST]), (REST, ["1", "2"]), (TOP, ["3"])):
            if ANSWERED not in hidden[part] and len(inside) > 1:
                assert is_safe(one, total, inside, hidden[part]), (part, total)
    for one in parts.sums:
        for answer in (*POINTS, TOP, REST):
            column = {part: counts[part][answer] for part in counts}
            veiled = frozenset(part for part in counts if answer in hidden[part])
            assert is_safe(column, one.total, list(one.parts), veiled), (one, answer)


def test_of_pairs_few_of_which_went_another_way_no_mean_is_told_either() -> None:
    told, true = (transfer_row(ITEM, {0: 19, -1: 1}, threshold) for threshold in (THRESHOLD, None))
    assert (told.pairs, told.better, told.worse, told.mean_change, told.value_status) == (20, None, None, None, "c")
    assert true.worse == 1 and true.mean_change is not None


def test_no_mean_is_told_that_says_how_few_went_how_far() -> None:
    told = [
        transfer_row(ITEM, steps, THRESHOLD) for steps in ({0: 10, 1: 9, 2: 1}, {0: 10, -1: 7, -2: 3}, {0: 9, 2: 9})
    ]
    assert [(row.better, row.same, row.worse) for row in told] == [(10, 10, 0), (0, 10, 10), (9, 9, 0)]
    assert [(row.mean_change is None, row.value_status) for row in told] == [(True, "c"), (True, "c"), (False, None)]
