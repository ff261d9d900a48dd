"""`python -m tests.faults [WORKFLOW]`: the whole matrix on both databases, a table, and one closing line.

Exit status 1 if anything ended wrong, or if a case could not be judged.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.record import LOG, read, table
from workflows.catalogue import WORKFLOWS

PARTS = ("matrix.py", "killing.py", "hardship.py")
ALONE = "restarting.py"
"""Restarts the database under everything: nothing else may run beside it."""
NOTHING_COLLECTED = 5
"""pytest's status when all of a file was left out: there is nothing to restart with SQLite."""
JOBS = os.environ.get("JOBS", "3")
HERE = Path(__file__).parent


def main(only: str) -> int:
    if only and only not in WORKFLOWS:
        sys.stderr.write(f"faults: no workflow is called {only}; there are: {', '.join(WORKFLOWS)}\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="baton-faults-") as folder:
        log = Path(folder, "log")
        log.touch()
        env = {**os.environ, LOG: str(log)} | ({"ONLY": only} if only else {})
        failed = [run(env | {"TEST_DATABASE": database}) for database in ("sqlite", "postgresql")]
        seen = read(log)
    for line in table(seen):
        sys.stdout.write(line + "\n")
    return int(any(failed) or any(one.verdict == "wrong" for one in seen) or not seen)


def run(env: dict[str, str]) -> int:
    """All parts on one database; what pytest has to say goes to stderr, so that the table is the output."""
    words = ("-qq", "-rN", "--no-header", "-p", "no:cacheprovider", "--disable-warnings")
    files = [str(HERE / part) for part in PARTS]
    command = [sys.executable, "-m", "pytest", *words]
    many = subprocess.run(
        [*command, "-n", JOBS, "--dist", "worksteal", *files], env=env, stdout=sys.stderr, check=False
    )
    alone = subprocess.run([*command, str(HERE / ALONE)], env=env, stdout=sys.stderr, check=False)
    return many.returncode or alone.returncode % NOTHING_COLLECTED


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    sys.exit(main(os.environ.get("ONLY", "") or (sys.argv[1] if len(sys.argv) > 1 else "")))
