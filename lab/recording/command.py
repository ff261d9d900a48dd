"""``python -m lab record``: from the command line to a file."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import time
from pathlib import Path

from lab import saved
from lab.recording.asking import CannotRecord, Captain, Station
from lab.recording.estate import build
from lab.world import ScaledClock

XAPI_PORT = 443


def add_options(made: argparse.ArgumentParser) -> None:
    made.add_argument("file", type=Path, metavar="FILE")
    made.add_argument(
        "--address", action="append", required=True, metavar="HOST[:PORT]", help="of a pool's master"
    )
    made.add_argument("--fingerprint", action="append", default=[], help="SHA-256 of its certificate")
    made.add_argument("--user", default="root")
    made.add_argument("--password-file", type=Path, help="else LAB_PASSWORD, else it is asked for")
    made.add_argument("--cloudstack", metavar="URL", help="http://…/client/api")
    made.add_argument(
        "--keys-file", type=Path, help="API key and secret key, a line each; else LAB_KEYS, key:secret"
    )


def run(chosen: argparse.Namespace) -> str:
    """Record and write; the sentence to print. CannotRecord with what is in the way."""
    password = _password(chosen)
    pools = [_captain(chosen, where, password).records() for where in chosen.address]
    cloud = Station(chosen.cloudstack, *_keys(chosen)).lists() if chosen.cloudstack else None
    world = build(ScaledClock(1.0, time.time()), pools, cloud)
    try:
        chosen.file.write_text(saved.save(world), encoding="utf-8")
    except OSError as problem:
        raise CannotRecord(f"{chosen.file} cannot be written: {problem.strerror}.") from problem
    hosts, vms = len(world.hosts), sum(not vm.is_control_domain for pool in world.pools for vm in pool.vms)
    return (
        f"{len(world.pools)} pools, {hosts} hosts and {vms} VMs are in {chosen.file}, under other names: "
        f"start a lab with it by `python -m lab --world {chosen.file}`."
    )


def _captain(chosen: argparse.Namespace, where: str, password: str) -> Captain:
    address, colon, port = where.rpartition(":")
    if colon and not port.isdigit():
        raise CannotRecord(f"{where!r} is no HOST or HOST:PORT.")
    known = tuple(text.replace(":", "").lower() for text in chosen.fingerprint)
    return Captain(
        address if colon else where,
        chosen.user,
        password,
        known,
        int(port) if colon else XAPI_PORT,
        plain=chosen.plain,
    )


def _password(chosen: argparse.Namespace) -> str:
    if chosen.password_file is not None:
        return _read(chosen.password_file)[0]
    if "LAB_PASSWORD" in os.environ:
        return os.environ["LAB_PASSWORD"]
    if not sys.stdin.isatty():
        raise CannotRecord("There is no password: use --password-file or LAB_PASSWORD.")
    return getpass.getpass(f"Password of {chosen.user}: ")


def _keys(chosen: argparse.Namespace) -> tuple[str, str]:
    lines = (
        _read(chosen.keys_file) if chosen.keys_file is not None else os.environ.get("LAB_KEYS", "").split(":")
    )
    if len(lines) != 2 or not all(lines):
        raise CannotRecord(
            "CloudStack's API key and secret key are missing: use --keys-file, or LAB_KEYS=key:secret."
        )
    return lines[0], lines[1]


def _read(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as problem:
        raise CannotRecord(f"{path} cannot be read: {problem}.") from problem
    if not lines:
        raise CannotRecord(f"{path} is empty.")
    return lines
