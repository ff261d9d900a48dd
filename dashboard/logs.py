"""Logging that never carries a secret: what looks like one is masked before any handler sees it."""

from __future__ import annotations

import logging
import re
from typing import Any

SECRETS = (
    # name=value, name: value, 'name': 'value' - as in query strings, URLs, reprs and JSON.
    re.compile(
        r"(?i)((?:password|passwd|secret(?:_?key)?|api_?key|signature|sessionkey|token|credential_keys)"
        r"['\"]?\s*[=:]\s*['\"]?)([^\s'\"&,;)}\]]+)"
    ),
    re.compile(r"(\w+://[^\s/:@]*:)([^\s/@]+)(?=@)"),
)

CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code != ord("\t")}
"""Names and errors come from captains: one with a line's end in it must not look like a line of ours, nor talk to the
terminal that shows it."""


def mask(text: str) -> str:
    """The text with the values of anything that looks like a secret replaced by ``***``."""
    for pattern in SECRETS:
        text = pattern.sub(r"\1***", text)
    return text


class Masked(logging.Formatter):
    """Formats the whole record, traceback included, then masks it; the message itself stays on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line that handlers write."""
        return mask(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the standard library's name
        """The message without what follows it."""
        return super().formatMessage(record).translate(CONTROLS)


def configuration(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to stderr, where the supervisor or journald collects it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "dashboard.logs.Masked",
                "format": "{asctime} {levelname:<7} {name}: {message}",
                "style": "{",
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # urllib3 logs whole URLs at DEBUG, and CloudStack's carry the key and the signature.
            "urllib3": {"level": "WARNING"},
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # A tick a second is not news.
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }
