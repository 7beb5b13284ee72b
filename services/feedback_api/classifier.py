"""A small classifier that suggests themes for a text, and says on which words each suggestion rests. Pure.

A theme's score is the logistic function of a start, which says how rare the theme is, and of one weight for each of
its terms that stands in the text: a keyword of the taxonomy has a fixed weight, a word learned from what people
decided has a log-odds weight. No word counts twice, and what a text does not say counts nothing. Who denies something
still speaks of it ("nobody rang me" is about being rung), so a negation changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import exp, log
from operator import attrgetter
from typing import Literal

from services.feedback_api.stems import Word, read_words, stems_of
from shared.canonical import canonical

RULES = 1
# One keyword alone is enough to suggest a theme, and a word learned against it can take that away.
KEYWORD_WEIGHT = 2.5
UNLEARNED_START, LOWEST_START, HIGHEST_START = -2.0, -3.0, -1.0
LOWEST_WEIGHT, HIGHEST_WEIGHT = -1.5, 2.0
SUGGESTED_FROM = 0.5
# A word that fewer different records say could tell who said it: a name, a place, a rare event.
FEWEST_RECORDS = 5
LONGEST_TERM = 30

# A word and which of the texts it stands in.
Placed = tuple[int, Word]


@dataclass(frozen=True, slots=True)
class Learned:
    """A word of the decided records: in how many it stands, and in how many of each theme."""

    said: int
    of: Mapping[str, int]


@dataclass(frozen=True)
class Lessons:
    """What was counted over the decided records, rare words left out."""

    records: int = 0
    themes: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, Learned] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ground:
    """One stretch of a text that a suggestion rests on: of which text, and its characters from the beginning."""

    text: int
    start: int
    end: int
    weight: float
    source: Literal["keyword", "learned"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    theme: str
    score: float
    grounds: tuple[Ground, ...]


@dataclass(frozen=True)
class Classifier:
    """Keywords by theme, and what was learned; two with the same version suggest the same."""

    keywords: Mapping[str, tuple[str, ...]]
    lessons: Lessons = Lessons()

    @cached_property
    def version(self) -> str:
        """A digest of all that decides: rules, keywords and counts."""
        lessons = {
            "records": self.lessons.records,
            "themes": dict(self.lessons.themes),
            "words": {word: [one.said, dict(one.of)] for word, one in self.lessons.words.items()},
        }
        whole = {"rules": RULES, "keywords": {code: list(said) for code, said in self.keywords.items()}} | lessons
        return hashlib.sha256(canonical(whole)).hexdigest()[:16]

    @cached_property
    def _phrases(self) -> dict[str, frozenset[tuple[str, ...]]]:
        """The keywords as sequences of stems."""
        read = {code: {stems_of(keyword) for keyword in said} for code, said in self.keywords.items()}
        return {code: frozenset(phrase for phrase in phrases if phrase) for code, phrases in read.items()}

    def suggest(self, *texts: str) -> list[Suggestion]:
        """The themes that the texts of one record speak of, likeliest first."""
        words = [(place, word) for place, text in enumerate(texts) for word in read_words(text)]
        found = (self._weigh(theme, words) for theme in sorted(self.keywords))
        return sorted((one for one in found if one is not None), key=lambda one: (-one.score, one.theme))

    def _weigh(self, theme: str, words: Sequence[Placed]) -> Suggestion | None:
        grounds = self._grounds(theme, words)
        once = {term: ground.weight for ground, term in grounds}
        total = self._start(theme) + sum(once.values())
        score = 1 / (1 + exp(-total))
        if score < SUGGESTED_FROM or not any(weight > 0 for weight in once.values()):
            return None
        shown = sorted((one for one, _ in grounds if one.weight > 0), key=attrgetter("text", "start", "end", "source"))
        return Suggestion(theme, round(score, 4), tuple(shown))

    def _grounds(self, theme: str, words: Sequence[Placed]) -> list[tuple[Ground, tuple[str, ...]]]:
        """Every stretch that counts for or against the theme, with the term it is an instance of."""
        # With the place of its text beside each stem no phrase runs from one text into the next.
        stems = [(place, word.stem) for place, word in words]
        found: list[tuple[Ground, tuple[str, ...]]] = []
        for phrase in sorted(self._phrases[theme]):
            for at, (place, word) in enumerate(words[: len(words) - len(phrase) + 1]):
                if stems[at : at + len(phrase)] == [(place, part) for part in phrase]:
                    ends = words[at + len(phrase) - 1][1].end
                    found.append((Ground(place, word.start, ends, KEYWORD_WEIGHT, "keyword"), phrase))
        for place, word in words:
            weight = self._learned(theme, word.stem)
            if weight:
                found.append((Ground(place, word.start, word.end, weight, "learned"), ("", word.stem)))
        return found

    def _start(self, theme: str) -> float:
        """How likely the theme is before a word is read, from its share among the decided records."""
        records = self.lessons.records
        if not records:
            return UNLEARNED_START
        share = (self.lessons.themes.get(theme, 0) + 0.5) / (records + 1)
        # Few decisions say little: the start moves away from the unlearned one as they come in.
        trust = records / (records + 50)
        return _within(trust * log(share / (1 - share)) + (1 - trust) * UNLEARNED_START, LOWEST_START, HIGHEST_START)

    def _learned(self, theme: str, stem: str) -> float:
        """How much oftener the word stands in records of the theme than in others, drawn in where few said it."""
        one = self.lessons.words.get(stem)
        if one is None:
            return 0.0
        inside, outside = self.lessons.themes.get(theme, 0), self.lessons.records - self.lessons.themes.get(theme, 0)
        if not inside or not outside:
            return 0.0
        with_theme = one.of.get(theme, 0)
        ratio = log((with_theme + 0.5) / (inside + 1)) - log((one.said - with_theme + 0.5) / (outside + 1))
        return round(_within(ratio * one.said / (one.said + 10), LOWEST_WEIGHT, HIGHEST_WEIGHT), 6)


def _within(value: float, lowest: float, highest: float) -> float:
    return max(lowest, min(highest, value))


def learn(decided: Iterable[tuple[Sequence[str], Iterable[str]]]) -> Lessons:
    """Count over records that people decided: their texts and the themes chosen, each word of a record once."""
    records = 0
    themes: dict[str, int] = {}
    said: dict[str, int] = {}
    of: dict[str, dict[str, int]] = {}
    for texts, chosen in decided:
        records += 1
        codes = sorted(set(chosen))
        for code in codes:
            themes[code] = themes.get(code, 0) + 1
        for stem in {word.stem for text in texts for word in read_words(text) if _may_be_kept(word.stem)}:
            said[stem] = said.get(stem, 0) + 1
            counts = of.setdefault(stem, {})
            for code in codes:
                counts[code] = counts.get(code, 0) + 1
    kept = {stem: Learned(n, of[stem]) for stem, n in sorted(said.items()) if n >= FEWEST_RECORDS}
    return Lessons(records, dict(sorted(themes.items())), kept)


def _may_be_kept(stem: str) -> bool:
    """A number is no word: it could be a date, a house or a case."""
    return 3 <= len(stem) <= LONGEST_TERM and stem.isalpha()
