"""Who may do what with a case: viewer, planner or approver, by django-guardian's permissions on the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cache
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import ForeignKey, Model, Q, QuerySet
from django.http import HttpRequest
from guardian.shortcuts import assign_perm

from regions.models import Case


class Role(IntEnum):
    """Each role includes the ones before it."""

    VIEWER = 1
    PLANNER = 2
    APPROVER = 3

    @property
    def codename(self) -> str:
        """The permission on the case that gives this role; held without a case it gives the role on all of them."""
        return CODENAMES[self]


CODENAMES = {Role.VIEWER: "view_case", Role.PLANNER: "plan_case", Role.APPROVER: "approve_case"}
ROLES = {codename: role for role, codename in CODENAMES.items()}


@dataclass(frozen=True)
class Access:
    """What one user may do: a role on every case, and the highest role on single cases."""

    everywhere: Role | None = None
    by_case: Mapping[int, Role] = field(default_factory=dict)

    def may(self, role: Role, case_id: int | None) -> bool:
        """Whether the role is held on this case; rows of no case need it on all."""
        held = max(self.everywhere or 0, self.by_case.get(case_id, 0) if case_id is not None else 0)
        return held >= role

    def anywhere(self, role: Role) -> bool:
        """Whether the role is held on any case."""
        return (self.everywhere or 0) >= role or any(held >= role for held in self.by_case.values())

    def cases(self, role: Role) -> list[int]:
        """Ids of the single cases on which the role is held."""
        return sorted(case_id for case_id, held in self.by_case.items() if held >= role)

    def limit(self, rows: QuerySet[Any], role: Role = Role.VIEWER) -> QuerySet[Any]:
        """The rows of cases on which the role is held; rows of models that belong to no case as they are."""
        model: Any = rows.model
        path = case_path(model)
        if path is None or (self.everywhere or 0) >= role:
            return rows
        return rows.filter(Q(**{f"{path}__in" if path else "pk__in": self.cases(role)}))

    def capped(self, most: Role | None) -> Access:
        """The same with no role above `most`, as a token's scopes ask; None leaves nothing."""
        if most is None:
            return Access()
        return replace(
            self,
            everywhere=min(self.everywhere, most) if self.everywhere else None,
            by_case={case_id: min(held, most) for case_id, held in self.by_case.items()},
        )


# All roles of a user in one query, since every request asks: own and by groups, on all cases ('') and on single ones.
HELD = """
    WITH roles AS (
        SELECT id, codename FROM auth_permission
        WHERE content_type_id = %(kind)s AND codename IN ('view_case', 'plan_case', 'approve_case')
    )
    SELECT '', codename FROM auth_user_user_permissions held
        JOIN roles ON roles.id = held.permission_id WHERE held.user_id = %(user)s
    UNION ALL
    SELECT '', codename FROM auth_group_permissions held
        JOIN auth_user_groups one ON one.group_id = held.group_id
        JOIN roles ON roles.id = held.permission_id WHERE one.user_id = %(user)s
    UNION ALL
    SELECT object_pk, codename FROM guardian_userobjectpermission held
        JOIN roles ON roles.id = held.permission_id WHERE held.user_id = %(user)s
    UNION ALL
    SELECT object_pk, codename FROM guardian_groupobjectpermission held
        JOIN auth_user_groups one ON one.group_id = held.group_id
        JOIN roles ON roles.id = held.permission_id WHERE one.user_id = %(user)s
"""


def access_of(user: AbstractBaseUser | AnonymousUser) -> Access:
    """Read the roles of a user: own and by groups, on single cases and on all."""
    if not isinstance(user, User) or not user.is_active:
        return Access()
    if user.is_superuser:
        return Access(everywhere=Role.APPROVER)
    everywhere: Role | None = None
    by_case: dict[int, Role] = {}
    with connection.cursor() as cursor:
        cursor.execute(HELD, {"kind": ContentType.objects.get_for_model(Case).pk, "user": user.pk})
        for object_pk, codename in cursor.fetchall():
            role = ROLES[codename]
            if object_pk:
                by_case[int(object_pk)] = max(by_case.get(int(object_pk), role), role)
            else:
                everywhere = max(everywhere or role, role)
    return Access(everywhere=everywhere, by_case=by_case)


def request_access(request: HttpRequest) -> Access:
    """The access of the request's user, read once per request; a token's scopes set the most that it may do."""
    user = request.user
    kept: tuple[Any, Any, Access] | None = getattr(request, "_case_access", None)
    token: Any = getattr(request, "auth", None)
    if kept is None or kept[:2] != (user.pk, token):
        access = access_of(user)
        if hasattr(token, "highest_role"):
            access = access.capped(token.highest_role())
        kept = (user.pk, token, access)
        request._case_access = kept  # type: ignore[attr-defined]
    return kept[2]


@cache
def case_path(model: Any) -> str | None:
    """The lookup from a model to its case ('run__case'), '' for the case itself, None where there is none.

    A model's own case counts first, then the case of what it is part of; batches are the way of imports and not of
    belonging, and links that may be empty say nothing.
    """
    if model is Case:
        return ""
    links = {one.name: one for one in model._meta.get_fields() if isinstance(one, ForeignKey)}
    if "case" in links and links["case"].related_model is Case:
        return "case"
    for name, link in links.items():
        target = link.related_model
        if name == "batch" or link.null or not isinstance(target, type) or target is model:
            continue
        if target._meta.app_label not in ("regions", "planner"):
            continue
        if (rest := case_path(target)) is not None:
            return f"{name}__{rest}" if rest else name
    return None


def case_id_of(row: Model) -> int | None:
    """The id of the case that a row belongs to."""
    path = case_path(type(row))
    if path is None:
        return None
    if not path:
        return row.pk
    *steps, last = path.split("__")
    target: Any = row
    for step in steps:
        target = getattr(target, step)
    value: int | None = getattr(target, f"{last}_id")
    return value


# --- Groups -----------------------------------------------------------------------------------------------------------


def role_group(case: Case, role: Role) -> Group:
    """The group whose members have the role on the case, made when it is first asked for.

    Its name carries the id, since a case may be renamed and another take its old name.
    """
    group, _ = Group.objects.get_or_create(name=f"case {case.pk}: {role.name.lower()}")
    for included in Role:
        if included <= role:
            assign_perm(f"regions.{included.codename}", group, case)
    return group


def members(case: Case, role: Role) -> QuerySet[User]:
    """The members of the role's group."""
    return User.objects.filter(groups__name=f"case {case.pk}: {role.name.lower()}").order_by("username")


def set_members(case: Case, role: Role, users: Any) -> None:
    """Exactly these users have the role by its group."""
    role_group(case, role).user_set.set(users)


def grant(user: User, case: Case, role: Role) -> None:
    """Give the role to one user."""
    role_group(case, role).user_set.add(user)
