"""Getting messages out by Apprise: one sender per route, in order, again and later when it fails.

A route that fails holds up no other route, and never the watch: a sender takes one route's due messages, sends them
within bounded time, and is done.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils import timezone

from dashboard.live import announce
from dashboard.notices.gathering import TOPIC
from dashboard.notices.models import TEST, Notice, Route
from dashboard.notices.vocabulary import Kind
from dashboard.notices.wording import Message, digest
from pools.credentials import CredentialsUnreadable

if TYPE_CHECKING:
    from apprise import NotifyBase

LEASE = timedelta(seconds=60)
"""Longer than a sending ever takes: only a dead sender loses it."""
TIMEOUT_S = 8
"""For the connection, and for each read."""
AT_ONCE = 3
"""More due messages than these go out as one."""
PATIENCE = timedelta(hours=24)
"""So long a message is tried; then it counts as failed, and the page says so."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 10, 900
LOCAL = frozenset({"dbus", "gnome", "kde", "qt", "glib", "macosx", "windows", "syslog", "growl"})
"""Schemes that end on this machine's own desktop or log: nobody is reached there."""
TYPES = {"critical": "failure", "warning": "warning", "info": "info"}
"""Apprise's words."""


class BadAddress(ValueError):
    """An address that Apprise cannot use; the text says why."""


def due(now: datetime) -> list[int]:
    """Routes with something to send that nobody is sending to."""
    free = Q(route__busy_until=None) | Q(route__busy_until__lt=now)
    waiting = Notice.objects.filter(free, state=Notice.PENDING, next_try_at__lte=now)
    return sorted(set(waiting.order_by().values_list("route_id", flat=True)))


def deliver(route_id: int) -> int:
    """Send what is due on this route; gives the number of messages that ended, well or not."""
    now = timezone.now()
    mine, free = now + LEASE, Q(busy_until=None) | Q(busy_until__lt=now)
    if not Route.objects.filter(free, pk=route_id).update(busy_until=mine):
        return 0
    try:
        route = Route.objects.get(pk=route_id)
        waiting = Notice.objects.filter(route=route, state=Notice.PENDING, next_try_at__lte=now)
        return _send(route, list(waiting.order_by("pk")[:100]))
    finally:
        Route.objects.filter(pk=route_id, busy_until=mine).update(busy_until=None)
        announce(TOPIC)


def _send(route: Route, notices: Sequence[Notice]) -> int:
    if not notices:
        return 0
    messages = [_message(notice) for notice in notices]
    if len(notices) > AT_ONCE:
        return _ended(notices, post(route, digest(messages)))
    return sum(
        _ended([notice], post(route, message)) for notice, message in zip(notices, messages, strict=True)
    )


def _message(notice: Notice) -> Message:
    return Message(notice.title, notice.body, notice.severity, mended=notice.kind == Kind.MENDED)


def _ended(notices: Sequence[Notice], error: str) -> int:
    """Write down what came of a try. Empty `error` means that it was taken."""
    now, ids = timezone.now(), [notice.pk for notice in notices]
    mine = Notice.objects.filter(pk__in=ids, state=Notice.PENDING)
    if not error:
        return mine.update(state=Notice.SENT, ended_at=now, tries=F("tries") + 1, error="")
    given_up = Q(created__lt=now - PATIENCE) | Q(kind=TEST)
    failed = mine.filter(given_up).update(
        state=Notice.FAILED, ended_at=now, tries=F("tries") + 1, error=error
    )
    pause = timedelta(seconds=min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 3 ** min(notices[0].tries, 6)))
    mine.update(tries=F("tries") + 1, error=error, next_try_at=now + pause)
    return failed


def post(route: Route, message: Message) -> str:
    """Hand one message to Apprise: empty when it was taken, else why not, without secrets."""
    from apprise import NotifyType  # late, see target_of

    try:
        target = target_of(route.url.reveal())
    except (BadAddress, CredentialsUnreadable) as error:
        return str(error)
    kind = "success" if message.mended else TYPES[message.severity]
    said = _LastWords()
    apprise_log = logging.getLogger("apprise")
    apprise_log.addHandler(said)
    try:
        taken = target.notify(body=message.body, title=message.title, notify_type=NotifyType(kind))
    except Exception as error:  # a plugin's fault must not end the sending of others
        return _scrubbed(f"{type(error).__name__}: {error}", route)
    finally:
        apprise_log.removeHandler(said)
    return "" if taken else _scrubbed(said.text or "The receiver did not take it.", route)


def target_of(url: str) -> NotifyBase:
    """What Apprise makes of an address. Raises `BadAddress`, without the address: it holds secrets."""
    import apprise  # late: its hundred receivers would slow down the start of processes that never send

    asset = apprise.AppriseAsset(
        app_id="Baton", app_desc="Baton", storage_mode=apprise.PersistentStoreMode.MEMORY
    )
    target = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if target is None:
        raise BadAddress("Apprise does not understand this address.")
    if url.partition(":")[0].lower() in LOCAL:
        raise BadAddress("This address ends on the machine itself: nobody would be reached.")
    target.socket_connect_timeout = TIMEOUT_S
    target.socket_read_timeout = TIMEOUT_S
    return target


def masked(url: str) -> str:
    """The address as people may see it: Apprise knows which of its parts are secrets; its options are left out."""
    try:
        return str(target_of(url).url(privacy=True)).partition("?")[0]
    except BadAddress:
        return "an address that Apprise does not understand"


def _scrubbed(text: str, route: Route) -> str:
    """No part of the address that Apprise itself would hide."""
    shown = masked(route.url.reveal())
    for secret in sorted(_parts(route.url.reveal()), key=len, reverse=True):
        if secret not in shown:
            text = text.replace(secret, "…")
    return " ".join(text.split())[:500]


def _parts(url: str) -> set[str]:
    cut = url
    for mark in "/:@?&=,":
        cut = cut.replace(mark, " ")
    return {part for part in cut.split() if len(part) > 3}


class _LastWords(logging.Handler):
    """Apprise says only yes or no; why it was no stands in its log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text, self._mine = "", threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._mine:  # another route is sent to at the same time
            self.text = record.getMessage()
