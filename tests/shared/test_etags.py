"""A tag tells one caller's answer from another's, and a change names the version in it."""

from __future__ import annotations

import pytest

from shared.etags import _parse, record_etag, version_etag
from shared.problems import Malformed, Stale


def test_a_tag_is_of_what_was_told_and_a_change_may_name_it_or_the_bare_version() -> None:
    mine, theirs = record_etag(3, b"all of it"), record_etag(3, b"less of it")
    assert mine != theirs
    for held in (version_etag(3), mine, theirs, f'"2", {mine}'):
        _parse(held).check(3)
        assert 3 in _parse(held).versions
    with pytest.raises(Stale):
        _parse(mine).check(4)


@pytest.mark.parametrize("odd", ['"3-"', '"3-xyz"', '"03"', '"-3"', '"3.full.html"', '"٣"', '"3-0123456789ABCDEF"'])
def test_a_tag_of_another_kind_names_no_version(odd: str) -> None:
    with pytest.raises((Stale, Malformed)):
        _parse(odd).check(3)
