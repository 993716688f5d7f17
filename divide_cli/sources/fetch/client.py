"""Gets one answer of a service over HTTP: with a pause between requests, and with retries if they may help.

An answer is accepted if it is complete, valid JSON, and as its reader expects. Pauses and limits (`Manners`) are data.
The limit of time is that of the whole answer: connecting, redirects, headers and body. An event loop in another thread
keeps it, because a loop can give up a connection at any moment, on every system. Tests replace the clock and the sleep.
Proxies and certificates come from the environment.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self

from divide_cli import __version__
from divide_cli.catalogue import Manners
from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import without_login

if TYPE_CHECKING:
    import httpx2
    from tenacity import RetryCallState

EXPECTED = "status 200 and JSON"


@dataclass(eq=False)
class UnusableError(Exception):
    """An unusable answer for which a retry does not help: what was expected and found, and the error code."""

    expected: str
    found: str
    code: str = "fetch_failed"


@dataclass(eq=False)
class TransientError(Exception):
    """A failure for which a retry may help; `wait` are the seconds that the service asked for."""

    reason: str
    wait: float | None = None


@dataclass
class Client:
    """A connection to one service, for a `with` statement.

    `hint` says what to do if the service fails. `tell` is called with the reason before each retry. `login` are a user
    and a password, which are sent to the service and nowhere else.
    """

    manners: Manners
    hint: str
    tell: Callable[[str], None]
    login: tuple[str, str] | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        """Prepares the connection. The first request need not wait."""
        import httpx2

        self._earliest = self.clock()
        self._reached = False
        try:
            self._http = httpx2.AsyncClient(
                auth=self.login,
                headers={"User-Agent": f"divide/{__version__}", "Accept": "application/json"},
                timeout=httpx2.Timeout(self.manners.read_seconds, connect=self.manners.connect_seconds),
                follow_redirects=True,
                max_redirects=3,
            )
        except (ImportError, ValueError, OSError, httpx2.InvalidURL) as error:
            places = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE"
            found = "an invalid address" if isinstance(error, httpx2.InvalidURL) else without_login(str(error))
            raise SourceError("network_settings_unusable", found=found, where=places) from None

    def __enter__(self) -> Self:
        from anyio.from_thread import start_blocking_portal

        self._open = ExitStack()
        self._loop = self._open.enter_context(start_blocking_portal())
        self._open.callback(self._loop.call, self._http.aclose)
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.__exit__(*error)

    def get(self, url: str) -> tuple[bytes, Any]:
        """The body as received, and its JSON content; SourceError with the address if all attempts fail."""
        import tenacity

        manners = self.manners
        doubling = tenacity.wait_exponential(multiplier=manners.first_wait, max=manners.longest_wait)
        backoff = doubling + tenacity.wait_random(0, manners.jitter)

        def wait(state: "RetryCallState") -> float:
            retry_after = _failure(state).wait
            return backoff(state) if retry_after is None else retry_after

        def announce(state: "RetryCallState") -> None:
            pause = state.next_action.sleep if state.next_action else 0.0
            self.tell(f"{_failure(state).reason}; retrying in {pause:.0f} s")

        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=tenacity.stop_after_attempt(manners.attempts),
            wait=wait,
            before_sleep=announce,
            sleep=self.sleep,
            reraise=True,
        )
        try:
            return attempts(self._once, url)
        except TransientError as error:
            failure = UnusableError(EXPECTED, f"{error.reason}, after {manners.attempts} attempts", "service_failing")
            raise self.refusal(failure, url) from error
        except UnusableError as error:
            raise self.refusal(error, url) from error

    def refusal(self, error: UnusableError, url: str) -> SourceError:
        """The error that the user sees for an unusable answer."""
        return SourceError(error.code, expected=error.expected, found=error.found, where=url, instead=self.hint)

    def _once(self, url: str) -> tuple[bytes, Any]:
        """One attempt, at the earliest time that the manners allow."""
        import httpx2

        if (pause := self._earliest - self.clock()) > 0:
            self.sleep(pause)
        start = self.clock()
        self._earliest = start + self.manners.seconds_between
        try:
            body = self._loop.call(self._answer, url)
        except httpx2.TimeoutException as error:
            raise TransientError(f"no answer in time ({type(error).__name__})") from error
        except httpx2.ConnectError as error:
            if self._reached:
                raise TransientError(f"the connection was lost ({error})") from error
            raise UnusableError(EXPECTED, f"no connection: {error}", "service_unreachable") from error
        except (
            *(httpx2.ProxyError, httpx2.UnsupportedProtocol, httpx2.TooManyRedirects),
            *(httpx2.InvalidURL, UnicodeError),  # an invalid host name
        ) as error:
            raise UnusableError(EXPECTED, without_login(str(error))) from error
        except ExceptionGroup as error:  # the port of a proxy is impossible
            raise UnusableError(EXPECTED, f"no connection: {error.exceptions[0]}", "service_unreachable") from error
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise TransientError(f"the answer was cut off ({error})") from error
        return body, parse(body)

    async def _answer(self, url: str) -> bytes:
        """The complete body; an error if it is too large, or if the whole answer takes too long."""
        import anyio

        manners = self.manners
        body = bytearray()
        with anyio.move_on_after(manners.answer_seconds):
            async with self._http.stream("GET", url) as response:
                self._reached = True
                _require_200(response, manners)
                _require_secure(url, response)
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > manners.largest_answer:
                        raise UnusableError(f"at most {manners.largest_answer} bytes", "a larger answer")
                return bytes(body)
        raise TransientError(f"no complete answer after {manners.answer_seconds:g} s ({len(body)} bytes)")


def _require_200(response: "httpx2.Response", manners: Manners) -> None:
    status = response.status_code
    if status == 200:
        return
    answer = f"status {status} {response.reason_phrase}".rstrip()
    if status < 500 and status not in (408, 425, 429):
        raise UnusableError(EXPECTED, answer)
    wait = retry_after(response.headers, datetime.now(UTC))
    if wait is not None and wait > manners.longest_retry_after:
        raise UnusableError(EXPECTED, f"{answer}, with a request to retry in {wait:.0f} s at the earliest")
    raise TransientError(answer, wait)


def _require_secure(url: str, response: "httpx2.Response") -> None:
    if url.startswith("https:") and response.url.scheme != "https":
        raise UnusableError("an answer over https", f"a redirect to {response.url.scheme}://{response.url.host}")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds in Retry-After (a number or a date); None if it is absent or malformed."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    with suppress(ValueError):
        moment = parsedate_to_datetime(text)
        return max((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds(), 0.0)
    return None


def _failure(state: "RetryCallState") -> TransientError:
    """The failure of the last attempt."""
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, TransientError) else TransientError("")


def _refuse_constant(text: str) -> None:
    """Raises an error for NaN and infinities, which Python accepts but JSON does not have."""
    raise ValueError(f"{text} is not a number")


def parse(body: bytes) -> Any:
    """The JSON content of the body; UnusableError for a web page, TransientError for truncated or invalid JSON.

    JSON is UTF-8 (RFC 8259, section 8.1). Other encodings, which Python accepts, are refused.
    """
    if (encoding := json.detect_encoding(body)) not in ("utf-8", "utf-8-sig"):
        raise UnusableError("JSON in UTF-8", f"an answer in {encoding.upper()}")
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            title = re.search(rb"<title[^>]*>([^<]{0,200})", body, flags=re.IGNORECASE)
            words = " ".join(title.group(1).decode("utf-8", "replace").split()) if title else ""
            raise UnusableError("JSON", f"a web page{f', {words!r}' if words else ''}") from error
        raise TransientError(f"{len(body)} bytes that are not complete JSON ({error})") from error
