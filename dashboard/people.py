"""Who may do what: four roles as Django groups, each holding all that the one before it may.

The permissions' codenames are declared by the models of the rooms; here is who gets them. Granted anew after every
migration, so that a new permission reaches its roles without anybody's doing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.models import AbstractUser, AnonymousUser, Group, Permission
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

View = TypeVar("View", bound=Callable[..., HttpResponse])

ROLES: dict[str, tuple[str, ...]] = {
    "viewer": ("pools.view_pool", "workflows.view_run"),
    "operator": (
        *("workflows.start_run", "workflows.confirm_step", "workflows.take_over_run"),
        "notices.silence",
    ),
    "approver": ("workflows.approve_run",),
    "admin": (
        *("pools.add_pool", "pools.change_pool", "pools.delete_pool"),
        *("pools.add_cloudstack", "pools.change_cloudstack", "pools.delete_cloudstack"),
        *("notices.add_route", "notices.change_route", "notices.delete_route"),
        *("auth.view_user", "auth.add_user", "auth.change_user", "auth.view_group"),
    ),
}
"""Role → what it adds to the role before it."""

MAY = {
    "workflows.start_run": "start a run",
    "workflows.confirm_step": "confirm a step or decide about a failure",
    "workflows.take_over_run": "take over a run",
    "workflows.approve_run": "approve or refuse a run",
    "pools.add_pool": "connect a pool",
    "pools.change_pool": "change a pool’s settings",
    "pools.add_cloudstack": "connect a CloudStack",
    "notices.silence": "acknowledge and silence troubles",
    "notices.change_route": "decide who is notified",
}


def permissions_of(role: str) -> list[str]:
    """Everything a role may, its own and what the lesser roles may."""
    names = list(ROLES)
    return [p for each in names[: names.index(role) + 1] for p in ROLES[each]]


def grant_roles(**_: Any) -> None:
    """Make the groups and give them their permissions (signal handler of post_migrate; safe to run again)."""
    for role in ROLES:
        group, _made = Group.objects.get_or_create(name=role)
        wanted = Q(pk=None)
        for name in permissions_of(role):
            app, codename = name.split(".")
            wanted |= Q(content_type__app_label=app, codename=codename)
        group.permissions.set(Permission.objects.filter(wanted))


def role_of(user: AbstractUser | AnonymousUser) -> str:
    """The highest role in a word; `superuser` above all, `no role` for somebody who has none."""
    if not user.is_authenticated:
        return "not signed in"
    if user.is_superuser:
        return "superuser"
    names = set(user.groups.values_list("name", flat=True))
    return next((role for role in reversed(ROLES) if role in names), "no role")


def roles_with(permission: str) -> list[str]:
    """The roles that may do it, the least first."""
    return [role for role in ROLES if permission in permissions_of(role)]


def requires(permission: str) -> Callable[[View], View]:
    """Only people with that permission; others get a page that says which role may, and whom to ask."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.has_perm(permission):
                return view(request, *args, **kwargs)
            return refused(request, permission)

        return cast("View", guarded)

    return decorate


def refused(request: HttpRequest, permission: str) -> HttpResponse:
    """The 403 page: what is missing, who has it, and whom to ask."""
    roles = roles_with(permission)
    context = {
        "may": MAY.get(permission, "do this"),
        "roles": roles,
        "mine": role_of(request.user),
        "ask": names_in(roles),
    }
    return render(request, "403.html", context, status=403)


def names_in(roles: list[str]) -> list[str]:
    """Names of the people who have one of these roles."""
    groups = Group.objects.filter(name__in=roles).prefetch_related("user_set")
    return sorted({u.get_full_name() or u.get_username() for g in groups for u in g.user_set.all()})
