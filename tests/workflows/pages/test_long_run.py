"""The page of a long run: as many queries as that of a short one."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bench.run_page import GOAL_QUERIES, long_run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("steps", "lines"), [(4, 20), (200, 1_000)])
def test_the_number_of_queries_does_not_grow_with_the_run(
    steps: int, lines: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    run = long_run(steps, lines)
    client = Client()
    client.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    with django_assert_max_num_queries(GOAL_QUERIES):
        assert client.get(f"/runs/{run.pk}/").status_code == 200
