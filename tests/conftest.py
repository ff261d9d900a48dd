"""What every test stands on: settings of its own, a database of its own, and a broker for those that ask.

Set before Django reads its settings, so this file does its work on import.
``TEST_DATABASE=postgresql`` runs the tests that touch a database, and only those, on PostgreSQL: the one in
DATABASE_URL, or one from the wheel.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import keeper

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"
TOUCHES_DATABASE = {"db", "transactional_db", "live_server", "client", "admin_client", "django_user_model"}

# The controller makes the folder; its xdist workers inherit the name and take a room each.
_inherited = os.environ.get(keeper.HOME)
_home = _inherited or tempfile.mkdtemp(prefix="baton-test-")
_keeper = None if _inherited else keeper.start(Path(_home))
os.environ[keeper.HOME] = _home
os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
os.environ["DATA_DIR"] = str(Path(_home, WORKER))
os.environ["SECRET_KEY"] = "only-for-tests-" + "k" * 40
for _name in ("REDIS_URL", "CREDENTIAL_KEYS", "WATCH_INTERVAL", "ALLOWED_HOSTS", "BEHIND_TLS", "DEBUG"):
    os.environ.pop(_name, None)

from tests.support import postgresql, processes  # noqa: E402 - the environment comes first

if ON_POSTGRESQL and not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = postgresql.start(Path(_home, keeper.POSTGRESQL))
elif not ON_POSTGRESQL:
    os.environ.pop("DATABASE_URL", None)

import django  # noqa: E402 - and so for the next: Django reads its settings from it
import hypothesis  # noqa: E402
from django.conf import settings  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402
from pytest_django import DjangoDbBlocker  # noqa: E402

from tests.support import wiping  # noqa: E402
from tests.support.order import long_first  # noqa: E402

# Page tests do not run collectstatic, and a slow password hash proves nothing.
settings.STORAGES["staticfiles"]["BACKEND"] = settings.PLAIN_STATIC
settings.STATIC_ROOT.mkdir(exist_ok=True)
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The same examples in each run, and none of them called slow because the machine is busy: no test may fail by luck.
hypothesis.settings.register_profile(
    "suite", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")
# A conftest below this one may name models, also when pytest is started on its folder alone.
django.setup()
TransactionTestCase._fixture_teardown = wiping.wipe  # type: ignore[attr-defined]  # private to Django


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Workers must not inherit this: pytest-django would read the settings before they have chosen their room."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, run what touches the database: the rest has passed on SQLite already."""
    if ON_POSTGRESQL:
        kept = [item for item in items if _touches_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept
    items[:] = long_first(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def _touches_database(item: pytest.Item) -> bool:
    if item.path.is_relative_to(Path(__file__).parent / "browser"):
        return False  # pages look the same on both, and browsers are slow
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(fixtures & TOUCHES_DATABASE) or item.get_closest_marker("django_db") is not None


def pytest_unconfigure(config: pytest.Config) -> None:
    """The controller cleans up after all its workers; if it is killed before this, its keeper does."""
    if _keeper:
        postgresql.stop()
        _keeper.communicate()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """pytest-django's own, and a note of what the migrations left."""
    with django_db_blocker.unblock():
        wiping.remember()


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """The product's own broker on this worker's socket; gives its URL, which settings.REDIS_URL is too."""
    with processes.running_broker(settings.REDIS_URL):
        yield settings.REDIS_URL
