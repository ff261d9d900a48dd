"""The command line: without a command it runs a lab, with one it talks to a running lab."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from lab import recording, remote, serving
from lab.server.settings import DEFAULT_PORT, Settings

EPILOG = """\
break WORD WHERE: a WORD of `python -m lab words`; WHERE is a host (amber-1), a pool (amber), the present master of a
pool (amber:master), or cloudstack. Faults on the wire also take patterns ('amber-*').
The running lab is found by --control, else by the base port in LAB_PORT or --port (control is base + 2)."""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m lab",
        description="A simulated XenServer and CloudStack data centre on loopback.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--scenario", default="estate", help="which world (default: %(default)s)")
    made.add_argument(
        "--port", type=_port, default=_default_port(), help="base port (default: %(default)s, or LAB_PORT)"
    )
    made.add_argument("--control", type=_port, help="control port of the lab to talk to")
    made.add_argument(
        "--speed", type=_speed, default=1.0, help="lab seconds in a real one; 0 = time stands still"
    )
    made.add_argument("--seed", type=int, default=1, help="of the uuids, and of what big is made of")
    for name, most, what in (("pools", 5000, ""), ("hosts", 64, " in each"), ("vms", 1_000_000, " in all")):
        made.add_argument(f"--{name}", type=_count(most), help=f"how many {name}{what} (scenario big)")
    made.add_argument("--plain", action="store_true", help="XAPI without TLS")
    made.add_argument(
        "--world", type=Path, metavar="FILE", help="a saved or recorded world instead of a scenario"
    )
    made.add_argument(
        "--held", action="store_true", help="all is well until `begin`, in a scenario with a past"
    )
    made.add_argument("--data", type=Path, help="keep certificates here, so that fingerprints stay")
    commands = made.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("info", help="addresses, fingerprints and passwords, as JSON")
    state = commands.add_parser("state", help="what is true, host by host")
    state.add_argument("--json", action="store_true")
    calls = commands.add_parser("calls", help="every call received")
    calls.add_argument("--json", action="store_true", help="one JSON list")
    calls.add_argument("--changing", action="store_true", help="only calls that change something")
    calls.add_argument("--clear", action="store_true", help="forget them, after printing")
    commands.add_parser("scenarios", help="the worlds there are")
    commands.add_parser("words", help="what can be broken")
    commands.add_parser("begin", help="let happen what --held holds back")
    _add_break(commands.add_parser("break", help="break something"))
    mend = commands.add_parser("mend", help="undo what was broken there")
    mend.add_argument("where", nargs="?", default="all")
    save = commands.add_parser("save", help="write the world to a file, for --world")
    save.add_argument("file", type=Path, metavar="FILE")
    recording.add_options(
        commands.add_parser("record", help="a world from a real pool, read-only, names changed")
    )
    step = commands.add_parser("step", help="let a stopped clock (--speed 0) run on")
    step.add_argument("seconds", type=float)
    return made


def _add_break(made: argparse.ArgumentParser) -> None:
    made.add_argument("kind", metavar="WORD")
    made.add_argument("where", metavar="WHERE")
    made.add_argument("--sr", help="which storage (default: nfs-hb)")
    made.add_argument("--from", help="network-cut: the host or pool that it is cut from (default: everybody)")
    made.add_argument("--call", help="which call, a shell pattern such as 'pool.*' (default: every one)")
    made.add_argument("--times", type=int, help="how often (default: until mended)")
    made.add_argument("--after", type=int, help="after so many matching calls")
    made.add_argument(
        "--delay", type=float, help="real seconds that a fault acts late; for clock-skew how far ahead"
    )
    made.add_argument("--what", help="the error (CODE,parameter,…), the password")


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65533:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65533")
    return int(text)


def _count(most: int) -> Callable[[str], int]:
    def count(text: str) -> int:
        if not text.isdigit() or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {most}")
        return int(text)

    return count


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0 <= speed <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed from 0 to 100000")
    return speed


def _default_port() -> int:
    text = os.environ.get("LAB_PORT", "")
    return int(text) if text.isdigit() else DEFAULT_PORT


def main(argv: list[str] | None = None) -> int:
    """Exit status: 0, 1 when it cannot be done, 2 when the order is nonsense."""
    chosen = parser().parse_args(argv)
    if chosen.command is None:
        settings = Settings(
            chosen.scenario,
            chosen.port,
            chosen.speed or None,
            plain=chosen.plain,
            data=chosen.data,
            seed=chosen.seed,
            world=chosen.world,
            held=chosen.held,
            size={name: size for name in ("pools", "hosts", "vms") if (size := getattr(chosen, name))},
        )
        return serving.serve(settings)
    try:
        if chosen.command == "record":
            print(recording.run(chosen))
            return 0
        print(remote.run(chosen, chosen.control or chosen.port + 2))
    except (remote.NoLab, recording.CannotRecord) as problem:
        print(problem, file=sys.stderr)
        return 1
    except remote.Refused as problem:
        print(problem, file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    return 0
