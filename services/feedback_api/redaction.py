"""What may be done to somebody's words before they are shared: parts left out, and what is put in bracketed. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from shared.free_text import find_identifiers

Change = Literal["kept", "left_out", "put_in"]
NOT_THEIR_WORDS = "not_their_words"
_BRACKETED = re.compile(r"\[[^\[\]]*\]")
_WORD = re.compile(r"[^\W_]+")
_LOOKED_AT_WHOLE = 400_000
_PIECE = re.compile(r"\s+|[^\W_]+|[^\w\s]|_")


class Piece(NamedTuple):
    """A stretch of text, and what became of it."""

    change: Change
    text: str


def says_no_more(original: str, text: str) -> bool:
    """Whether the text, without what stands in square brackets, has only words of the original, in their order.

    A quotation must not put words into a child's mouth: `[my worker]` shows that these are not theirs.
    """
    left = iter(_words(original))
    # `in` takes from the iterator until the word is found, so that each later word is looked for behind it.
    return all(word in left for word in _words(_BRACKETED.sub(" ", text)))


def pieces(original: str, text: str) -> list[Piece]:
    """What was kept of the original, left out and put in, in order: read together they are both texts."""
    old, new = _PIECE.findall(original), _PIECE.findall(text)
    found: list[Piece] = []
    # Of long texts of few words, sent on purpose, every word is a place to begin: that would take minutes.
    many = len(old) * len(new) > _LOOKED_AT_WHOLE
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=many).get_opcodes():
        if what == "equal":
            found.append(Piece("kept", "".join(old[a:b])))
            continue
        if b > a:
            found.append(Piece("left_out", "".join(old[a:b])))
        if d > c:
            found.append(Piece("put_in", "".join(new[c:d])))
    return found


def blocks_in(original: str, text: str, *, quoted: bool, names: Sequence[str] = ()) -> list[str]:
    """Why a text may not be shared as it stands: identifiers, names, words that were never said."""
    found: list[str] = [one.code for one in find_identifiers({"/text": text}, names)]
    if quoted and not says_no_more(original, text):
        found.append(NOT_THEIR_WORDS)
    return found


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
