"""What a log line may hold: a list of fields, plain short values, and of an exception never its message."""

import errno
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import date, datetime
from re import compile as pattern
from typing import Any
from uuid import UUID

# fmt: off
FIELDS = frozenset(
    {
        "timestamp", "level", "event", "service", "module", "place", "dropped",
        "request_id", "method", "route", "operation", "status", "duration_ms",
        "error", "exception_type", "exception_chain", "stack", "errno", "sqlstate", "constraint",
        "neighbour", "reason", "attempts", "retry_in_s", "outcome",
        "kind", "code", "version", "count", "rows", "dry_run", "setting", "signal", "port", "pid",
        "job", "report", "board", "period", "migration", "phrase",
        "position", "head", "epoch", "sealed", "lag_s",
    }
)
# fmt: on
_LONGEST_TEXT = 200
_MOST_FRAMES = 40
_NAME = pattern(r"[A-Za-z0-9_.]{1,63}")

_REFUSED = object()
_dropped = 0


def dropped_fields() -> int:
    """How many fields the allow-list has refused since the process started."""
    return _dropped


def describe_exception(error: BaseException) -> dict[str, Any]:
    """What may be told of an exception: types and places, never its message or its variables.

    A message often quotes a row (`Key (nhs_number)=(...) already exists`) or the rejected input.
    """
    told: dict[str, Any] = {
        "exception_type": _type_name(error),
        "exception_chain": [_type_and_place(cause) for cause in _causes(error)],
        "stack": _frames(error)[-_MOST_FRAMES:],
    }
    for link in (error, *_causes(error)):
        if isinstance(link, OSError) and link.errno is not None:
            told.setdefault("errno", errno.errorcode.get(link.errno, str(link.errno)))
        # asyncpg's names of states and constraints come from our own migrations, never from a row.
        for field, attribute in (("sqlstate", "sqlstate"), ("constraint", "constraint_name")):
            name = getattr(link, attribute, None)
            if isinstance(name, str) and _NAME.fullmatch(name):
                told.setdefault(field, name)
    return told


def keep_allowed_fields(_logger: object, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Drop and count every field that is not on the list or not of a plain, short kind."""
    global _dropped
    kept = {
        # Most are short texts, and stay as they are.
        name: value if type(value) is str and len(value) <= _LONGEST_TEXT else _plain(value)
        for name, value in line.items()
        if name in FIELDS
    }
    # `error` is for the name of an exception's type; the exception itself, as text, would quote its message.
    if "error" in kept and not _NAME.fullmatch(str(kept["error"])):
        kept["error"] = _REFUSED
    refused = [name for name, value in kept.items() if value is _REFUSED]
    for name in refused:
        del kept[name]
    dropped = len(line) - len(kept)
    if dropped:
        _dropped += dropped
        kept["dropped"] = dropped
    return kept


def _plain(value: object) -> object:
    if isinstance(value, str):
        return str(value)[:_LONGEST_TEXT]
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, UUID | date | datetime):
        return str(value)
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return [entry[:_LONGEST_TEXT] for entry in value]
    return _REFUSED


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    waiting = [error]
    while waiting and len(found) < 10:
        link = waiting.pop(0)
        follow: list[BaseException | None] = [
            link.__cause__ or (None if link.__suppress_context__ else link.__context__)
        ]
        if isinstance(link, BaseExceptionGroup):
            follow.extend(link.exceptions[:5])
        for cause in follow:
            if cause is not None and cause is not error and cause not in found:
                found.append(cause)
                waiting.append(cause)
    return found


def _type_name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def _type_and_place(error: BaseException) -> str:
    frames = _frames(error)
    return f"{_type_name(error)} at {frames[-1]}" if frames else _type_name(error)


def _frames(error: BaseException) -> list[str]:
    return [
        f"{frame.f_globals.get('__name__', '?')}:{frame.f_code.co_name}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
