"""What a call to another service comes back with: an answer, or one of a closed list of reasons for none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

Reason = Literal[
    "refused",  # nothing listens there, or the name is unknown
    "timeout",  # the deadline passed
    "tls",  # no trusted, encrypted connection
    "disconnected",  # the connection closed, or spoke no HTTP, before a status came
    "cut_body",  # the connection closed before the body was whole
    "http_500",
    "http_502",
    "http_503",
    "http_504",
    "http_5xx",  # any other
    "rate_limited",
    "unauthorised",
    "forbidden",
    "not_found",
    "http_4xx",  # any other
    "redirected",  # never followed: a neighbour's address is a setting
    "unexpected_status",  # neither 200 nor a failure
    "body_too_large",
    "encoded_body",  # compressed although plain was asked for
    "not_json",
    "wrong_schema",
    "open_circuit",  # it failed several times just now and is left in peace
    "no_token",  # our own token could not be had
]

# A second try may go better. A timeout is not here: it has used up the deadline.
RETRYABLE: frozenset[Reason] = frozenset(
    {
        "refused",
        "disconnected",
        "cut_body",
        "http_500",
        "http_502",
        "http_503",
        "http_504",
        "http_5xx",
        "rate_limited",
    }
)
# What counts against the circuit. A refusal of this request, or a body we do not understand, comes from a
# neighbour that answers, and must not shut out the calls beside it.
UNWELL: frozenset[Reason] = (RETRYABLE - {"rate_limited"}) | {"timeout", "tls"}

Data = TypeVar("Data", bound=BaseModel, covariant=True)


@dataclass(frozen=True)
class Answer(Generic[Data]):
    """A neighbour's data, and the instant for which it may be said to hold."""

    data: Data
    as_of: datetime
    etag: str | None
    duration: float


class NeighbourUnavailable(Exception):
    """No answer: the name of the neighbour and the reason, and nothing of what it sent."""

    def __init__(self, name: str, reason: Reason, retry_after: float | None = None) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason: Reason = reason
        self.retry_after = retry_after
