"""Files of reports for browsers: served without any right to run something, and by links that expire."""

import base64
import hashlib
import re
from urllib.parse import quote

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from planner.reports.media_types import MEDIA_TYPES
from planner.services.parcels import linked_file
from regions.access import Role, access_of, request_access

INLINE_STYLE = re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL)


@require_safe
def report_file(request: HttpRequest, token: str) -> HttpResponse:
    """The file that a signed link names, for those who may read it now; 404 once the link has expired."""
    file = linked_file(token)
    if file is None:
        raise Http404
    schedule = file.occurrence.schedule
    if schedule.link_sign_in:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        allowed = request_access(request).may(Role.VIEWER, schedule.case_id)
    else:
        # The link itself is the key, for as long as the person who gave it out may read the case.
        allowed = access_of(User.objects.get(pk=schedule.run_as_id)).may(Role.VIEWER, schedule.case_id)
    if not allowed:
        raise Http404
    response = file_response(file.name, file.format, bytes(file.content or b""))
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def file_response(name: str, kind: str, content: bytes) -> HttpResponse:
    """A report's file; HTML opens in the browser, in a sandbox without scripts, the others are downloads."""
    charset = "; charset=utf-8" if kind in ("html", "csv", "json") else ""
    response = HttpResponse(content, content_type=MEDIA_TYPES[kind] + charset)
    way = "inline" if kind == "html" else "attachment"
    response.headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if kind == "html":
        response.headers["Content-Security-Policy"] = sandbox_policy(content)
    return response


def sandbox_policy(content: bytes) -> str:
    """Nothing but the report's own style sheet, by its hash, and its own pictures; links open elsewhere."""
    styles = " ".join(style_hash(style) for style in INLINE_STYLE.findall(content)) or "'none'"
    return (
        f"sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src {styles}; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def style_hash(style: bytes) -> str:
    """The source expression that allows exactly this style sheet."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"
