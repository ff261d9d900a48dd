"""Nonsense in the environment stops the start with a sentence that names the variable and what is accepted."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard.env import env


def test_a_secret_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret" * 8 + "\n")
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert env.secret("SECRET_KEY", fallback=tmp_path / "none", length=40) == "s3cret" * 8


def test_a_variable_and_its_file_at_once_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://here")
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path))
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL and REDIS_URL_FILE are both set"):
        env.text("REDIS_URL")


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL_FILE", "/nowhere/at/all")
    with pytest.raises(
        ImproperlyConfigured, match="REDIS_URL_FILE names '/nowhere/at/all', which cannot be read"
    ):
        env.text("REDIS_URL")


def test_a_missing_secret_key_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY")
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY is not set; accepted: .*SECRET_KEY_FILE"):
        env.secret("SECRET_KEY", fallback=tmp_path / "none", length=40)


def test_a_short_secret_key_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY has only 7 characters") as refusal:
        env.secret("SECRET_KEY", fallback=tmp_path / "none", length=40)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("raw", ["0", "-5", "ten", "1.5", "3601", "²"])
def test_a_watch_interval_outside_its_bounds_is_refused(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("WATCH_INTERVAL", raw)
    with pytest.raises(ImproperlyConfigured, match="a whole number of seconds from 1 to 3600"):
        env.number("WATCH_INTERVAL", 10, minimum=1, maximum=3600, unit="seconds")


@pytest.mark.parametrize(("raw", "meaning"), [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_a_flag_reads_the_usual_words(monkeypatch: pytest.MonkeyPatch, raw: str, meaning: bool) -> None:
    monkeypatch.setenv("DEBUG", raw)
    assert env.flag("DEBUG", default=False) is meaning


def test_a_flag_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="DEBUG is 'maybe'; accepted: true or false"):
        env.flag("DEBUG", default=False)


def test_an_unknown_database_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://baton:hunter2@db/baton")
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL has no known scheme \(mysql\)") as refusal:
        env.url("DATABASE_URL", ("sqlite", "postgresql"), "postgresql://user@host/baton")
    assert "hunter2" not in str(refusal.value)


def test_an_origin_without_a_scheme_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSRF_TRUSTED_ORIGINS", "https://baton.example.org, baton.example.org")
    with pytest.raises(ImproperlyConfigured, match=r"CSRF_TRUSTED_ORIGINS holds 'baton.example.org'"):
        env.origins("CSRF_TRUSTED_ORIGINS")


def test_a_short_credential_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIAL_KEYS", "k" * 32 + ",short")
    with pytest.raises(ImproperlyConfigured, match="CREDENTIAL_KEYS holds a key that is too short"):
        env.keys("CREDENTIAL_KEYS", length=32)


def test_the_data_folder_is_made_for_its_owner_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "new"))
    folder = env.folder("DATA_DIR", tmp_path)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file" / "data"))
    with pytest.raises(ImproperlyConfigured, match="which cannot be made"):
        env.folder("DATA_DIR", tmp_path)
