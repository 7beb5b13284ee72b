"""What may be done to somebody's words before they are shared: parts left out, and what is put in bracketed. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence, Set
from difflib import SequenceMatcher
from itertools import groupby
from operator import itemgetter
from typing import Literal, NamedTuple

from shared.free_text import find_identifiers

Change = Literal["kept", "left_out", "put_in"]
NOT_THEIR_WORDS = "not_their_words"
_BRACKETED = re.compile(r"\[[^\[\]]*\]")
_WORD = re.compile(r"[^\W_]+")
_PIECE = re.compile(r"\s+|[^\W_]+|[^\w\s]|_")
# What is put in stands in brackets, and is one piece: no word of it is taken for one that was kept.
_PIECE_OR_PUT_IN = re.compile(rf"{_BRACKETED.pattern}|{_PIECE.pattern}")
_LOOKED_AT_WHOLE = 100_000
# So many words in a row tell where a stretch was taken from.
_A_ROW = 3


class Piece(NamedTuple):
    """A stretch of text, and what became of it."""

    change: Change
    text: str


Stretch = tuple[Change, Sequence[str]]


def says_no_more(original: str, text: str) -> bool:
    """Whether the text, without what stands in square brackets, has only words of the original, in their order.

    A quotation must not put words into a child's mouth: `[my worker]` shows that these are not theirs.
    """
    left = iter(_words(original))
    # `in` takes from the iterator until the word is found, so that each later word is looked for behind it.
    return all(word in left for word in _words(_BRACKETED.sub(" ", text)))


def pieces(original: str, text: str) -> list[Piece]:
    """What was kept of the original, left out and put in, in order: read together they are both texts."""
    new = _PIECE_OR_PUT_IN.findall(text)
    old = _cut(original, text, set(new))
    begun, ended = _alike_at_ends(old, new)
    middle = old[begun : len(old) - ended], new[begun : len(new) - ended]
    # Where few words come over and over, to look for the longest stretches takes the cube of the length.
    small = len(middle[0]) * len(middle[1]) <= _LOOKED_AT_WHOLE
    found = _longest_first(*middle) if small else _word_by_word(*middle)
    return _joined([("kept", old[:begun]), *found, ("kept", old[len(old) - ended :])])


def blocks_in(original: str, text: str, *, quoted: bool, names: Sequence[str] = ()) -> list[str]:
    """Why a text may not be shared as it stands: identifiers, names, words that were never said."""
    found: list[str] = [one.code for one in find_identifiers({"/text": text}, names)]
    if quoted and not says_no_more(original, text):
        found.append(NOT_THEIR_WORDS)
    return found


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _cut(original: str, text: str, whole: Set[str]) -> list[str]:
    """Brackets that somebody wrote hold words of theirs, which are pieces; one stays whole where the text has it so."""
    found = _PIECE_OR_PUT_IN.findall(original)
    others = "".join(" " if one[0] == "[" and one in whole else one for one in found)
    # Where the text has such words without brackets too, they were taken from there.
    if not says_no_more(others, text):
        return _PIECE.findall(original)
    return [part for one in found for part in ([one] if one in whole else _PIECE.findall(one))]


def _alike_at_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many pieces both begin with, and how many of the others both end with."""
    most = min(len(old), len(new))
    begun = next((at for at in range(most) if old[at] != new[at]), most)
    ended = next((at for at in range(most - begun) if old[-1 - at] != new[-1 - at]), most - begun)
    return begun, ended


def _longest_first(old: Sequence[str], new: Sequence[str]) -> Iterator[Stretch]:
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield "kept", old[a:b]
        else:
            yield "left_out", old[a:b]
            yield "put_in", new[c:d]


def _word_by_word(old: Sequence[str], new: Sequence[str]) -> Iterator[Stretch]:
    """The same in a time that grows with the length, by the rule that the words kept stand in their order.

    A text that does not keep to it is another one from the first difference to the last.
    """
    a = c = 0
    for at, here in [*_places(old, new), (len(old), len(new))]:
        gone, come = old[a:at], new[c:here]
        begun, ended = _alike_at_ends(gone, come)
        yield "kept", gone[:begun]
        yield "left_out", gone[begun : len(gone) - ended]
        yield "put_in", come[begun : len(come) - ended]
        yield "kept", gone[len(gone) - ended :]
        # A word may be kept in other letters, which the next stretch shows.
        a, c = at, here


def _places(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Where each word of the new pieces was taken from; nothing where one was not said."""
    said, kept = _placed_words(old), _placed_words(new)
    words, wanted = [word for word, _ in said], [word for word, _ in kept]
    latest, at = [0] * len(wanted), len(words)
    for number in reversed(range(len(wanted))):
        at = next((place for place in range(at - 1, -1, -1) if words[place] == wanted[number]), -1)
        if at < 0:
            return []
        latest[number] = at
    found, at = [], 0
    for number, last in enumerate(latest):
        row = wanted[number : number + _A_ROW]
        # The very next word, or where a row of them begins; else as late as what follows allows. None is passed twice.
        if words[at] != row[0]:
            at = next((place for place in range(at, last) if words[place : place + len(row)] == row), last)
        found.append((said[at][1], kept[number][1]))
        at += 1
    return found


def _placed_words(found: Sequence[str]) -> list[tuple[str, int]]:
    return [("".join(_words(one)), at) for at, one in enumerate(found) if one[0].isalnum()]


def _joined(stretches: Iterable[Stretch]) -> list[Piece]:
    found: list[Piece] = []
    by_change = groupby(((change, "".join(some)) for change, some in stretches if some), key=itemgetter(0))
    for change, texts in by_change:
        found.append(Piece(change, "".join(text for _, text in texts)))
    return found
