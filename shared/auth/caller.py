"""Who is calling and what the token lets that caller do."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Caller:
    """The subject of a verified token. `unit` is the organisation scope: None is the whole council.

    `unplaced` are roles of the token that grant nothing: they need a unit and it names none.
    """

    subject: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    unit: str | None = None
    unplaced: frozenset[str] = frozenset()
    bearer: str | None = field(default=None, repr=False, compare=False)
    request_id: str | None = None

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def in_request(self, bearer: str, request_id: str | None) -> Caller:
        """The same caller with the token as sent, in one request."""
        return Caller(self.subject, self.roles, self.scopes, self.unit, self.unplaced, bearer, request_id)


def system_caller(what: str) -> Caller:
    """The service itself, where no person or client asked (the clock, the sealer)."""
    return Caller(subject=f"system:{what}")
