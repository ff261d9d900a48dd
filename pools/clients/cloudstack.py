"""CloudStack's API: lists by GET, changes by POST, each sent once; answers and refusals typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from pools.clients import plain
from pools.clients.errors import (
    AnswerLost,
    BadAnswer,
    ClientError,
    ClockSkew,
    NotCloudStack,
    NotPermitted,
    RateLimited,
    Refused,
    TimedOut,
    Unreachable,
    without_trace,
)
from pools.clients.http import Unfit, Wire, body, session
from pools.clients.large import Share
from pools.clients.signing import signed
from pools.clients.trust import Trust
from pools.clients.wire import MAX_REPLY, Deadline, place_of
from pools.secret import Secret

Rows = list[dict[str, Any]]
LIST_S, CHANGE_S = 30.0, 60.0
SLOW_S = {"updateCluster": 330.0, "addHost": 660.0, "deleteHost": 150.0, "deleteCluster": 150.0}
"""Seconds for commands that CloudStack carries out before it answers: updateCluster waits 40 x 5 s for the hosts."""
PAGE = 500
"""`default.page.size`, the most that a server gives at once unless it was changed."""
SKEW_MINUTES = 5
MOST_PAGES = 2000
"""A list of more than a million rows is none."""
MOST_BYTES = 8 * MAX_REPLY
"""Of all pages of a list together: 100,000 guests are some half of it."""
ATTEMPTS = 3
TOO_MANY = re.compile(r"max allowed page size value: (\d+)")


@dataclass(frozen=True, slots=True)
class CloudStackEndpoint:
    """Where the API is, and the keys of our account there. `trust` counts for https URLs."""

    url: str
    api_key: Secret
    secret_key: Secret
    trust: Trust


@dataclass(frozen=True, slots=True)
class JobState:
    """How an asynchronous job stands. `state`: pending, success, failure or gone (unknown, or swept away).
    `error` is CloudStack's code and text."""

    state: str
    result: Mapping[str, Any]
    error: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and how many it has in all."""

    rows: Rows
    total: int


class CloudStack:
    """A session with one management server; belongs to the thread that opened it."""

    def __init__(self, endpoint: CloudStackEndpoint, deadline: Deadline, read_s: float) -> None:
        self._endpoint, self._deadline, self._read_s = endpoint, deadline, read_s
        self._share = Share()
        self._taken = 0
        """Bytes of all replies so far."""
        url = urlsplit(endpoint.url)
        plain = url.scheme == "http"
        self.place = place_of(url.hostname or "", url.port or (80 if plain else 443))
        trust = Trust(plain=True) if plain else endpoint.trust
        self._wire = Wire(trust, deadline, read_s)
        self._http = session(self._wire)

    def read(self, command: str, **params: str) -> dict[str, Any]:
        """What stands under the single top key of the answer to a command that only reads."""
        return self._ask(command, params, changing=False)

    def list(self, command: str, element: str, **params: str) -> Rows:
        """All rows of a list, through all of its pages."""
        return [row for page in self.pages(command, element, **params) for row in page.rows]

    def whole(self, command: str, element: str, fields: tuple[str, ...] = (), **params: str) -> Rows:
        """All rows of a list, read again when rows came or went between two pages: then one may be missing. Of each
        row only the `fields`, if any are named."""
        for _ in range(ATTEMPTS):
            rows: Rows = []
            totals: set[int] = set()
            for page in self.pages(command, element, **params):
                rows += [_only(row, fields) for row in page.rows]
                totals.add(page.total)
            if len(totals) == 1:
                break
        return rows

    def pages(self, command: str, element: str, **params: str) -> Iterator[Page]:
        """A list page by page, for lists that are too long to be held. Raises BadAnswer where there is no end, and
        beyond MOST_BYTES."""
        size, number, seen, began = PAGE, 1, 0, self._taken
        before: Rows = []
        while number <= MOST_PAGES:
            try:
                answer = self.read(command, **params, page=str(number), pagesize=str(size))
            except Refused as no:
                fewer = TOO_MANY.search(" ".join(no.params))
                if fewer is None or int(fewer[1]) >= size or int(fewer[1]) < 1:
                    raise
                size = int(fewer[1])
                continue
            if self._taken - began > MOST_BYTES:
                raise BadAnswer(self.place, f"{command} is larger than {MOST_BYTES // 2**20} MB in all")
            page = self._page(command, answer.get(element) or [], answer.get("count", 0))
            if page.rows and page.rows == before:
                raise BadAnswer(self.place, f"{command} gives the same page again and again")
            yield page
            before = page.rows
            seen += len(page.rows)
            if not page.rows or seen >= page.total:
                return
            number += 1
        raise BadAnswer(self.place, f"{command} has no end: {seen} rows")

    def _page(self, command: str, rows: Any, total: Any) -> Page:
        try:
            count = int(total)
        except (TypeError, ValueError, OverflowError):
            count = -1
        if count < 0 or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadAnswer(self.place, f"{command} gives no list")
        return Page(rows, count)

    def start(self, command: str, **params: str) -> str:
        """Send an asynchronous command and return its job id. Raises AnswerLost when it may have been started."""
        answer = self._ask(command, params, changing=True)
        if not answer.get("jobid"):
            raise AnswerLost(command, "the answer has no job id")
        return str(answer["jobid"])

    def do(self, command: str, **params: str) -> Mapping[str, Any]:
        """Send a synchronous command and return what stands under the top key."""
        answer = self._ask(command, params, changing=True)
        if str(answer.get("success", "true")).lower() == "false":
            raise Refused("CloudStack", "530", str(answer.get("displaytext") or f"{command} did not succeed"))
        return answer

    def job(self, id: str) -> JobState:
        """How a job stands."""
        try:
            return job_state(self.read("queryAsyncJobResult", jobid=id))
        except Refused as no:
            if no.code == "431":
                return JobState("gone", {})
            raise

    def close(self) -> None:
        self._http.close()

    def _ask(self, command: str, params: Mapping[str, str], *, changing: bool) -> dict[str, Any]:
        seconds = SLOW_S.get(command, max(CHANGE_S, self._read_s)) if changing else self._read_s
        problem: ClientError
        try:
            response, raw = self._exchange(command, params, seconds, changing=changing)
            return self._understood(command, response, raw, changing=changing)
        except ClientError as error:
            problem = error
        except Unfit as error:
            problem = self._lost(BadAnswer(self.place, str(error)), command, changing=changing)
        except TimeoutError:  # while other large replies were read
            problem = self._lost(TimedOut("read", self.place, seconds), command, changing=changing)
        except requests.RequestException as error:
            problem = self._lost(self._broken(error, seconds), command, changing=changing)
        finally:
            self._share.settled()
        # No traceback may lead to frames that hold a signed query.
        raise without_trace(problem)

    def _lost(self, error: ClientError, command: str, *, changing: bool) -> ClientError:
        return AnswerLost(command, error.says) if changing else error

    def _exchange(
        self, command: str, params: Mapping[str, str], seconds: float, *, changing: bool
    ) -> tuple[requests.Response, bytes]:
        who = self._endpoint
        query = signed(command, params, who.api_key, who.secret_key, datetime.now(UTC))
        self._wire.read_s = seconds
        if changing:
            self._http.close()  # an idle connection may be dead unnoticed; a fresh one fails before anything is sent
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = self._http.post(
                who.url, query, headers=form, stream=True, timeout=seconds, allow_redirects=False
            )
        else:
            answer = self._http.get(f"{who.url}?{query}", stream=True, timeout=seconds, allow_redirects=False)
        with answer:
            raw = body(answer, MAX_REPLY, lambda size: self._share.grown(size, self._deadline.left(seconds)))
        self._taken += len(raw)
        return answer, raw

    def _broken(self, error: requests.RequestException, seconds: float) -> ClientError:
        if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
            return TimedOut("read", self.place, seconds)
        if isinstance(error, requests.ConnectionError):
            return Unreachable("cut", self.place)
        return BadAnswer(self.place, type(error).__name__)

    def _understood(
        self, command: str, response: requests.Response, raw: bytes, *, changing: bool
    ) -> dict[str, Any]:
        inner = _inner(raw)
        if inner is None:
            saw = f"HTTP {response.status_code}, {response.headers.get('Content-Type', 'no type')}"
            if changing and not 300 <= response.status_code < 500:
                raise AnswerLost(command, f"the answer cannot be read: {saw}")
            if response.status_code >= 500:
                raise BadAnswer(self.place, saw)
            raise NotCloudStack(self.place, saw)
        if response.status_code != 200 or "errorcode" in inner:
            raise _refusal(command, response, inner)
        return inner


def _only(row: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in fields if name in row} if fields else row


def _inner(raw: bytes) -> dict[str, Any] | None:
    """What stands under the single top key; None when this is not CloudStack's JSON. The key's name varies."""
    try:
        outer = plain.loads(raw)
    except ValueError:
        return None
    if not isinstance(outer, dict) or len(outer) != 1:
        return None
    (inner,) = outer.values()
    return inner if isinstance(inner, dict) else None


def _refusal(command: str, response: requests.Response, inner: Mapping[str, Any]) -> ClientError:
    code = str(inner.get("errorcode") or response.status_code)
    text = str(inner.get("errortext") or "no text")
    if code == "429":
        return RateLimited(text)
    if code in ("401", "432"):
        minutes = _skew(response.headers.get("Date", ""))
        if code == "401" and abs(minutes) >= SKEW_MINUTES:
            return ClockSkew(command, minutes)
        return NotPermitted(command, text)
    return Refused("CloudStack", code, text)


def _skew(date: str) -> int:
    """Minutes by which the server's clock is ahead of ours; 0 when it does not say."""
    try:
        return round((parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds() / 60)
    except (ValueError, TypeError):
        return 0


def job_state(job: Mapping[str, Any]) -> JobState:
    """A job's record in our words. A failed job may come without any result."""
    raw = job.get("jobresult")
    result: dict[str, Any] = raw if isinstance(raw, dict) else {"text": raw} if raw else {}
    status = int(job.get("jobstatus", 0))
    if status == 0:
        return JobState("pending", result)
    if status == 1:
        return JobState("success", result)
    code = str(result.get("errorcode") or job.get("jobresultcode") or "530")
    return JobState(
        "failure", result, (code, str(result.get("errortext") or result.get("text") or "no text"))
    )


@contextmanager
def open_cloudstack(
    endpoint: CloudStackEndpoint, *, deadline: Deadline | None = None, read_s: float = LIST_S
) -> Iterator[CloudStack]:
    """A session with CloudStack. Nothing is asked yet."""
    cloudstack = CloudStack(endpoint, deadline or Deadline(), read_s)
    try:
        yield cloudstack
    finally:
        cloudstack.close()
