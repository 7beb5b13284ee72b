"""How HTTP is read: as uvicorn does, but for what comes after a body."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class HeadersFirst(HttpToolsProtocol):
    """Headers are what stands before the body.

    The parser hands over fields that follow the last chunk (RFC 9112, 7.1.2) as if they stood there too: whoever sends
    them through a gateway would add an `X-Forwarded-For` or an `Authorization` that the gateway has not seen.
    """

    def on_headers_complete(self) -> None:
        self.scope["headers"] = [*self.headers]
        super().on_headers_complete()
