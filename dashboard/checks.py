"""System checks that Django does not have: what would hurt in production."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def secret_key_is_not_the_demos(**_kwargs: Any) -> list[CheckMessage]:
    """A demo's key lies beside its data: fine to practise with, wrong for real pools."""
    demo = settings.DEMO_SECRET_KEY
    if not demo.is_file() or demo.read_text().strip() != settings.SECRET_KEY:
        return []
    return [
        Warning(
            f"SECRET_KEY is the demo's, from {demo}.",
            hint="Set SECRET_KEY or SECRET_KEY_FILE to a secret of your own.",
            id="baton.W001",
        )
    ]
