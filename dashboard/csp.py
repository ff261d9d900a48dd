"""Content-Security-Policy: scripts, styles and connections from this server only, inline ones by nonce."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def _prepare(request: HttpRequest) -> None:
    request.csp_nonce = secrets.token_urlsafe(16)  # type: ignore[attr-defined]


def _stamp(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    policy = POLICY.format(nonce=request.csp_nonce)  # type: ignore[attr-defined]
    response.headers.setdefault("Content-Security-Policy", policy)
    return response


@sync_and_async_middleware
def csp_middleware(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Give each request a nonce and each response the policy; works below both kinds of view."""
    if iscoroutinefunction(get_response):

        async def serve_async(request: HttpRequest) -> HttpResponseBase:
            _prepare(request)
            return _stamp(request, await get_response(request))

        return serve_async

    def serve(request: HttpRequest) -> HttpResponseBase:
        _prepare(request)
        return _stamp(request, get_response(request))

    return serve


def csp_nonce(request: HttpRequest) -> dict[str, str]:
    """Context processor: ``csp_nonce``, which django-htmx's tags use too."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}
