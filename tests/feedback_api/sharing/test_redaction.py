"""What may be done to somebody's words before they are shared."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.feedback_api.redaction import NOT_THEIR_WORDS, blocks_in, pieces, says_no_more

SAID = "My worker Tom never rang me back before the review, and I was sad."
TEXTS = some.text("ab [].,'é\n", max_size=40)


@pytest.mark.parametrize(
    "text",
    [
        SAID, "My worker never rang me back.", "My worker [name] never rang me back … and I was sad.", "I was sad.",
        "[They said:] my WORKER never rang", "", "[All of it left out.]",
    ],
)  # fmt: skip
def test_parts_may_be_left_out_and_what_is_put_in_stands_in_brackets(text: str) -> None:
    assert says_no_more(SAID, text)


@pytest.mark.parametrize(
    "text",
    [
        "My worker always rang me back", "never my worker", "I was sad, and my worker rang", "sad sad",
        "My worker [never called", "My worker]s boss", "wor",
    ],
)  # fmt: skip
def test_no_word_is_put_into_anyone_s_mouth(text: str) -> None:
    assert not says_no_more(SAID, text)
    assert NOT_THEIR_WORDS in blocks_in(SAID, text, quoted=True)
    assert blocks_in(SAID, text, quoted=False) == []


@given(TEXTS, TEXTS)
def test_the_pieces_read_together_are_both_texts(original: str, text: str) -> None:
    found = pieces(original, text)
    assert "".join(one.text for one in found if one.change != "put_in") == original
    assert "".join(one.text for one in found if one.change != "left_out") == text


def test_a_long_text_of_few_words_is_compared_in_a_moment() -> None:
    original, text = (" ".join(f"w{number * step % 7}" for number in range(1_300)) for step in (1, 3))
    began = time.process_time()
    found = pieces(original, text)
    # It took twenty seconds and more.
    assert time.process_time() - began < 3
    assert "".join(one.text for one in found if one.change != "put_in") == original
    assert "".join(one.text for one in found if one.change != "left_out") == text


@given(some.lists(some.sampled_from("abcdef")), some.data())
def test_any_words_left_out_leave_a_quotation(words: list[str], data: some.DataObject) -> None:
    kept = [word for word in words if data.draw(some.booleans())]
    assert says_no_more(" ".join(words), " ".join(kept))


def test_identifiers_and_names_block() -> None:
    text = "Tom on 07700 900123"
    assert blocks_in(text, text, quoted=True, names=["Tom Reed"]) == ["phone", "name"]
