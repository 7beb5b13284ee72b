"""Sorting what the public sent into fields, keeping beside them whatever fits none. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.feedback_api.forgiving import as_text, clean
from services.feedback_api.public.schemas import AgeBand, Consent, Rating
from services.feedback_api.tokens import without_token
from shared.free_text import identifiers, reads_like_harm
from shared.problems import Fault, Malformed
from shared.schemas.base import Code

WORDS = ("what_works", "what_should_change")
NAMED = ("channel", "respondent_group")
_FIELDS: Mapping[str, TypeAdapter[Any]] = {
    **dict.fromkeys(NAMED, TypeAdapter(Code)),
    "rating": TypeAdapter(Rating),
    "age_band": TypeAdapter(AgeBand),
    "consent": TypeAdapter(Consent),
}


@dataclass
class Sent:
    """A submission in fields; `left_over` is what fits none, each with its place and as text."""

    token: str
    fields: dict[str, Any] = field(default_factory=dict)
    left_over: list[dict[str, str]] = field(default_factory=list)
    flag_reasons: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)

    def leave(self, name: str, value: Any) -> None:
        """Keep a value that is no good as the field of that name."""
        told = {"pointer": f"/{clean(name)}", "value": as_text(value)}
        self.left_over.append({part: without_token(text, self.token) for part, text in told.items()})


def understand(document: Mapping[str, Any]) -> Sent:
    """Every part of the object in its place; raises Malformed only where there is no token at all."""
    token = document.get("token")
    if not isinstance(token, str):
        fault = Fault("/token", "missing", "give the token that was handed out")
        raise Malformed("There is no token.", errors=[fault])
    sent = Sent(token)
    for name, value in document.items():
        # Not even a second one: kept, it would tell whose words these are.
        if value is None or name.partition(" ")[0] == "token":
            continue
        _place(sent, name, without_token(value, token) if isinstance(value, str) else value)
    words = [sent.fields.get(name) for name in WORDS]
    everything = [*words, *(part for one in sent.left_over for part in (one["pointer"], one["value"]))]
    sent.flag_reasons = reads_like_harm(*everything)
    sent.identifiers = sorted({kind for one in everything if one for kind in identifiers(one)})
    return sent


def _place(sent: Sent, name: str, value: Any) -> None:
    if name in WORDS and isinstance(value, str):
        if value.strip():
            sent.fields[name] = clean(value)
        return
    adapter = _FIELDS.get(name)
    if adapter is None:
        sent.leave(name, value)
        return
    try:
        sent.fields[name] = adapter.validate_python(value, strict=True)
    except ValidationError:
        sent.leave(name, value)
