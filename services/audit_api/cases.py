"""How a case and a member of staff are named: by the references of their own systems, never by a person's name."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from shared.faults import SafeValueError


def _looks_like_nhs_number(text: str) -> bool:
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{10}", digits):
        return False
    check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return check % 11 == int(digits[9])


def _pseudonym(value: str) -> str:
    if not any(character.isdigit() for character in value):
        raise SafeValueError("give the reference the case system has for the case, never a name")
    if _looks_like_nhs_number(value):
        raise SafeValueError("this looks like an NHS number; give the reference of the case system")
    return value


CaseReference = Annotated[
    str,
    StringConstraints(min_length=3, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:#-]*$"),
    AfterValidator(_pseudonym),
]
# The account a member of staff signs in with, as it is the subject of the token.
StaffAccount = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:#-]*$")]
