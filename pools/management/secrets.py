"""Secrets and trust on the command line: from the environment or a prompt, never as an argument."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from pools.clients.trust import Trust, authority, normal
from pools.secret import Secret


def secret_from(variable: str | None, what: str, option: str) -> Secret:
    """The value of an environment variable, or what a person types. Raises CommandError."""
    if variable:
        value = os.environ.get(variable, "")
        if not value:
            raise CommandError(
                f"The environment variable {variable} is empty or not set: it should hold the {what}."
            )
        return Secret(value)
    if not sys.stdin.isatty():
        raise CommandError(
            f"Nobody is here to type the {what}: put it into a variable and give {option} VARIABLE."
        )
    return Secret(getpass(f"{what.capitalize()}: "))


def add_trust_options(parser: ArgumentParser) -> None:
    """`--fingerprint` and `--ca`."""
    parser.add_argument("--fingerprint", action="append", default=[], metavar="SHA256HEX")
    parser.add_argument(
        "--ca", type=Path, metavar="FILE", help="PEM of the authority that signed the certificates"
    )


def trust_from(options: dict[str, Any]) -> Trust:
    """What the options say about whom to believe. Raises CommandError."""
    ways = [name for name in ("fingerprint", "ca", "plain_http") if options.get(name)]
    if len(ways) > 1:
        raise CommandError(
            "Give one of --fingerprint, --ca and --plain-http: they say the same thing differently."
        )
    try:
        pins = frozenset(normal(text) for text in options["fingerprint"])
    except ValueError as error:
        raise CommandError(str(error)) from None
    return Trust(pins, _pem(options["ca"]), bool(options.get("plain_http")))


def _pem(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return authority(path.read_text())
    except OSError as error:
        raise CommandError(f"The file {path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise CommandError(f"The file {path}: {error}") from None


def vouches(seen: str, says: str) -> bool:
    """Ask the person who sits here whether the certificate is the right one; no when nobody does."""
    if not sys.stdin.isatty():
        return False
    sys.stdout.write(f"{says}\n")
    return input("Is it the same on the machine itself? Type yes to trust it: ").strip().lower() == "yes"
