"""Roles as the framework writes them: each a set of scopes of the form `service:verb`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.settings import SettingsError


class Role(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str = Field(pattern=r"^[a-z][a-z_]{1,39}$")
    title: str
    scopes: list[str]
    needs_unit: bool = Field(default=False, description="grants nothing to a token that names no unit")
    note: str | None = None
    source: str | None = None


_ROLES = TypeAdapter(dict[str, list[Role]])
# The parser in C, where it was built, reads in a tenth of the time.
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class RoleBook:
    """The scopes of each role; read once at start, so that a change of powers goes through a deployment."""

    def __init__(self, scopes: Mapping[str, frozenset[str]], need_unit: Collection[str] = ()) -> None:
        self._scopes, self._need_unit = dict(scopes), frozenset(need_unit)

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(self._scopes)

    def scopes_of(self, roles: Iterable[str]) -> frozenset[str]:
        """The union of the scopes of the known roles; a role nobody defined grants nothing."""
        return frozenset().union(*(self._scopes.get(role, frozenset()) for role in roles))

    def unplaced(self, roles: Iterable[str], unit: str | None) -> frozenset[str]:
        """Those of the roles that need a unit where the token names none, and so would be the whole council's."""
        return self._need_unit.intersection(roles) if unit is None else frozenset()


def list_roles(path: Path) -> list[Role]:
    """The roles in the order of the file."""
    try:
        read = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe one in either case
        document = _ROLES.validate_python(read)
        return document["roles"]
    except OSError as error:
        raise SettingsError(f"QAPF_ROLES_FILE: the file cannot be read ({error.strerror})") from None
    except (yaml.YAMLError, ValidationError, KeyError):
        raise SettingsError("QAPF_ROLES_FILE: the file must hold `roles:`, a list of {code, title, scopes}") from None


def read_roles(path: Path) -> RoleBook:
    roles = list_roles(path)
    return RoleBook(
        {role.code: frozenset(role.scopes) for role in roles}, [role.code for role in roles if role.needs_unit]
    )


@lru_cache(maxsize=8)
def role_book(path: Path) -> RoleBook:
    """The roles file as it was at the start; it changes only with a deployment."""
    return read_roles(path)


def known_roles(path: Path) -> frozenset[str]:
    """The codes of the roles file."""
    return frozenset(role_book(path).roles)
