"""Secrets: masked wherever they are shown, encrypted where they are stored, and still readable when keys change."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django.fixtures import Settings

from pools.credentials import CredentialsUnreadable, Sealed, seal
from pools.models import CloudStack, Pool
from pools.secret import Secret

OLD, NEW = "the old key " * 4, "the new key " * 4
WORD = "a-very-secret-word"


def stored() -> Pool:
    cloudstack = CloudStack.objects.create(
        name="lab", url="http://127.0.0.1/client/api", api_key=Secret("key"), secret_key=Secret(WORD)
    )
    return Pool.objects.create(name="amber", password=Secret(WORD), cloudstack=cloudstack)


def test_a_secret_shows_stars(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(WORD)
    logging.getLogger("test").warning("%s %r", secret, secret)
    assert WORD not in f"{secret} {secret!r} {[secret]} {caplog.text}"
    assert secret.reveal() == WORD


@pytest.mark.parametrize("ship", [pickle.dumps, json.dumps])
def test_a_secret_cannot_be_put_into_a_message(ship: object) -> None:
    with pytest.raises(TypeError):
        ship(Secret(WORD))  # type: ignore[operator]


def test_a_secret_is_copied_as_itself() -> None:
    secret = Secret(WORD)
    assert copy.deepcopy({"s": secret})["s"] is secret


def test_equal_secrets_are_equal_and_no_text_is() -> None:
    assert Secret(WORD) == Secret(WORD) != Secret("other")
    assert Secret(WORD) != WORD


@pytest.mark.django_db
def test_a_stored_secret_is_ciphertext_until_it_is_used() -> None:
    pool = Pool.objects.get(pk=stored().pk)
    assert isinstance(pool.password, Sealed)
    assert WORD not in pool.password.token
    assert pool.password.reveal() == WORD


@pytest.mark.django_db
def test_saving_a_pool_keeps_its_ciphertext() -> None:
    pool = Pool.objects.get(pk=stored().pk)
    token = pool.password.token  # type: ignore[attr-defined]
    pool.zone = "AMS-1"
    pool.save()
    assert Pool.objects.get().password.token == token  # type: ignore[attr-defined]


def test_the_first_key_encrypts_and_all_decrypt(settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    old = Sealed(seal(Secret(WORD)))
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    assert old.reveal() == WORD
    new = old.rotated()
    settings.CREDENTIAL_KEYS = [NEW]
    assert new.reveal() == WORD


def test_without_keys_of_their_own_credentials_use_the_secret_key(settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = []
    sealed = Sealed(seal(Secret(WORD)))
    assert sealed.reveal() == WORD
    settings.SECRET_KEY = "another " * 8
    with pytest.raises(CredentialsUnreadable):
        sealed.reveal()


def test_a_lost_key_names_the_setting(settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    sealed = Sealed(seal(Secret(WORD)))
    settings.CREDENTIAL_KEYS = [NEW]
    with pytest.raises(CredentialsUnreadable, match="CREDENTIAL_KEYS"):
        sealed.reveal()


@pytest.mark.django_db
def test_a_lost_key_does_not_keep_pools_from_being_listed(settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    stored()
    settings.CREDENTIAL_KEYS = [NEW]
    assert [pool.name for pool in Pool.objects.all()] == ["amber"]


@pytest.mark.django_db
def test_rotation_makes_the_old_key_needless(settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    stored()
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    out = io.StringIO()
    call_command("rotate_credentials", stdout=out)
    assert "Encrypted 3 credentials" in out.getvalue()
    settings.CREDENTIAL_KEYS = [NEW]
    assert Pool.objects.get().password.reveal() == WORD
    assert CloudStack.objects.get().secret_key.reveal() == WORD


@pytest.mark.django_db
def test_rotation_without_the_old_key_changes_nothing(settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    stored()
    settings.CREDENTIAL_KEYS = [NEW]
    with pytest.raises(CommandError, match=r"CREDENTIAL_KEYS.*Nothing was changed"):
        call_command("rotate_credentials")
    settings.CREDENTIAL_KEYS = [OLD]
    assert Pool.objects.get().password.reveal() == WORD
