"""One person per role, with passwords that nobody can guess."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import RequestFactory
from pytest_django.fixtures import Settings


@pytest.fixture
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.mark.django_db
def test_each_role_has_its_person(data_dir: Path) -> None:
    call_command("make_demo_accounts", verbosity=0)
    roles = {user.username: user.groups.get().name for user in User.objects.all()}
    assert roles == {"ada": "approver", "bo": "operator", "cy": "viewer", "admin": "admin"}


@pytest.mark.django_db
def test_the_kept_passwords_let_them_in(data_dir: Path) -> None:
    call_command("make_demo_accounts", verbosity=0)
    for account in json.loads((data_dir / "demo.json").read_text())["accounts"]:
        request = RequestFactory().post("/login/")
        assert authenticate(request, username=account["name"], password=account["password"])


@pytest.mark.django_db
def test_a_second_call_keeps_the_passwords(data_dir: Path) -> None:
    call_command("make_demo_accounts", verbosity=0)
    before = (data_dir / "demo.json").read_text()
    call_command("make_demo_accounts", verbosity=0)
    assert (data_dir / "demo.json").read_text() == before
    assert User.objects.count() == 4


@pytest.mark.django_db
def test_nobody_else_may_read_the_passwords(data_dir: Path) -> None:
    call_command("make_demo_accounts", verbosity=0)
    assert stat.S_IMODE((data_dir / "demo.json").stat().st_mode) == 0o600
