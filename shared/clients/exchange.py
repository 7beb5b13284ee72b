"""One request and its response, read within bounds; every way it can go wrong has a reason."""

import re
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from math import isfinite
from typing import NamedTuple, TypeVar

import httpx
import jiter
from pydantic import BaseModel, ValidationError

from shared.clients.answers import NeighbourUnavailable, Reason
from shared.clock import Clock

_BY_STATUS: Mapping[int, Reason] = {
    401: "unauthorised",
    403: "forbidden",
    404: "not_found",
    429: "rate_limited",
    500: "http_500",
    502: "http_502",
    503: "http_503",
    504: "http_504",
}
_BY_HUNDRED: Mapping[int, Reason] = {3: "redirected", 4: "http_4xx", 5: "http_5xx"}

# A number grows to infinity only with an exponent of three digits or with hundreds of digits; no number goes on with a
# letter, as the digests in a framework do, nor with a quotation mark.
_COULD_OVERFLOW = re.compile(rb'[0-9](?:[eE]\+?[0-9]{3,}(?![0-9A-Za-z"])|[0-9]{199})')

Model = TypeVar("Model", bound=BaseModel)


class Fetched(NamedTuple):
    """The whole body of a 200 and its ETag; no body where what is held still stands (304)."""

    body: bytes | None
    etag: str | None

    @property
    def stands_now(self) -> bool:
        """Whether what is held was told of another moment and would be told of this one: what a weak tag means."""
        return self.body is None and str(self.etag).startswith("W/")


async def fetch(
    transport: httpx.AsyncBaseTransport, name: str, request: httpx.Request, *, max_body: int, clock: Clock
) -> Fetched:
    """What came, or NeighbourUnavailable."""
    try:
        response = await transport.handle_async_request(request)
    except httpx.TimeoutException as error:
        raise NeighbourUnavailable(name, "timeout") from error
    except (httpx.TransportError, OSError) as error:
        raise NeighbourUnavailable(name, _transport_reason(error)) from error
    try:
        if response.status_code == 304 and (held := request.headers.get("if-none-match")):
            return Fetched(None, held)
        if response.status_code != 200:
            reason = _BY_STATUS.get(response.status_code) or _BY_HUNDRED.get(response.status_code // 100)
            after = retry_after(response.headers.get("retry-after"), clock.now())
            raise NeighbourUnavailable(name, reason or "unexpected_status", after)
        return Fetched(await _body(response, name, max_body), response.headers.get("etag"))
    finally:
        await response.aclose()


async def _body(response: httpx.Response, name: str, limit: int) -> bytes:
    # We ask for identity. Never decoding anything else is what makes a decompression bomb harmless.
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise NeighbourUnavailable(name, "encoded_body")
    body = bytearray()
    try:
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > limit:
                raise NeighbourUnavailable(name, "body_too_large")
    except httpx.TimeoutException as error:
        raise NeighbourUnavailable(name, "timeout") from error
    except (httpx.TransportError, OSError) as error:
        raise NeighbourUnavailable(name, "cut_body") from error
    return bytes(body)


def parse(name: str, body: bytes, model: type[Model]) -> Model:
    """The body as the model, from strict JSON: no NaN or infinity, no key twice, no lone surrogate, and nothing taken
    for what it is not, such as a text, a truth or a moment in seconds for a number or a date."""
    try:
        content = jiter.from_json(body, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys")
    except ValueError:
        raise NeighbourUnavailable(name, "not_json") from None
    if _COULD_OVERFLOW.search(body) and not _finite(content):
        raise NeighbourUnavailable(name, "not_json")
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError:
        # Without its cause: pydantic's message quotes the values.
        raise NeighbourUnavailable(name, "wrong_schema") from None


def _finite(content: object) -> bool:
    """Whether no number has grown to infinity: jiter lets 1e400 through where it refuses the word."""
    if isinstance(content, float):
        return isfinite(content)
    if isinstance(content, dict):
        return all(map(_finite, content.values()))
    if isinstance(content, list):
        return all(map(_finite, content))
    return True


def no_cookies() -> CookieJar:
    """A jar that takes none."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def retry_after(header: str | None, now: datetime) -> float | None:
    """The seconds of a Retry-After header, a number or a date; None when it says nothing usable."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return float(text)
    try:
        return max((parsedate_to_datetime(text) - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _transport_reason(error: BaseException) -> Reason:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls"
        cause = cause.__cause__ or cause.__context__
    return "refused" if isinstance(error, httpx.ConnectError) else "disconnected"
