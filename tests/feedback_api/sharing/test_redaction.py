"""What may be done to somebody's words before they are shared."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.feedback_api import redaction
from services.feedback_api.redaction import NOT_THEIR_WORDS, Piece, blocks_in, pieces, says_no_more

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


def read_back(original: str, text: str) -> list[Piece]:
    found = pieces(original, text)
    assert "".join(one.text for one in found if one.change != "put_in") == original
    assert "".join(one.text for one in found if one.change != "left_out") == text
    return found


@pytest.mark.parametrize("looked_at_whole", [10_000, 0])
@given(original=TEXTS, text=TEXTS)
def test_the_pieces_read_together_are_both_texts(looked_at_whole: int, original: str, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction, "_LOOKED_AT_WHOLE", looked_at_whole)
        read_back(original, text)


@pytest.mark.parametrize("looked_at_whole", [10_000, 0])
def test_words_that_somebody_wrote_in_brackets_are_theirs(
    looked_at_whole: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redaction, "_LOOKED_AT_WHOLE", looked_at_whole)
    original, text = "He said [my mum hit me] and left.", "my mum hit me"
    assert says_no_more(original, text)
    assert [one for one in read_back(original, text) if one.change != "left_out"] == [Piece("kept", text)]
    assert read_back(original, original) == [Piece("kept", original)]
    again = read_back("[Mum] hit me [Mum]", "[Mum] hit me Mum")
    assert again[-2:] == [Piece("kept", "Mum"), Piece("left_out", "]")]
    put_in = [one.text.strip() for one in read_back(original, "He said [name] hit me.") if one.change == "put_in"]
    assert put_in == ["[name]"]


# Common words alone, as most of a long text are.
LONG = [f"and{number * number * number % 41 + number % 3}" for number in range(400)]


@pytest.mark.parametrize("gone", [range(200, 201), range(1), range(399, 400), range(30, 330)])
def test_words_left_out_of_a_long_text_are_one_piece(gone: range) -> None:
    found = read_back(" ".join(LONG), " ".join(word for at, word in enumerate(LONG) if at not in gone))
    assert [one.change for one in found if one.change != "kept"] == ["left_out"]


def test_of_a_long_text_that_keeps_to_the_rule_only_what_is_bracketed_is_put_in() -> None:
    changed = {3: None, 9: "[name]", **dict.fromkeys(range(100, 180)), 390: "[she left out,]", 395: "W395"}
    text = " ".join(word for word in (changed.get(at, word) for at, word in enumerate(LONG)) if word)
    original = " ".join(LONG)
    assert says_no_more(original, text.replace("W395", LONG[395]))
    found = read_back(original, text.replace("W395", LONG[395].upper()))
    assert [one.text.strip() for one in found if one.change == "put_in"] == [
        "[name]",
        "[she left out,]",
        LONG[395].upper(),
    ]
    assert [one.change for one in found].count("left_out") == 5
    other = read_back(original, "Other " + text + " words")
    assert [one.change for one in other] == ["left_out", "put_in"]


@pytest.mark.parametrize(
    ("original", "text"),
    [
        ("." * 620, "._" * 310), ("." * 5_000, "._" * 99), ("[" * 5_000, "a" * 5_000), ("a b " * 2_000, "b a " * 2_000),
        ("a b " * 2_000, "b " * 2_000), ("a " * 2_000, "[x] a [y] " * 500),
        *((" ".join(f"w{number * step % 7}" for number in range(2_000)), "w1 [ " * 2_000) for step in (1, 3)),
    ],
)  # fmt: skip
def test_no_text_of_few_words_is_compared_in_a_time_that_grows_with_its_square(
    original: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Small(SequenceMatcher[str]):
        def __init__(self, junk: None, a: Sequence[str], b: Sequence[str], autojunk: bool) -> None:
            assert len(a) * len(b) <= 100_000
            super().__init__(junk, a, b, autojunk)

    monkeypatch.setattr(redaction, "SequenceMatcher", Small)
    read_back(original, text)


@given(some.lists(some.sampled_from("abcdef")), some.data())
def test_any_words_left_out_leave_a_quotation(words: list[str], data: some.DataObject) -> None:
    kept = [word for word in words if data.draw(some.booleans())]
    assert says_no_more(" ".join(words), " ".join(kept))


def test_identifiers_and_names_block() -> None:
    text = "Tom on 07700 900123"
    assert blocks_in(text, text, quoted=True, names=["Tom Reed"]) == ["phone", "name"]
