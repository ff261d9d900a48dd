"""The parts of a run's page that live: rendered once for the first load and for every update, with an ETag.

Each part stands in a box that fetches its content again when the run announces that something changed. It sends the
ETag that it shows, so that an update without a difference answers 204 and moves nothing under anybody's pointer.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from workflows.models import Run

BLOCKS = ("head", "banners", "spine", "approval", "pool", "people", "journal", "stick")
MOVES_BY_ITSELF = re.compile(r"(<time\b[^>]*>)[^<]*|(name=\"csrfmiddlewaretoken\" value=)\"[^\"]*\"")
"""Ages tick in the browser, and a form's token is another one in every answer: neither is a difference."""


def block(request: HttpRequest, name: str, context: dict[str, Any]) -> tuple[SafeString, str]:
    """One part in its box, and its ETag."""
    inner, etag = _rendered(request, name, context)
    run: Run = context["run"]
    html = format_html(
        '<div id="run-{name}" class="live-block" hx-get="{url}" hx-trigger="{trigger}" '
        'hx-include="#have-{name}" data-guard>'
        "{content}</div>",
        name=name,
        url=reverse("workflows:fragment", args=[run.pk, name]),
        trigger=_trigger(name, run),
        content=_content(name, inner, etag),
    )
    return html, etag


def blocks(request: HttpRequest, context: dict[str, Any]) -> dict[str, SafeString]:
    """All parts, for the first load."""
    return {name: block(request, name, context)[0] for name in BLOCKS}


def answer(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """One part for an update; nothing at all when the browser shows it already."""
    inner, etag = _rendered(request, name, context)
    if etag in (request.headers.get("If-None-Match"), request.GET.get("have")):
        # htmx would put the empty body of a 304 into the page, and leaves the page alone on a 204.
        return HttpResponse(status=204) if request.headers.get("HX-Request") else HttpResponseNotModified()
    # htmx takes a title out of an answer and gives it to the tab: there the state is read from afar.
    title = (
        render_to_string("workflows/run/_titled.html", context, request) if name == "head" else SafeString()
    )
    return HttpResponse(
        title + _content(name, inner, etag), headers={"ETag": etag, "Cache-Control": "no-cache, private"}
    )


def _rendered(request: HttpRequest, name: str, context: dict[str, Any]) -> tuple[SafeString, str]:
    inner = render_to_string(f"workflows/run/_{name}.html", context, request)
    return inner, tag_of(inner)


def _content(name: str, inner: SafeString, etag: str) -> SafeString:
    """What is put into the box. The box itself stays: an update that waits behind another one would go with it."""
    return format_html('<input type="hidden" id="have-{}" name="have" value="{}">{}', name, etag, inner)


def _trigger(name: str, run: Run) -> str:
    """What makes a part fetch itself again. The pool is looked at also when its run stands still."""
    also = f", sse:pool-{run.pool_id}, every 15s" if name == "pool" else ""
    return f"sse:run-{run.pk}, live:poll from:body{also}"


def tag_of(html: str) -> str:
    """The ETag of a part: a digest of what matters in it."""
    steady = MOVES_BY_ITSELF.sub(lambda m: m[1] or m[2], html)
    return '"' + hashlib.sha256(steady.encode()).hexdigest()[:16] + '"'
