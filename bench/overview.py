"""How long the overview of a large estate takes to make, and how much it weighs: `python -m bench.overview [POOLS]`.

In a database of its own, removed at the end; nothing is asked and nothing is sent.
"""

from __future__ import annotations

import gzip
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path


def main(number: int) -> None:
    """Print one line per part: milliseconds (the best of five), kilobytes raw and compressed, queries."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from bench import estate

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    estate.make(number, timezone.now())
    print(f"{number} pools of {estate.HOSTS} hosts and {estate.GUESTS} guests")
    for address in ("/", "/?part=head", "/?part=findings", "/?part=work", "/?part=pools", "/?state=critical"):
        print(_measured(address))


def _measured(address: str) -> str:
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(User.objects.get_or_create(username="cy")[0])
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        answer = client.get(address, headers={"host": "localhost"})
        seconds.append(time.perf_counter() - began)
    with CaptureQueriesContext(connection) as queries:
        client.get(address, headers={"host": "localhost"})
    small = len(gzip.compress(answer.content)) / 1000
    raw = len(answer.content) / 1000
    return f"{address:<18} {min(seconds) * 1000:6.0f} ms {raw:7.0f} kB {small:6.1f} kB gzip {len(queries):3} queries"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "DATA_DIR": str(Path(folder)),
            "LOG_LEVEL": "WARNING",
            "SECRET_KEY": secrets.token_urlsafe(48),
        }
        os.environ.pop("DATABASE_URL", None)
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
