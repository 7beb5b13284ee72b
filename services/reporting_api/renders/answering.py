"""One form of a report as an answer: made away from the event loop, named for whoever files it, and not made twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import anyio
from anyio import to_thread
from fastapi import Depends, Query, Request, Response

from services.reporting_api import copies, editions
from shared.auth.caller import Caller
from shared.database import Database
from shared.etags import not_modified
from shared.resources import DatabaseOf, SettingsOf
from shared.schemas.board_report import BoardReport
from shared.settings import Settings

# How many forms are made at once in a process: each takes a core for as long as it lasts.
_AT_ONCE = 2
_limiters: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar("renders")
_HERE = Path(__file__).parent


def _look() -> str:
    """Changes with the code and templates here: another look of the same report is another ETag."""
    sources = sorted(path for path in _HERE.rglob("*") if path.suffix in (".py", ".j2", ".typ"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]


_LOOK = _look()


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a report: how its file ends, what it is, and how it is made; `shown` where a browser opens it."""

    name: str
    media_type: str
    make: Callable[[BoardReport], bytes]
    shown: bool = False
    policy: str = "default-src 'none'"


@dataclass(frozen=True, slots=True)
class Tools:
    """What every form needs of the application and the request."""

    request: Request
    database: Database
    settings: Settings
    copy: copies.Copy


CopyOf = Annotated[copies.Copy, Query(description="one's own, or the public's: exempt sections left out, and said so")]


def _tools(request: Request, database: DatabaseOf, settings: SettingsOf, copy: CopyOf = "own") -> Tools:
    return Tools(request, database, settings, copy)


ToolsOf = Annotated[Tools, Depends(_tools)]


async def answer(tools: Tools, caller: Caller, report: UUID, form: Form) -> Response:
    """The copy that is asked for in this form; 304 without making it where the caller has it."""
    async with tools.database.snapshot() as session:
        row = await copies.find_edition(session, caller, report)
        level = copies.level_of(row, caller, tools.copy)
        headers = {
            "ETag": f'"{row.version}.{level}.{form.name}.{_LOOK}"',
            "Cache-Control": "private, no-cache",
            **await copies.successor_link(session, row),
        }
        if not_modified(tools.request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        found = await copies.read_copy(session, row, level, tools.settings.small_number_threshold)
    body = await to_thread.run_sync(form.make, found, limiter=_limiter())
    headers["Content-Security-Policy"] = form.policy
    headers["Content-Disposition"] = (
        f'{"inline" if form.shown else "attachment"}; filename="{_file_name(row, found, form)}"'
    )
    return Response(body, media_type=form.media_type, headers=headers)


def _file_name(row: Any, report: BoardReport, form: Form) -> str:
    """What it is, for which period and which copy, so that two files in one folder are never taken for one another."""
    copy = "-public" if report.public else "" if report.protected_copy_of is None else "-protected"
    state = "" if row.status in editions.PUBLIC else "-DRAFT"
    return f"{report.report}-{report.period.code}-edition-{report.version}{copy}{state}.{form.name}"


def _limiter() -> anyio.CapacityLimiter:
    try:
        return _limiters.get()
    except LookupError:
        _limiters.set(anyio.CapacityLimiter(_AT_ONCE))
        return _limiters.get()
