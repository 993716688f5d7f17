"""One answer of a service over HTTP: asked politely, asked again where that may help, and taken whole or not at all.

The figures for patience (`Manners`) are data; the clock and the sleep can be replaced. Proxies and certificates are
those of the environment.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from divide_cli import __version__
from divide_cli.catalogue import Manners
from divide_cli.errors import SourceError
from divide_cli.sources.fetch.answers import TransientError, UnreachableError, UnusableError, parse

if TYPE_CHECKING:
    import httpx2
    from tenacity import RetryCallState

ASK_AGAIN = frozenset({408, 425, 429})  # and every 5xx
EXPECTED = "status 200 and JSON"


class Client:
    """A connection to one service, to be used in a `with` statement."""

    def __init__(
        self,
        manners: Manners,
        hint: str,
        tell: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._manners = manners
        self._hint = hint
        self._tell = tell
        self._clock = clock
        self._sleep = sleep
        self._earliest = clock()
        self._reached = False
        self._http = _open(manners)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def get(self, url: str) -> tuple[bytes, Any]:
        """The body as received, and what its JSON says; SourceError with the address where there is none to be had."""
        import tenacity

        manners = self._manners
        doubling = tenacity.wait_exponential(multiplier=manners.first_wait, max=manners.longest_wait)
        backoff = doubling + tenacity.wait_random(0, manners.jitter)

        def wait(state: "RetryCallState") -> float:
            asked = _failure(state).wait
            return backoff(state) if asked is None else asked

        def announce(state: "RetryCallState") -> None:
            pause = state.next_action.sleep if state.next_action else 0.0
            self._tell(f"{_failure(state).found}; asking again in {pause:.0f} s")

        again = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=tenacity.stop_after_attempt(manners.attempts),
            wait=wait,
            before_sleep=announce,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return again(self._once, url)
        except TransientError as error:
            found = f"{error.found}, in {manners.attempts} attempts"
            later = "try again later: what is complete is kept; or "
            raise self.refusal(UnusableError(EXPECTED, found), url, later) from error
        except UnreachableError as error:
            raise self.refusal(error, url, "check the network, and HTTPS_PROXY where a proxy is needed; or ") from error
        except UnusableError as error:
            raise self.refusal(error, url) from error

    def refusal(self, error: UnusableError, url: str, first: str = "") -> SourceError:
        """The error that the user sees for an answer that is of no use; `first`: what to do before the hint."""
        hint = first + self._hint
        return SourceError("fetch_failed", expected=error.expected, found=error.found, where=url, hint=hint)

    def _once(self, url: str) -> tuple[bytes, Any]:
        import httpx2

        self._sleep_until(self._earliest)
        started = self._clock()
        self._earliest = started + self._manners.seconds_between
        try:
            with self._http.stream("GET", url) as response:
                self._reached = True
                _require_200(response, self._manners)
                _require_secure(url, response)
                body = self._body(response, started)
        except httpx2.TimeoutException as error:
            raise TransientError(f"no answer in time ({type(error).__name__})") from error
        except httpx2.ConnectError as error:
            if self._reached:
                raise TransientError(f"the connection was lost ({error})") from error
            raise UnreachableError(EXPECTED, f"no connection: {error}") from error
        except (httpx2.ProxyError, httpx2.UnsupportedProtocol, httpx2.TooManyRedirects) as error:
            raise UnusableError(EXPECTED, str(error)) from error
        except (httpx2.InvalidURL, UnicodeError) as error:  # a host whose name cannot be looked up
            raise UnusableError(EXPECTED, str(error)) from error
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise TransientError(f"the answer broke off ({error})") from error
        return body, parse(body)

    def _sleep_until(self, moment: float) -> None:
        if (pause := moment - self._clock()) > 0:
            self._sleep(pause)

    def _body(self, response: "httpx2.Response", started: float) -> bytes:
        manners = self._manners
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > manners.largest_answer:
                raise UnusableError(f"at most {manners.largest_answer} bytes", "a larger answer")
            if self._clock() - started > manners.answer_seconds:
                raise TransientError(f"{len(body)} bytes, and no end, after {manners.answer_seconds:g} s")
        return bytes(body)


def _open(manners: Manners) -> "httpx2.Client":
    import httpx2

    try:
        return httpx2.Client(
            headers={"User-Agent": f"divide/{__version__}", "Accept": "application/json"},
            timeout=httpx2.Timeout(manners.read_seconds, connect=manners.connect_seconds),
            follow_redirects=True,
            max_redirects=3,
        )
    except (ImportError, ValueError, OSError, httpx2.InvalidURL) as error:
        raise SourceError(
            "network_settings_unusable", found=str(error), where="HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE"
        ) from error


def _require_200(response: "httpx2.Response", manners: Manners) -> None:
    status = response.status_code
    if status == 200:
        return
    found = f"status {status} {response.reason_phrase}".rstrip()
    if status not in ASK_AGAIN and status < 500:
        raise UnusableError(EXPECTED, found)
    wait = retry_after(response.headers, datetime.now(UTC))
    if wait is not None and wait > manners.longest_retry_after:
        raise UnusableError(EXPECTED, f"{found}, with the wish to be asked again in {wait:.0f} s at the earliest")
    raise TransientError(found, wait)


def _require_secure(url: str, response: "httpx2.Response") -> None:
    if url.startswith("https:") and response.url.scheme != "https":
        raise UnusableError("an answer over https", f"a redirection to {response.url}")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds for which Retry-After asks (a number or a date); None where it is absent or says nothing readable."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    with suppress(ValueError):
        moment = parsedate_to_datetime(text)
        return max((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds(), 0.0)
    return None


def _failure(state: "RetryCallState") -> TransientError:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, TransientError) else TransientError("")
