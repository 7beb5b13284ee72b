"""Workbooks as they come from Excel: their first visible sheet, made CSV before any transaction is opened."""

from __future__ import annotations

import asyncio
import errno
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, NoReturn

from services.indicator_api.errors import UnreadableFile
from services.indicator_api.observations.files import workbook_sheet
from services.indicator_api.observations.files.spool import Spool
from services.indicator_api.observations.files.workbook_sheet import Refusal
from shared.problems import Fault, StorageFull, TooLarge
from shared.settings import Settings

_PROGRAM = str(Path(workbook_sheet.__file__))
# No more than two at once in a process: each may take the memory of `workbook_sheet.MEMORY`.
_READERS = ThreadPoolExecutor(2, thread_name_prefix="workbook")
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WAIT = 2 * workbook_sheet.SECONDS


@asynccontextmanager
async def unpacked(kind: str, spool: Spool, settings: Settings) -> AsyncIterator[Spool]:
    """The body as rows are read from it: a workbook's sheet as CSV, any other body as it is."""
    if kind != "xlsx":
        yield spool
        return
    _refuse_other(spool.file.read(4))
    with tempfile.TemporaryFile(dir=settings.spool_directory) as sheet, tempfile.TemporaryFile(
        dir=settings.spool_directory
    ) as whole:  # fmt: skip
        loop = asyncio.get_running_loop()
        ended = await loop.run_in_executor(_READERS, _convert, spool.file, whole, sheet)
        if ended:
            _refuse(ended)
        size = sheet.seek(0, 2)
        sheet.seek(0)
        yield Spool(sheet, size, spool.digest)


def _convert(body: IO[bytes], whole: IO[bytes], sheet: IO[bytes]) -> int:
    """How the process that reads the workbook ended: 0 where the sheet is written."""
    body.seek(0)
    # A small body is still in memory, where another process cannot read it.
    try:
        shutil.copyfileobj(body, whole)
        whole.flush()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        return Refusal.no_room
    whole.seek(0)
    # Nothing of ours in its environment or on its path, and no words of the file in our log.
    command = [sys.executable, "-I", _PROGRAM]
    try:
        run = subprocess.run(  # noqa: S603  # our own program, no argument from outside
            command, stdin=whole, stdout=sheet, stderr=subprocess.DEVNULL, env={}, timeout=_WAIT, check=False
        )
    except subprocess.TimeoutExpired:
        return Refusal.too_large
    # Ended by a signal: it ran out of memory or time.
    return Refusal.too_large if run.returncode < 0 else run.returncode


def _refuse_other(start: bytes) -> None:
    if start == _COMPOUND:
        detail = "the workbook is protected with a password, or has the old form .xls; save it as .xlsx without one"
        raise UnreadableFile("Nothing was stored; see errors.", errors=[Fault("", "protected_workbook", detail)])
    if start != _ZIP:
        _refuse(Refusal.not_a_workbook)


def _refuse(why: int) -> NoReturn:
    if why == Refusal.too_large:
        raise TooLarge("The workbook unpacks to more than is taken here; send the figures as CSV, or in parts.")
    if why == Refusal.no_room:
        raise StorageFull("There is no room to take in the file.", headers={"Retry-After": "60"})
    code, detail = "not_a_workbook", "this is not a workbook of the form .xlsx that can be read"
    if why == Refusal.no_sheet:
        code, detail = "no_sheet", "the workbook has no visible sheet of cells"
    raise UnreadableFile("Nothing was stored; see errors.", errors=[Fault("", code, detail)])
