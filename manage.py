#!/usr/bin/env python
"""Baton's commands: ``python manage.py help`` lists them."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run one command; a setting that makes no sense is one sentence, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    try:
        _ = settings.INSTALLED_APPS
    except ImproperlyConfigured as nonsense:
        sys.exit(f"baton: {nonsense}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
