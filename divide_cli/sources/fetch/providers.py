"""The requests to each service for one indicator, and the checks of its answers."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Protocol, TypeAlias

from divide_cli.catalogue import Service
from divide_cli.sources.fetch.client import Client, TransientError, UnusableError, parse
from divide_cli.sources.fetch.store import Partial

POINT = frozenset({"codeID", "code", "isoCode", "dataYear", "answer"})
HEAD = frozenset({"page", "pages", "per_page", "total"})
ROW = frozenset({"indicator", "country", "countryiso3code", "date", "value"})
Check = Callable[[Any], None]
"""A function that raises UnusableError if a payload is not the requested one."""


class ChangedError(UnusableError):
    """Pages that do not belong together, because the source changed during the download."""


class Progress(Protocol):
    """The display of a download's progress."""

    def expect(self, files: int) -> None:
        """Adds to the number of expected files, or reduces it if negative."""

    def tell(self, now: str) -> None:
        """Shows the requested file, or why a request failed that will be repeated."""

    def done(self) -> None:
        """Counts a complete file."""


@dataclass
class Download:
    """The files of one run: valid files of an interrupted run, else from the service."""

    partial: Partial
    client: Client
    base_url: str
    progress: Progress
    downloaded: int = 0
    resumed: int = 0

    def get(self, file: str, path: str, check: Check) -> Any:
        """The checked JSON of the file, which is in the folder afterwards."""
        self.progress.tell(file)
        payload = self._resume(file, check)
        if payload is None:
            url = self.base_url + path
            body, payload = self.client.get(url)
            try:
                check(payload)
            except UnusableError as error:
                raise self.client.refusal(error, url) from error
            self.partial.write(file, body)
            self.downloaded += 1
        self.progress.done()
        return payload

    def _resume(self, file: str, check: Check) -> Any:
        """The JSON of a file from an interrupted run; None if there is none, or it is not valid."""
        if (body := self.partial.read(file)) is None:
            return None
        try:
            payload = parse(body)
            check(payload)
        except (UnusableError, TransientError):
            return None
        self.resumed += 1
        return payload


IndicatorFiles: TypeAlias = tuple[list[str], date | None]
"""The files of one indicator, and the day of its last update, if the source gives it."""


def _itu(service: Service, code: str, download: Download) -> IndicatorFiles:
    """Downloads one file for each series: the total and each breakdown."""
    series = service.series[code]
    download.progress.expect(len(series))
    for name, number in series.items():
        download.get(f"{name}.json", service.path.format(code=number), partial(_check_points, name, number))
    return [f"{name}.json" for name in series], None


def _check_points(name: str, number: int, payload: Any) -> None:
    """Checks a series of ITU DataHub. An unknown series is an empty list with status 200."""
    expected = f"figures of series {name} (codeID {number})"
    points = _rows(payload, POINT, f"figures of series {name}")
    if not points:
        raise UnusableError(expected, "an empty list: the service does not know the series")
    for point in points:
        if (point["code"], point["codeID"]) != (name, number):
            raise UnusableError(expected, f"{point['code']} (codeID {point['codeID']})")
        answers = point["answer"]
        whole = isinstance(answers, list) and all(isinstance(one, dict) and "value" in one for one in answers)
        if not (whole and isinstance(point["isoCode"], str) and _is_count(point["dataYear"])):
            excerpt = {key: point[key] for key in ("isoCode", "dataYear", "answer")}
            raise UnusableError(f"an area, a year and values of series {name}", _brief(excerpt))


def _worldbank(service: Service, code: str, download: Download) -> IndicatorFiles:
    """Downloads one file for each page. If pages do not belong together, all are downloaded again, once."""
    try:
        return _pages(service, code, download)
    except ChangedError:
        return _pages(service, code, download)


def _pages(service: Service, code: str, download: Download) -> IndicatorFiles:
    """Downloads all pages; ChangedError if one belongs to another edition than the first, or repeats a row."""

    def page(number: int) -> tuple[Mapping[str, Any], set[tuple[str, str]]]:
        files.append(f"{code}.page{number:02d}.json")
        path = service.path.format(code=code, page=number, page_size=service.page_size)
        head, points = download.get(files[-1], path, partial(_check_page, code, number))
        return head, set(map(_key, points))

    files: list[str] = []
    download.progress.expect(1)
    first, keys = page(1)
    if first["pages"] > (most := service.manners.most_pages):
        raise UnusableError(f"at most {most} pages of {code}", f"{first['pages']} pages")
    download.progress.expect(first["pages"] - 1)
    for number in range(2, first["pages"] + 1):
        head, further = page(number)
        if _edition(head) != _edition(first) or not keys.isdisjoint(further):
            download.partial.discard(files)
            download.progress.expect(len(files) - first["pages"])
            raise ChangedError(
                f"pages of one edition of {code}: {_brief(_edition(first))}",
                f"page {number}: {_brief(_edition(head))}, or rows of an earlier page: the source has changed",
            )
        keys |= further
    return files, _day(first.get("lastupdated"))


def _check_page(code: str, number: int, payload: Any) -> None:
    """Checks one page of the World Bank. Its errors are a message with status 200."""
    expected = f"page {number} of {code}: its head and its rows"
    if not isinstance(payload, list) or not payload or not isinstance(payload[0], dict):
        raise UnusableError(expected, _brief(payload))
    head = payload[0]
    if "message" in head:
        raise UnusableError(f"figures of {code}", f"the service's message {_brief(head['message'])}")
    if head.get("total") == 0:
        raise UnusableError(f"figures of {code}", "no rows")
    if len(payload) != 2 or not head.keys() >= HEAD:
        raise UnusableError(expected, _brief(payload))
    points = _rows(payload[1], ROW, f"page {number} of {code}")
    _require_counts(head, number, len(points))
    for row in points:
        indicator = row["indicator"]
        of_code = isinstance(indicator, dict) and indicator.get("id") == code and isinstance(row["country"], dict)
        if not (of_code and isinstance(row["date"], str) and type(row["value"]) in (int, float, type(None))):
            excerpt = {key: row[key] for key in ("indicator", "countryiso3code", "date", "value")}
            raise UnusableError(f"a country, a year and a value of {code}", _brief(excerpt))
    if len(set(map(_key, points))) < len(points):
        raise UnusableError(f"page {number} of {code}, a row for each country and year", "rows with the same key")


def _require_counts(head: Mapping[str, Any], number: int, length: int) -> None:
    """Checks that the page is the requested one, and has as many rows as its head states."""
    size = int(head["per_page"]) if str(head["per_page"]).isdigit() else 0
    counts = [head["page"], head["pages"], head["total"]]
    if not (all(map(_is_count, counts)) and size > 0):
        raise UnusableError("page, pages, per_page and total as numbers", _brief(head))
    total, pages = head["total"], -(-head["total"] // size)
    promised = min(size, total - size * (number - 1))
    if (head["page"], head["pages"], length) != (number, pages, promised):
        raise UnusableError(
            f"page {number} of {pages}, with {promised} rows", f"page {head['page']} of {head['pages']}, {length} rows"
        )


def _rows(payload: Any, keys: frozenset[str], what: str) -> list[dict[str, Any]]:
    """The payload as a list of objects with those keys; UnusableError if it is anything else."""
    expected = f"{what}, as a list of objects with {', '.join(sorted(keys))}"
    if not isinstance(payload, list):
        raise UnusableError(expected, _brief(payload))
    for number, row in enumerate(payload, 1):
        if not isinstance(row, dict) or not keys <= row.keys():
            raise UnusableError(expected, f"element {number}: {_brief(row)}")
    return payload


def _brief(value: Any) -> str:
    """A value as JSON, cut if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:120]} ..."


def _edition(head: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a page's head that are the same on all pages of an edition."""
    return {name: head.get(name) for name in ("pages", "total", "per_page", "lastupdated")}


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["country"].get("id")), str(row["date"])


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def is_file_of(service: Service, code: str, file: str) -> bool:
    """Whether the file belongs to that indicator: a series, or a page of one."""
    return re.sub(r"(\.page\d+)?\.json$", "", file) in (service.series.get(code) or {code})


PROVIDERS: Mapping[str, Callable[[Service, str, Download], IndicatorFiles]] = {"itu": _itu, "worldbank": _worldbank}
"""Service -> the function that downloads an indicator by its code."""
