"""Identifiers and disclosures in free text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.free_text import find_identifiers, identifiers, reads_like_harm, screen
from shared.problems import Malformed


def nhs_number(first_nine: str) -> str | None:
    """The number those nine digits begin, where there is one."""
    check = 11 - sum(int(digit) * weight for digit, weight in zip(first_nine, range(10, 1, -1), strict=True)) % 11
    return None if check == 10 else first_nine + str(0 if check == 11 else check)


@pytest.mark.parametrize("text", ["9434765919", "943 476 5919", "943-476-5919", "number 943 476 5919, please"])
def test_an_nhs_number_is_found_however_it_is_spaced(text: str) -> None:
    assert identifiers(text) == ["nhs_number"]


@pytest.mark.parametrize("text", ["9434765918", "943 476 591", "94347659199", "0000000000", "1111111111"])
def test_ten_digits_that_fail_the_check_are_not_an_nhs_number(text: str) -> None:
    assert "nhs_number" not in identifiers(text)


@given(some.integers(100_000_000, 999_999_999).map(str))
def test_every_well_formed_nhs_number_is_found_and_its_neighbour_is_not(nine: str) -> None:
    number = nhs_number(nine)
    if number is None:
        assert all("nhs_number" not in identifiers(f"{nine}{last}") for last in range(10))
    elif len(set(number)) > 1:
        assert "nhs_number" in identifiers(f"x {number[:3]} {number[3:6]} {number[6:]} x")
        assert "nhs_number" not in identifiers(number[:9] + str((int(number[9]) + 1) % 10))


@pytest.mark.parametrize(
    "text",
    [
        "01632 960123", "01632960123", "(01632) 960 123", "0117 496 0123", "020 7946 0123", "07700 900123",
        "07700-900-123", "+44 7700 900123", "+447700900123", "0044 7700 900 123", "+44 (0)20 7946 0123",
        "ring 0808 157 0123 after six", "０７７００ ９００１２３", "0770\u200b0 900123",
    ],
)  # fmt: skip
def test_a_british_telephone_number_is_found(text: str) -> None:
    assert identifiers(text) == ["phone"]


@pytest.mark.parametrize(
    "text",
    [
        "on 01.02.2026 and 03.02.2026", "on 01/02/2026", "2026-01-02 10:30", "room 0123", "in 10 of 12 cases",
        "scored 7 out of 10, 3 times", "0.123456789", "Working Together 2026, page 12",
    ],
)  # fmt: skip
def test_dates_and_scores_are_not_telephone_numbers(text: str) -> None:
    assert identifiers(text) == []


@pytest.mark.parametrize("text", ["write to a.b+c@example.org", "A_B@mail.example.co.uk.", "<x@y.example>"])
def test_an_e_mail_address_is_found(text: str) -> None:
    assert identifiers(text) == ["email"]


def test_an_at_sign_alone_is_not_an_address() -> None:
    assert identifiers("meet @ school @home") == []


@pytest.mark.parametrize("text", ["DT1 1XJ", "dt11xj", "we live at BH23 4AA now", "M1 1AE", "W1A 0AX", "EC1A 1BB"])
def test_a_postcode_is_found(text: str) -> None:
    assert identifiers(text) == ["postcode"]


@pytest.mark.parametrize("text", ["year 11 class", "A1 paper", "KS2 and KS3", "Section 47", "AB1", "I was 15 in May"])
def test_other_letters_and_digits_are_not_postcodes(text: str) -> None:
    assert identifiers(text) == []


def test_each_field_and_kind_is_named_and_the_value_is_not() -> None:
    found = find_identifiers({"/what_works": "ring 07700 900123 or x@y.example", "/what_should_change": None})
    assert [(one.pointer, one.code) for one in found] == [("/what_works", "email"), ("/what_works", "phone")]
    assert "07700" not in repr(found)


def test_warning_lets_the_text_through_and_refusing_points_at_it() -> None:
    texts = {"/what_works": "DT1 1XJ"}
    assert [one.code for one in screen(texts, "warn")] == ["postcode"]
    with pytest.raises(Malformed) as refused:
        screen(texts, "refuse")
    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [("/what_works", "identifier_postcode")]
    assert "DT1" not in str(refused.value.detail) + refused.value.errors[0].detail


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("He hits me when he is angry", "hurt_by_someone"),
        ("my stepdad hurt my little brother", "hurt_by_someone"),
        ("he touches me at night", "sexual_harm"),
        ("I’m scared of him", "afraid"),
        ("I don’t feel  safe at home", "afraid"),
        ("sometimes I want to die", "self_harm"),
        ("she was cutting herself", "self_harm"),
        ("there is no food in the house", "neglected"),
        ("they made us carry drugs", "exploited"),
        ("I was abused there", "abused"),
        ("i dont feel safe at home", "afraid"),
        ("we get hit if we are late", "hurt_by_someone"),
        ("Someone gave me a bruise", "hurt_by_someone"),
        ("he touches my private parts", "sexual_harm"),
        ("uncle comes into my bed at night", "sexual_harm"),
        ("he makes me send pictures", "sexual_harm"),
        ("They don't feed me", "neglected"),
        ("they are taking me abroad to get married", "exploited"),
        ("I dont want to be here anymore", "self_harm"),
    ],
)
def test_words_that_speak_of_harm_are_flagged_with_the_reason(text: str, reason: str) -> None:
    assert reason in reads_like_harm(None, text)


@pytest.mark.parametrize(
    "text",
    [
        "My worker listens and the plan hit its target", "It was safe and warm", "She cut the meeting short",
        "the end of my review came too soon", "at the end my worker rang", "",
        "I was afraid nobody would listen, but they did", "She asked me to take part in a video",
        "I got into my bed late",
        "They asked me to send photos of the hub for the report",
        "They took us to see where my parents were married", "My worker got in my corner",
        "He left us a note with marks",
    ],
)  # fmt: skip
def test_ordinary_words_are_not_flagged(text: str) -> None:
    assert reads_like_harm(text) == []


@given(some.text(max_size=300))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    identifiers(text)
    reads_like_harm(text)


@pytest.mark.parametrize("piece", ["0", "0 ", "a@", "1-", "my ", "A1 ", "hits "])
def test_a_hostile_text_takes_no_time(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = time.perf_counter()
    identifiers(text)
    reads_like_harm(text)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    "text",
    [
        "I told ZOË about it.", "zoe said so", "Zoe's mum", "Zoe’s mum", "Mrs Marsh rang", "the Marsh-Bells? No, Bell.",
        "marsh-bell", "Zo\u0308e\u0308? No. BELL!", "Bell\u200b rang", "(Zoë)", "ＺＯＥ was there",
    ],
)  # fmt: skip
def test_a_name_of_the_record_is_found_however_it_is_written(text: str) -> None:
    assert [one.code for one in find_identifiers({"/words": text}, ["Zoë Marsh-Bell"])] == ["name"]


@pytest.mark.parametrize("text", ["Marshland is far.", "The bells rang", "zoetic", "Mrs Smith and Master Jones", ""])
def test_a_name_inside_another_word_is_none(text: str) -> None:
    assert find_identifiers({"/words": text}, ["Mrs Zoë Marsh-Bell"]) == []


@pytest.mark.parametrize(
    ("name", "text", "held"),
    [
        ("Li Wu", "Li Wu said", True), ("Li Wu", "li was there", True), ("An Do", "an do-over, do", True),
        ("An Do", "an hour to do", False), ("J. Wu", "plan J", False), ("Jo", "jo's here", True),
        ("Siobhán O’Brien", "OBrien", True), ("Siobhán O’Brien", "o'brien's", True), ("James", "James' bike", True),
        ("Łukasz", "lukasz", True), ("Søren", "Soren's", True), ("--", "well -- no", False), ("李明", "李明说", False),
        ("李明", "李明", True),
    ],
)  # fmt: skip
def test_names_of_many_sorts(name: str, text: str, held: bool) -> None:
    assert bool(find_identifiers({"/words": text}, [name])) is held


@given(some.text(max_size=200), some.lists(some.text(min_size=2, max_size=30), max_size=5))
def test_any_text_and_any_names_are_looked_through(text: str, names: list[str]) -> None:
    found = find_identifiers({"/words": text}, names)
    assert {one.pointer for one in found} <= {"/words"}


@given(some.sampled_from(["Zoë", "Marsh-Bell", "O'Brien"]), some.text("abc ,.;!?", max_size=20))
def test_a_name_between_any_words_is_found(name: str, around: str) -> None:
    assert find_identifiers({"/words": f"{around} {name} {around}"}, [name])


def test_a_name_that_is_refused_is_pointed_at_and_not_repeated() -> None:
    with pytest.raises(Malformed) as caught:
        screen({"/words": "Ask Zebediah"}, "refuse", ["Zebediah"])
    (fault,) = caught.value.errors
    assert (fault.pointer, fault.code) == ("/words", "identifier_name")
    assert "ebediah" not in str(vars(fault) if hasattr(fault, "__dict__") else fault)
