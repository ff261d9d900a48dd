"""The frame of every page: where one is, who one is, and how bad it is."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.auth.models import AbstractUser
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard.people import role_of
from pools.models import Finding
from pools.rules.case import Severity

register = template.Library()

LINKS = (
    ("overview", "Overview", ("/pools/",)),
    ("workflows:runs", "Runs", ("/runs/",)),
    ("workflows:approvals", "Approvals", ("/approvals/",)),
    ("pools:timeline", "Timeline", ("/timeline/",)),
    ("notices:notices", "Notices", ("/notices/",)),
    ("settings", "Settings", ("/settings/",)),
)


@register.simple_tag(takes_context=True)
def nav_links(context: Context) -> SafeString:
    """The main links, the present one marked, approvals with the number that waits for this person."""
    here = getattr(context.get("request"), "path", "")
    waiting: Any = context.get("approvals_waiting", 0)  # lazy: read from the database only where it is shown
    return format_html_join(
        "", "{}", ((_link(name, title, under, here, waiting),) for name, title, under in LINKS)
    )


def _link(name: str, title: str, under: tuple[str, ...], here: str, waiting: Any) -> SafeString:
    url = reverse(name)
    current = ' aria-current="page"' if here == url or any(here.startswith(u) for u in under) else ""
    count: str | SafeString = ""
    if name == "workflows:approvals" and waiting:
        count = format_html(' <span class="count">{}<span class="vh"> wait for you</span></span>', waiting)
    return format_html('<a href="{}"{}>{}{}</a>', url, SafeString(current), title, count)


@register.simple_tag(takes_context=True)
def worst_mark(context: Context) -> str:
    """What stands first in the title: the number of open findings by the worst severity, so that a tab tells it."""
    user: Any = context.get("user")
    if not getattr(user, "is_authenticated", False):
        return ""
    urgent = Finding.objects.open().filter(expected_by=None)
    for severity, shape in ((Severity.CRITICAL, "■"), (Severity.WARNING, "▲")):
        if number := urgent.filter(severity=severity).count():
            return f"{shape} {number} · "
    return ""


@register.filter
def initials(user: AbstractUser) -> str:
    """Two letters for the round mark."""
    parts = user.get_full_name().split() or [user.get_username()]
    return "".join(part[0] for part in parts[:2]).upper()


@register.filter
def role(user: AbstractUser) -> str:
    """The highest role in a word."""
    return role_of(user)
