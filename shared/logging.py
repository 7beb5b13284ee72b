"""JSON logs on standard output, of allow-listed fields only, so that no child's data gets in by accident."""

import logging
import sys
import warnings
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from json import dumps as json_text
from re import compile as pattern
from types import MappingProxyType, ModuleType
from typing import Any, TextIO

import structlog
from structlog.typing import FilteringBoundLogger

from shared.log_fields import describe_exception, keep_allowed_fields

# A template, not yet filled in: what a library wrote in its source, in one line of plain ASCII.
_TEMPLATE = pattern(r"[ -~]{1,160}")
# Libraries whose templates are constants. Any other's text may already hold values and is left out.
_KNOWN_LIBRARIES = ("uvicorn.error", "sqlalchemy.pool", "apscheduler", "alembic", "shared", "services")
_QUIET_LIBRARIES = ("httpx", "httpcore", "asyncio", "multipart", "tzlocal")

# Two methods that are named otherwise than the level they write.
_LEVELS = {"exception": "error", "warn": "warning"}

_default_service = "qapf"
_lowest_level = logging.INFO
_in_json = True
# What every line holds that is logged in a request or task. One variable of ours: structlog's way looks through all.
_of_all_lines: ContextVar[Mapping[str, str]] = ContextVar("of_all_lines", default=MappingProxyType({}))


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger for one module: `log.info("a constant sentence", field=value)`."""
    logger: FilteringBoundLogger = structlog.get_logger(module=name)
    return logger


def configure_logging(service: str, level: str = "INFO", *, json: bool = True) -> None:
    """Send every log line of the process through the allow-list; may be called again."""
    global _default_service, _lowest_level, _in_json
    number = logging.getLevelNamesMapping()[level.upper()]
    _default_service, _lowest_level, _in_json = service, number, json
    structlog.configure(
        processors=[
            _complete,
            _explain_the_exception,
            keep_allowed_fields,
            _as_json if json else structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=_StandardOutput,
        cache_logger_on_first_use=False,
    )
    _route_the_standard_library(number)
    # A warning's text may quote the value that raised it (pydantic's do), and would go to standard error.
    warnings.showwarning = _log_warning


def _put_out(line: str) -> None:
    # Looked up for each line, so that it may be redirected and a logger may be kept.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class _StandardOutput:
    def __init__(self, *_arguments: object) -> None: ...

    def msg(self, line: str) -> None:
        _put_out(line)

    debug = info = warning = error = critical = msg


class AccessLog:
    """The one line of each request, as a logger would write it; what is the same in all of a kind is written once.

    A kind is a method, a route, an operation and a status, of which there are few.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        # Bound once: to bind a logger for each line takes as long as to write the line.
        self._log = get_logger(module).bind()
        self._same: dict[tuple[str, str, str, int], str] = {}

    def write(
        self, kind: tuple[str, str, str, int], service: str, request_id: str, milliseconds: float, *, quiet: bool
    ) -> None:
        """Write the line of a request; a quiet one is for those who look for faults. Its id holds nothing to escape."""
        if _lowest_level > (logging.DEBUG if quiet else logging.INFO):
            return
        if not _in_json:
            say = self._log.debug if quiet else self._log.info
            method, route, operation, status = kind
            say("request", method=method, route=route, operation=operation, status=status, duration_ms=milliseconds)
            return
        same = self._same.get(kind)
        if same is None:
            names = ("module", "method", "route", "operation", "status")
            fields = keep_allowed_fields(None, "info", dict(zip(names, (self._module, *kind), strict=True)))
            same = self._same[kind] = json_text(fields)[1:-1]
        _put_out(
            f'{{"service": "{service}", "request_id": "{request_id}", {same}, "duration_ms": {milliseconds}, '
            f'"event": "request", "level": "{"debug" if quiet else "info"}", "timestamp": "{_now()}"}}'
        )


def request_context(request_id: str, service: str) -> AbstractContextManager[None]:
    """Put the request's id and the service that answers it on every line logged inside."""
    return _Context({"request_id": request_id, "service": service})


def service_context(service: str) -> AbstractContextManager[None]:
    """Name the service on every line of the tasks started inside, where several share a process."""
    return _Context({"service": service})


def current_request_id() -> str | None:
    """The id of the request being answered, if any."""
    return _of_all_lines.get().get("request_id")


class _Context(AbstractContextManager[None]):
    """A class, as a generator takes longer to enter and to leave."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def __enter__(self) -> None:
        self._before: Token[Mapping[str, str]] = _of_all_lines.set({**_of_all_lines.get(), **self._fields})

    def __exit__(self, *_: object) -> None:
        _of_all_lines.reset(self._before)


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _complete(_logger: object, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """With what every line holds. One step of ours: each of structlog's own takes as long as the whole of it."""
    return {
        "service": _default_service,
        **_of_all_lines.get(),
        **line,
        "level": _LEVELS.get(method, method),
        "timestamp": _now(),
    }


def _as_json(_logger: object, _method: str, line: MutableMapping[str, Any]) -> str:
    # Only plain values are left by now. With options the library would build an encoder for every line.
    return json_text(line)


def _explain_the_exception(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given = line.pop("exc_info", None)
    if isinstance(given, tuple):
        given = given[1]
    elif given and not isinstance(given, BaseException):
        given = sys.exc_info()[1]
    if isinstance(given, BaseException):
        line.update(describe_exception(given))
    return line


class _Bridge(logging.Handler):
    """Carries the standard library's records into the same lines, without text that may hold values."""

    def emit(self, record: logging.LogRecord) -> None:
        told: dict[str, Any] = {
            "module": record.name,
            "place": f"{record.module}:{record.funcName}:{record.lineno}",
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is None and isinstance(record.msg, BaseException):
            error = record.msg
        if error is not None:
            told |= describe_exception(error)
        structlog.get_logger().log(record.levelno, _library_text(record), **told)


def _library_text(record: logging.LogRecord) -> str:
    # The template is logged unfilled: its arguments may be a path, a query or a row.
    known = any(record.name == name or record.name.startswith(f"{name}.") for name in _KNOWN_LIBRARIES)
    text = record.msg.strip() if isinstance(record.msg, str) else ""
    return text if known and _TEMPLATE.fullmatch(text) else "a library logged a message, not shown here"


def _route_the_standard_library(level: int) -> None:
    root = logging.getLogger()
    root.handlers = [_Bridge()]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    # Our own access line has the route's template; uvicorn's has the raw path and the query.
    access = logging.getLogger("uvicorn.access")
    access.handlers = []
    access.propagate = False
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    structlog.get_logger().warning(
        "a library warned", exception_type=category.__qualname__, place=f"{_module_of(filename)}:{lineno}"
    )


def _module_of(filename: str) -> str:
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and getattr(module, "__file__", None) == filename:
            return module.__name__
    return "?"
