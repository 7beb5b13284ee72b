"""A complaints procedure as it is stored, read into its model once."""

from __future__ import annotations

import json
from functools import lru_cache

from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.feedback import ComplaintProcedure


@lru_cache(maxsize=64)
def parse_procedure(content: str) -> ComplaintProcedure:
    """A procedure from its stored JSON; the same words are read once, since nobody changes what is read from them."""
    found = parse_item("complaint_procedures", json.loads(content))
    assert isinstance(found, ComplaintProcedure)
    return found
