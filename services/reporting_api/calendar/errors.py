"""What a calendar address is refused for."""

from __future__ import annotations

from shared.problems import BrokenRule


class AddressNotInUse(BrokenRule):
    """It was revoked before; make another where one is needed."""

    slug, title = "address-not-in-use", "The calendar address has been revoked"
