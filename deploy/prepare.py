"""``python -m deploy.prepare``: what must be true before the demo's processes start.

Database migrated, static files collected, accounts made. Each part is quick when there is nothing to do.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from deploy.register import KNOWN, known


def main() -> None:
    """Prepare; nonsense in the environment is one sentence."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    try:
        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        collect_static()
        call_command("make_demo_accounts", verbosity=0)
        note_known()
    except (ImproperlyConfigured, CommandError, DatabaseError) as reason:
        sys.exit(f"baton: {reason}")
    except ModuleNotFoundError as missing:
        sys.exit(
            f"baton: the module {missing.name} is missing; `make clean demo` installs requirements.txt afresh."
        )


def collect_static() -> None:
    """Collect, hash and compress the static files, if any has changed since the last time."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders

    stamp = settings.DATA_DIR / "static.stamp"
    found = [(path, storage) for finder in get_finders() for path, storage in finder.list([])]
    state = sorted((path, storage.get_modified_time(path).isoformat()) for path, storage in found)
    if settings.STATIC_ROOT.is_dir() and stamp.exists() and stamp.read_text() == repr(state):
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(repr(state))


def note_known() -> None:
    """Leave a note of what is registered, so that the welcome need not load Django to find nothing to do."""
    Path(os.environ["DATA_DIR"], KNOWN).write_text(json.dumps(known()))


if __name__ == "__main__":
    main()
