"""``python -m deploy.prepare``: what must be true before the demo's processes start.

Database migrated, static files collected, accounts made. Each part is quick when there is nothing to do.
"""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command


def main() -> None:
    """Prepare; nonsense in the environment is one sentence."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    try:
        django.setup()
    except ImproperlyConfigured as nonsense:
        sys.exit(f"baton: {nonsense}")
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    call_command("make_demo_accounts", verbosity=0)


if __name__ == "__main__":
    main()
