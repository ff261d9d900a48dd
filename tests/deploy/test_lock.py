"""One demo per data folder, and no trouble from one that is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.lock import hold, release
from deploy.refusal import Refusal


def test_a_second_demo_is_refused_and_told_who_holds_the_folder(tmp_path: Path) -> None:
    handle, notice = hold(tmp_path / "demo.lock")
    assert notice == ""
    with pytest.raises(Refusal, match=rf"a demo is running in .* \(process {os.getpid()}\)"):
        hold(tmp_path / "demo.lock")
    release(handle)


def test_a_lock_left_behind_is_taken_over_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "demo.lock").write_text("4194304\n")
    handle, notice = hold(tmp_path / "demo.lock")
    assert notice.endswith("was left by process 4194304, which is gone: taken over.")
    release(handle)


def test_a_pid_that_another_program_has_got_does_not_block(tmp_path: Path) -> None:
    (tmp_path / "demo.lock").write_text(f"{os.getppid()}\n")
    handle, notice = hold(tmp_path / "demo.lock")
    assert "taken over" in notice
    release(handle)


def test_a_released_lock_leaves_nothing_to_tell(tmp_path: Path) -> None:
    handle, _ = hold(tmp_path / "demo.lock")
    release(handle)
    handle, notice = hold(tmp_path / "demo.lock")
    assert notice == ""
    release(handle)


def test_the_lock_does_not_pass_to_children(tmp_path: Path) -> None:
    handle, _ = hold(tmp_path / "demo.lock")
    words = [sys.executable, "-c", "print('here', flush=True); input()"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, close_fds=False, stdin=pipe, stdout=pipe) as child:
        assert (
            child.stdout and child.stdout.readline()
        )  # it has become its program, and dropped what it inherited
        release(handle)
        again, _ = hold(tmp_path / "demo.lock")
        child.kill()
    release(again)
