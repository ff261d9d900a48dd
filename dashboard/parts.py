"""An answer to htmx is for the one page that asked.

Chromium hands an answer that is still under way to another tab's later question for the same address, although the
change that made the other tab ask came in between; not so with an answer that may not be stored.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware


def _stamp(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        response.headers["Cache-Control"] = "no-store, private"
    return response


@sync_and_async_middleware
def parts_middleware(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Keep parts of pages out of the browser's store; works below both kinds of view."""
    if iscoroutinefunction(get_response):

        async def serve_async(request: HttpRequest) -> HttpResponseBase:
            return _stamp(request, await get_response(request))

        return serve_async

    def serve(request: HttpRequest) -> HttpResponseBase:
        return _stamp(request, get_response(request))

    return serve
