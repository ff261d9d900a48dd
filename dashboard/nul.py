"""No text holds a NUL: PostgreSQL stores none, and no person types one. Refused here, before any view reads it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

SAYS = "This request holds a NUL character, which no text may have."


def _refused(request: HttpRequest) -> HttpResponse | None:
    if "\0" in request.path_info:
        return HttpResponse(SAYS, status=400, content_type="text/plain")
    for sent in (request.GET, request.POST):
        if any("\0" in text for key, texts in sent.lists() for text in (key, *map(str, texts))):
            return HttpResponse(SAYS, status=400, content_type="text/plain")
    return None


@sync_and_async_middleware
def nul_middleware(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Answer 400 to such a request; works below both kinds of view."""
    if iscoroutinefunction(get_response):

        async def serve_async(request: HttpRequest) -> HttpResponseBase:
            return _refused(request) or await get_response(request)

        return serve_async

    def serve(request: HttpRequest) -> HttpResponseBase:
        return _refused(request) or get_response(request)

    return serve
