"""What every page has in common: a health check, a strict content policy, nothing from elsewhere."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.urls import reverse

pytestmark = pytest.mark.django_db

ELSEWHERE = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", re.IGNORECASE)
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json)[^>]*>|\son\w+\s*=|\sstyle\s*=|<style", re.I
)


@pytest.fixture
def superuser(client):
    user = get_user_model().objects.create_superuser("root", "root@example.org", "a password for tests")
    client.force_login(user)
    return user


@pytest.mark.needs_database
def test_health(client):
    answer = client.get(reverse("health"))
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_content_policy_allows_nothing_inline(client):
    policy = client.get(reverse("admin:login")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_admin_pages_keep_to_the_policy(client, superuser):
    addresses = [reverse("admin:index")]
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses.append(reverse(f"{name}_changelist"))
        request = client.get(addresses[-1]).wsgi_request
        if model_admin.has_add_permission(request):
            addresses.append(reverse(f"{name}_add"))
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        page = answer.content.decode()
        assert not ELSEWHERE.findall(re.sub(r"<a [^>]*>", "", page)), f"{address} loads from elsewhere"
        assert not INLINE.findall(page), f"{address} has inline code: {INLINE.findall(page)}"


@pytest.mark.parametrize("name", ["schema", "docs"])
def test_api_pages_are_for_people_who_signed_in(client, superuser, name):
    assert client.get(reverse(name)).status_code == 200
    client.logout()
    assert client.get(reverse(name)).status_code in {401, 403}


def test_languages(client):
    assert "Iniciar sesión" in client.get(reverse("admin:login"), headers={"accept-language": "es"}).content.decode()
    assert "Connexion" in client.get(reverse("admin:login"), headers={"accept-language": "fr"}).content.decode()
