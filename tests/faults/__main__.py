"""`python -m tests.faults [WORKFLOW]`: the whole matrix on both databases at once, a table, and one closing line.

Exit status 1 if anything ended wrong, or if a wave could not be judged. The log is kept: with RESUME=1 the matrix goes
on where it was interrupted, and takes up again what went wrong.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.faults.record import LOG, forget_wrong, read, table
from workflows.catalogue import WORKFLOWS

DATABASES = ("sqlite", "postgresql")
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "faults"
WAVES = "tests/faults/allwaves.py"
WORDS = ("-qq", "-rN", "--no-header", "-p", "no:cacheprovider", "--disable-warnings")


def main(only: str, resume: bool) -> int:
    if only and only not in WORKFLOWS:
        sys.stderr.write(f"faults: no workflow is called {only}; there are: {', '.join(WORKFLOWS)}\n")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    log = FOLDER / "log"
    if resume:
        forget_wrong(log)
    else:
        for old in FOLDER.iterdir():
            old.unlink()
    env = {**os.environ, LOG: str(log)} | ({"ONLY": only} if only else {})
    both = [start(env | {"TEST_DATABASE": database}) for database in DATABASES]
    failed = [one.wait() for one in both]
    seen = [one for one in read(log) if not only or one.workflow.partition(",")[0] == only]
    for line in table(seen):
        sys.stdout.write(line + "\n")
    return int(any(failed) or any(one.verdict == "wrong" for one in seen) or not seen)


def start(env: dict[str, str]) -> subprocess.Popen[bytes]:
    """All waves on one database; ended with this process. What pytest has to say goes to stderr, so that the table is
    the output."""
    tethered = [sys.executable, "-m", "deploy.tether", str(os.getpid())]
    command = [*tethered, sys.executable, "-m", "pytest", *WORDS, WAVES]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=sys.stderr)


if __name__ == "__main__":
    wanted = os.environ.get("ONLY", "") or (sys.argv[1] if len(sys.argv) > 1 else "")
    sys.exit(main(wanted, bool(os.environ.get("RESUME"))))
