"""The permission in a route's signature: `caller: Annotated[Caller, may("audit:write")]`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Depends, Request
from fastapi.params import Depends as DependsParameter
from starlette.types import Scope

from shared.auth.caller import Caller
from shared.auth.tokens import TokenVerifier, refused
from shared.problems import Forbidden, UnitMissing


async def authenticate(request: Request) -> Caller:
    """The caller of this request, verified once however many checks ask."""
    # From the scope itself: the request's own views of it take longer than to verify a token we know.
    state = request.scope.setdefault("state", {})
    known = state.get("caller")
    if isinstance(known, Caller):
        return known
    scheme, _, token = _authorization(request.scope).partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise refused()
    verifier: TokenVerifier = request.app.state.verifier
    caller = await verifier.verify(token.strip(), state.get("request_id"))
    state["caller"] = caller
    return caller


def _authorization(scope: Scope) -> str:
    found = [value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"]
    # Of two, a gateway before us may have looked at the other one.
    return found[0] if len(found) == 1 else ""


class Permission:
    """Checks one scope; None needs only a valid token. The route class runs it before it reads the body."""

    is_permission = True

    def __init__(self, scope: str | None) -> None:
        self.scope = scope

    async def __call__(self, request: Request) -> Caller:
        caller = await authenticate(request)
        if self.scope is not None and not caller.may(self.scope):
            if caller.unplaced:
                raise _unit_missing(caller, request.app.state.verifier.unit_claim)
            raise Forbidden(f"This needs the scope {self.scope}.", needed_scope=self.scope)
        return caller


def _unit_missing(caller: Caller, claim: str) -> UnitMissing:
    roles = ", ".join(sorted(caller.unplaced))
    return UnitMissing(
        f"The token has no claim `{claim}`. It must name the unit of whoever holds {roles}; the administrator of the"
        " identity provider sees to it.",
        missing_claim=claim,
    )


def may(scope: str | None) -> Any:
    """The dependency that lets only callers with `scope` through and hands the route its Caller."""
    dependency: DependsParameter = Depends(Permission(scope))
    return dependency


class OpenDoor:
    """In the place of a permission where nobody logs in. What it asks of a request is asked before the body is read.

    tests/architecture names every operation that has one.
    """

    is_permission = True
    is_open = True

    def __init__(self, admit: Callable[[Request], Awaitable[None]]) -> None:
        self._admit = admit

    async def __call__(self, request: Request) -> None:
        await self._admit(request)


def anyone(admit: Callable[[Request], Awaitable[None]]) -> Any:
    """The dependency that lets anyone through whom `admit` does not refuse."""
    dependency: DependsParameter = Depends(OpenDoor(admit))
    return dependency
