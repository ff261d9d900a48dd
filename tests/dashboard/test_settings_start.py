"""What a person sees who starts with wrong settings, and what production settings are like."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.support.processes import ROOT

PRODUCTION = {
    "SECRET_KEY": "a-long-and-random-text-of-letters-0123456789-ABCDEFGHIJ",
    "BEHIND_TLS": "true",
    "ALLOWED_HOSTS": "baton.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://baton.example.org",
}


def manage(*words: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` with more in its environment, and without what browser tests need."""
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**inherited, **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_nonsense_is_one_sentence_and_exit_code_1() -> None:
    done = manage("check", env={"WATCH_INTERVAL": "soon"})
    assert done.returncode == 1
    wrong = "WATCH_INTERVAL is 'soon'; accepted: a whole number of seconds from 1 to 3600."
    assert done.stderr == f"baton: {wrong}\n"


def test_production_settings_pass_the_deployment_check() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", env=PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_the_deployment_check_objects_to_debug_and_to_the_demos_key(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = tmp_path_factory.mktemp("demo")
    (data / "secret_key").write_text(PRODUCTION["SECRET_KEY"])
    wrong = {"DEBUG": "true", "DATA_DIR": str(data)}
    done = manage("check", "--deploy", "--fail-level", "WARNING", env={**PRODUCTION, **wrong})
    assert done.returncode == 1
    assert "security.W018" in done.stderr
    assert "baton.W001" in done.stderr
