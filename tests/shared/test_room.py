"""There is room for so much, what was used last stays, and what is too heavy drives nothing out."""

from shared.room import Room


def kept(room: Room[str, str]) -> dict[str, int]:
    return {key: len(found) for key in "abcd" if (found := room.get(key)) is not None}


def test_what_was_used_last_stays_and_a_new_one_takes_the_place_of_the_old_under_its_key() -> None:
    room = Room[str, str](100, len)
    room.put("a", "x" * 40)
    room.put("b", "x" * 40)
    assert room.get("a") is not None
    room.put("c", "x" * 40)
    assert kept(room) == {"a": 40, "c": 40}
    room.put("a", "x" * 60)
    assert kept(room) == {"a": 60, "c": 40}
    room.put("c", "x" * 10)
    room.put("d", "x" * 30)
    assert kept(room) == {"a": 60, "c": 10, "d": 30}


def test_what_is_heavier_than_the_room_is_not_kept_and_nothing_gives_way_to_it_but_its_own_older_self() -> None:
    room = Room[str, str](100, len)
    room.put("a", "x" * 40)
    room.put("b", "x" * 60)
    room.put("c", "x" * 101)
    assert kept(room) == {"a": 40, "b": 60}
    room.put("a", "x" * 101)
    assert kept(room) == {"b": 60}
    room.drop("b")
    room.put("d", "x" * 100)
    assert kept(room) == {"d": 100}
