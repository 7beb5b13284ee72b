"""The classifier: what it suggests, on which words, what it learns and what it never keeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.feedback_api.classifier import FEWEST_RECORDS, Classifier, learn
from services.feedback_api.stems import read_words, stem

KEYWORDS = {
    "communication": ("calls", "letters", "delay in reply"),
    "planning": ("plan", "outcome"),
    "supervision": ("reflection",),
}
PLAIN = Classifier(KEYWORDS)


@pytest.mark.parametrize(
    ("words", "root"),
    [("plan plans planning planned", "plan"), ("agency agencies", "agency"), ("call calls called calling", "call"),
     ("delay delays delayed", "delay"), ("box boxes", "box"), ("class classes", "class"), ("move moved moving", "mov"),
     ("bus", "bus"), ("analysis", "analysis"), ("need needed", "need"), ("red", "red"), ("sing", "sing")],
)  # fmt: skip
def test_forms_of_a_word_have_one_stem(words: str, root: str) -> None:
    assert {stem(word) for word in words.split()} == {root}


def test_a_suggestion_points_at_the_words_it_rests_on() -> None:
    text = "Nobody returned my CÁLLS. A long delay in their reply!"
    (found,) = PLAIN.suggest(text)
    assert found.theme == "communication"
    assert [text[one.start : one.end] for one in found.grounds] == ["CÁLLS", "delay in their reply"]
    assert {one.source for one in found.grounds} == {"keyword"}


def test_a_word_said_often_counts_once_and_two_keywords_count_more_than_one() -> None:
    (once,), (often,), (two,) = (PLAIN.suggest(text) for text in ("a plan", "plan, plan, plan", "plan and outcome"))
    assert once.score == often.score < two.score
    assert len(often.grounds) == 3


def test_a_phrase_does_not_run_from_one_text_into_the_next() -> None:
    assert PLAIN.suggest("There was a delay in", "reply") == []
    assert PLAIN.suggest("There was a delay in reply")[0].grounds[0].text == 0
    assert PLAIN.suggest("Fine.", "The plan was clear.")[0].grounds[0].text == 1


def test_a_denial_still_speaks_of_the_theme() -> None:
    assert [one.theme for one in PLAIN.suggest("There was no plan at all.")] == ["planning"]


def test_R61_words_are_learned_from_decisions_and_a_misleading_keyword_is_unlearned() -> None:
    decided = [(["nobody rang back"], ["communication"])] * 30 + [(["a floor plan of the hall"], [])] * 30
    taught = Classifier(KEYWORDS, learn(decided))
    assert PLAIN.suggest("They never rang") == []
    (found,) = taught.suggest("They never rang")
    assert (found.theme, found.grounds[0].source) == ("communication", "learned")
    assert [one.theme for one in PLAIN.suggest("floor plan")] == ["planning"]
    assert taught.suggest("floor plan of the hall") == []


def test_a_word_that_fewer_than_five_records_say_is_never_kept() -> None:
    common = [
        ([f"they never rang {'Zebediah' if n < FEWEST_RECORDS - 1 else ''}"], ["communication"]) for n in range(9)
    ]
    kept = learn(common).words
    assert set(kept) == {"never", "rang"}
    assert learn([(["Zebediah Zebediah Zebediah"] * 5, ["planning"])]).words == {}
    assert learn([(["call 07700 900123 in 2026"], [])] * 9).words.keys() == {"call"}


def test_the_version_names_keywords_and_lessons() -> None:
    again = Classifier({code: tuple(said) for code, said in KEYWORDS.items()})
    assert PLAIN.version == again.version
    others = {
        Classifier(KEYWORDS | {"planning": ("plan",)}).version,
        Classifier(KEYWORDS, learn([(["rang"], [])])).version,
        PLAIN.version,
    }
    assert len(others) == 3


@given(some.text(max_size=300), some.lists(some.tuples(some.text(max_size=40), some.sampled_from(sorted(KEYWORDS)))))
def test_any_text_has_suggestions_that_repeat_and_lie_within_it(text: str, decided: list[tuple[str, str]]) -> None:
    lessons = learn([([said], [theme]) for said, theme in decided])
    first, second = (Classifier(KEYWORDS, lessons).suggest(text) for _ in range(2))
    assert first == second
    for one in first:
        assert 0.5 <= one.score <= 1
        assert one.grounds
        assert all(0 <= ground.start < ground.end <= len(text) and ground.weight > 0 for ground in one.grounds)
    assert all(text[word.start : word.end].strip() for word in read_words(text))


@given(some.lists(some.lists(some.sampled_from(["alpha", "bravo", "carol", "delta"])), max_size=20))
def test_what_is_kept_was_said_in_enough_records(texts: list[list[str]]) -> None:
    kept = learn([([" ".join(words)], ["planning"]) for words in texts]).words
    for word, one in kept.items():
        assert one.said == sum(word in {stem(said) for said in words} for words in texts) >= FEWEST_RECORDS
