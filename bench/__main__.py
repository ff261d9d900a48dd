"""``python -m bench [NAME …]``: every bench, or those named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.figures import interruptible


def names() -> list[str]:
    """The modules of this package that yield figures; unread, as some need Django set up first."""
    files = sorted(Path(__file__).parent.glob("[a-z]*.py"))
    return [file.stem for file in files if "def figures(" in file.read_text()]


def main(wanted: list[str]) -> int:
    """Exit status: that of the worst bench; a figure that is short does not fail it. 2 for an unknown name."""
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        print(f"No bench is called {', '.join(unknown)}; there are: {', '.join(names())}.", file=sys.stderr)
        return 2
    return max(_run(name) for name in wanted or names())


def _run(name: str) -> int:
    """Interrupted, it waits until the bench has stopped what it started."""
    bench = subprocess.Popen([sys.executable, "-m", f"bench.{name}"])
    try:
        return bench.wait()
    finally:
        if bench.poll() is None:
            bench.terminate()
            bench.wait()


if __name__ == "__main__":
    interruptible()
    sys.exit(main(sys.argv[1:]))
