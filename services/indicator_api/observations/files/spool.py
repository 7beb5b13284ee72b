"""Takes a streamed body to bounded temporary storage and hashes it, before any transaction is opened."""

from __future__ import annotations

import errno
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO

from fastapi import Request
from starlette.requests import ClientDisconnect

from shared.problems import BadRequest, StorageFull
from shared.settings import Settings

# A body up to this size stays in memory: most imports are a month's figures, not a file.
_IN_MEMORY = 1 << 20


@dataclass(frozen=True)
class Spool:
    """A whole body, rewound to its beginning."""

    file: IO[bytes]
    size: int
    digest: bytes


@asynccontextmanager
async def spooled(request: Request, settings: Settings) -> AsyncIterator[Spool]:
    """The body of a request. The limit of its size is the platform's, which counts it as it comes."""
    digest, size = hashlib.sha256(), 0
    directory = None if settings.spool_directory is None else str(settings.spool_directory)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=directory) as file:
        try:
            async for chunk in request.stream():
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
        except ClientDisconnect:
            raise BadRequest("The body ended before it was whole; nothing was stored.") from None
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            raise StorageFull("There is no room to take in the file.", headers={"Retry-After": "60"}) from None
        file.seek(0)
        yield Spool(file, size, digest.digest())
