"""Reading a text as words, each by its stem, so that "plans", "planning" and "planned" are one. Pure.

A word is folded to small letters without accents. Then, in this order, each only where at least three letters with a
vowel stay: `'s` falls; `-ies` becomes `-y`; `-es` falls after s, x, z, ch and sh; else `-s` falls, but not of `-ss`,
`-us` and `-is`; `-ing` and `-ed` fall, and of a doubled consonant before them one letter (not of ll, ss, zz); last a
silent `-e` falls. A few words that carry no subject are left out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_VOWEL = re.compile("[aeiouy]")
_DOUBLED = re.compile(r"([bdgmnprt])\1$")
_WITHOUT_SUBJECT = """
a about after again all also am an and any are as at be been before being but by can could did do does down
for from get got had has have he her him his how i if in into is it its just like me more most my no not of
off on one only or our out over said she should so some than that the their them then there they this to too
up us very was we went were what when where which who will with would you your
"""
_EMPTY = frozenset(_WITHOUT_SUBJECT.split())


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text that may carry a subject: its stem, and where it stands."""

    stem: str
    start: int
    end: int


def read_words(text: str) -> list[Word]:
    """The words of the text in their order, empty ones left out."""
    found = []
    for match in _WORD.finditer(text):
        plain = _fold(match[0])
        if plain and plain not in _EMPTY:
            found.append(Word(stem(plain), match.start(), match.end()))
    return found


def stems_of(phrase: str) -> tuple[str, ...]:
    return tuple(word.stem for word in read_words(phrase))


def _fold(word: str) -> str:
    spread = unicodedata.normalize("NFKD", word.replace("’", "'"))
    plain = "".join(letter for letter in spread if not unicodedata.combining(letter)).casefold()
    return plain.removesuffix("'s").replace("'", "")


def stem(word: str) -> str:
    """The stem of a folded word."""
    word = _without_plural(word)
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and _enough(rest):
            word = rest[:-1] if _DOUBLED.search(rest) else rest
            break
    rest = word.removesuffix("e")
    return rest if _enough(rest) else word


def _without_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ses", "xes", "zes", "ches", "shes")) and _enough(word[:-2]):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and _enough(word[:-1]):
        return word[:-1]
    return word


def _enough(rest: str) -> bool:
    return len(rest) >= 3 and _VOWEL.search(rest) is not None
