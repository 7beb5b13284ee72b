"""What a person's own words may hold that must not travel on, and what in them must not be overlooked.

Identifiers are found by their form (an NHS number by its check digit too), names by being told which to look for.
Words that read like a disclosure of harm are found by a short list anyone can read; it errs on the side of asking a
person to look.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from shared.problems import Fault, Malformed

Identifier = Literal["email", "phone", "nhs_number", "postcode", "name"]
Mode = Literal["warn", "refuse"]

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}", re.IGNORECASE)
# The area code is written together (0117, 020, 07700), so that a date such as 01.02.2026 is none.
_PHONE = re.compile(
    r"(?<![\d+])(?:(?:\+|00)44[\s.-]{0,2}(?:\(0\)[\s.-]{0,2})?\(?|\(?0)"
    r"[1-9]\d{1,3}\)?(?:[\s.-]{0,2}\d){5,8}(?!\d)"
)
_NHS = re.compile(r"(?<!\d)\d{3}[\s-]?\d{3}[\s-]?\d{4}(?!\d)")
_POSTCODE = re.compile(
    r"\b(?:gir ?0aa|(?:[a-pr-uwyz]\d{1,2}|[a-pr-uwyz][a-hk-y]\d{1,2}|[a-pr-uwyz]\d[a-hjkps-uw]"
    r"|[a-pr-uwyz][a-hk-y]\d[abehmnprv-y]) ?\d[abd-hjlnp-uw-z]{2})\b",
    re.IGNORECASE,
)
# Every identifier holds one of these.
_TELLING = re.compile(r"[\d@]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_POSSESSIVE = re.compile(r"'s?$")
# Letters that are written as one in some names and have no accent to take off.
_LIKE_LETTERS = str.maketrans({"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "æ": "ae", "Æ": "ae"})
# Parts of names that are everyday words as well, and titles: they count only where the whole name stands.
_EVERYDAY = frozenset(
    [
        "am",
        "an",
        "and",
        "as",
        "at",
        "be",
        "by",
        "de",
        "do",
        "go",
        "he",
        "hi",
        "if",
        "in",
        "is",
        "it",
        "la",
        "me",
        "miss",
        "master",
        "mr",
        "mrs",
        "ms",
        "my",
        "no",
        "of",
        "oh",
        "on",
        "or",
        "so",
        "the",
        "to",
        "up",
        "us",
        "we",
    ]
)
_PHONE_DIGITS = range(9, 11)  # of the national number, without its leading 0

_KIN = r"(?:my|his|her|their|the) (?:\w+ )?(?:brother|sister|son|daughter|mum|mother|child|children|kids?|baby)"
_OWN = r"(?:my|our|his|her|their)"
_SOMEBODY = rf"(?:me|us|him|her|them|{_KIN})"
_REASONS: Mapping[str, tuple[str, ...]] = {
    "hurt_by_someone": (
        rf"(?:hit|hits|hitting|hurts?|hurting|beats?|beating|punch(?:es|ed)?|kick(?:s|ed)?) {_SOMEBODY}",
        rf"(?:slap(?:s|ped)?|strangl(?:es|ed)|chok(?:es|ed)|burn(?:s|ed|t)|threaten(?:s|ed)) {_SOMEBODY}",
        rf"(?:smack(?:s|ed)?|shov(?:es|ed)|shakes|shook) {_SOMEBODY}",
        r"(?:get|gets|got|gotten|getting|being|was|were) (?:hit|beaten|punched|kicked|slapped|smacked)",
        r"black eye|bruises? (?:on|from|all over)|physical(?:ly)? abus\w+",
        rf"(?:gave|gives|giving|left) {_SOMEBODY} (?:\w+ )?(?:bruis\w+|marks)",
    ),
    "sexual_harm": (
        rf"touch(?:es|ed|ing) {_SOMEBODY}",
        r"rap(?:e|ed|es|ing)|molest\w*|sexual(?:ly)? (?:abus|assault)\w+",
        r"(?:naked|nude|sexual) (?:photo|picture|pic|video)s?",
        rf"touch(?:es|ed|ing)? {_OWN} (?:private|bum|bottom|chest|breast|willy|penis|vagina)\w*|private parts",
        rf"(?<!\bi )(?:comes?|came|coming|gets?|got|climbs?|climbed) in(?:to)? {_OWN} bed(?:room at night)?",
        rf"(?:makes?|made|making|wants?|wanted) {_SOMEBODY} (?:to )?send (?:\w+ ){{0,2}}(?:pic|picture|photo)s?",
        r"(?:send|sends|sent|sending|share|shared) (?:\w+ ){0,2}nudes?",
        r"(?:makes?|made) (?:me|us|him|her|them) (?:undress|take (?:my|our|his|her|their) clothes off)",
    ),
    "abused": (rf"abus(?:es|ed|ing) {_SOMEBODY}", r"being abused|am abused|was abused"),
    "afraid": (
        r"(?:scared|afraid|frightened|terrified) (?:of|to go|to be|when)",
        r"(?:(?:not|don'?t|do not|doesn'?t|does not|never) (?:feel )?safe|unsafe) (?:at|in|with|around|to)",
    ),
    "self_harm": (
        r"suicid\w*|self[- ]harm\w*",
        r"(?:kill|cut|cutting|hurt|hurting|harm|harming) (?:my|him|her|them)sel(?:f|ves)",
        r"end (?:my|his|her|their)(?: own)? life|end it all",
        r"(?:want|wants|wanted) to die|(?:don'?t|do not) want to (?:live|be here|be alive)",
    ),
    "neglected": (
        r"(?:nothing|no food) (?:to eat|in the house|at home)",
        rf"(?:don'?t|do not|doesn'?t|does not|never|won'?t|stopped|forgets? to) feed(?:ing)? {_SOMEBODY}",
        r"starv(?:ed|ing)|left alone|home alone|lock(?:s|ed) (?:me|us|him|her|them) (?:in|out|up)",
    ),
    "exploited": (
        r"(?:sell|selling|carry|carrying|deliver|delivering) (?:drugs|packages|weed|for them)",
        r"county lines|forced (?:marriage|to (?:get )?marr(?:y|ied))|genital mutilation|fgm",
        r"(?:made|make|makes|making|take|takes|taken|taking|send|sends|sent|sending) (?:me|us|him|her|them) "
        r"(?:\w+ ){0,2}(?:to )?(?:get )?marr(?:y|ied)",
        r"(?:run(?:s|ning)? away|ran away|went missing) (?:from|again|because)",
    ),
}
_HARM = {reason: re.compile(rf"\b(?:{'|'.join(phrases)})\b") for reason, phrases in _REASONS.items()}
# Most words speak of none, which one search tells in half the time of all.
_ANY_HARM = re.compile(rf"\b(?:{'|'.join(phrase for phrases in _REASONS.values() for phrase in phrases)})\b")


@dataclass(frozen=True, slots=True)
class Found:
    """A kind of identifier and the field it stands in; never the identifier itself."""

    pointer: str
    code: Identifier


def identifiers(text: str) -> list[Identifier]:
    """The kinds of identifier that stand in the text."""
    plain = _plain(text)
    found: list[Identifier] = []
    if not _TELLING.search(plain):
        return found
    if _EMAIL.search(plain):
        found.append("email")
    # What is a telephone number is taken out first: its last ten digits could pass for an NHS number.
    rest, phones = _without_phones(plain)
    if phones:
        found.append("phone")
    if any(_is_nhs_number(match[0]) for match in _NHS.finditer(rest)):
        found.append("nhs_number")
    if _POSTCODE.search(plain):
        found.append("postcode")
    return found


def find_identifiers(texts: Mapping[str, str | None], names: Sequence[str] = ()) -> list[Found]:
    """Every kind of identifier in each of the texts, which are given by their pointers; `names` are of the record."""
    found: list[Found] = []
    for pointer, text in texts.items():
        if text:
            found += [Found(pointer, code) for code in identifiers(text)]
            found += [Found(pointer, "name")] if names and holds_name(text, names) else []
    return found


def holds_name(text: str, names: Sequence[str]) -> bool:
    """Whether one of the names, or a part of one, stands in the text as a word of its own.

    Capitals, accents, a possessive and a hyphen make no difference: `Zoë Marsh-Bell` is found in "zoe", "Zoe's" and
    "Mrs Bell". An initial, or a part that is an everyday word too, counts only where the whole name stands.
    """
    words = _words_of(text)
    held = set(words)
    return any(_stands(tuple(_words_of(name)), words, held) for name in names)


def _stands(name: tuple[str, ...], words: Sequence[str], held: Set[str]) -> bool:
    if any(len(part) > 1 and part in held and part not in _EVERYDAY for part in name):
        return True
    return bool(name) and any(tuple(words[at : at + len(name)]) == name for at in range(len(words) - len(name) + 1))


def _words_of(text: str) -> list[str]:
    """The words of a text without capitals, accents, possessives and hyphens."""
    plain = unicodedata.normalize("NFKD", _plain(text).translate(_LIKE_LETTERS).casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = _WORD.findall(bare.replace("’", "'").replace("‘", "'"))
    return [_POSSESSIVE.sub("", word).replace("'", "") for word in words]


def screen(texts: Mapping[str, str | None], mode: Mode, names: Sequence[str] = ()) -> list[Found]:
    """The warnings to give; where identifiers are refused, raises Malformed pointing at each instead.

    Every free text of every service goes through this; whoever knows the names of the record gives them too.
    """
    found = find_identifiers(texts, names)
    if found and mode == "refuse":
        raise Malformed(
            "A text holds something that could identify a person; see errors.",
            errors=[fault_of(one) for one in found],
        )
    return found


def fault_of(found: Found) -> Fault:
    """A refusal of one identifier, with what to do about it."""
    if found.code == "name":
        return Fault(found.pointer, "identifier_name", "take out the name of somebody of this record")
    name = found.code.replace("_", " ").replace("nhs", "NHS")
    return Fault(found.pointer, f"identifier_{found.code}", f"take out what looks like a {name}, or give it elsewhere")


def reads_like_harm(*texts: str | None) -> list[str]:
    """Why somebody should look at these words at once: the sorts of harm they may speak of."""
    plain = " ".join(_plain(text) for text in texts if text).lower().replace("’", "'").replace("‘", "'")
    plain = " ".join(plain.split())
    if not _ANY_HARM.search(plain):
        return []
    return [reason for reason, words in _HARM.items() if words.search(plain)]


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def _without_phones(text: str) -> tuple[str, int]:
    count = 0

    def take(match: re.Match[str]) -> str:
        nonlocal count
        digits = re.sub(r"\D", "", match[0])
        national = re.sub(r"^(?:00)?44", "", digits) if not digits.startswith("0") or digits[:4] == "0044" else digits
        if len(national.lstrip("0")) not in _PHONE_DIGITS:
            return match[0]
        count += 1
        return " "

    return _PHONE.sub(take, text), count


def _is_nhs_number(text: str) -> bool:
    """Modulus 11 over the first nine digits, weighted 10 down to 2; a check of 10 is never issued."""
    digits = [int(character) for character in text if character.isdigit()]
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return digits[9] == (0 if check == 11 else check) and len(set(digits)) > 1
