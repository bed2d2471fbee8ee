"""Idempotency-Key: a repeated request gets the answer of the first and does nothing again."""

import json
from collections.abc import Callable
from typing import Any, cast

from django.db import IntegrityError, transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from planner.models import IdempotencyKey
from planner.models.idempotency_key import LONGEST_KEY
from planner.snapshot import digest_of
from regions.api.problems import Refused

HEADER = "Idempotency-Key"


def answered_once(request: Request, act: Callable[[], Response]) -> Response:
    """Run `act` in a transaction; with a key, keep its answer beside what it wrote, or give the kept one again.

    A request that failed left nothing and keeps no answer: it may be mended and sent again under its key.
    """
    key = request.headers.get(HEADER, "")
    if not key:
        with transaction.atomic():
            return act()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise serializers.ValidationError({HEADER: [f"expected at most {LONGEST_KEY} printable characters"]})
    digest = digest_of({"method": request.method, "path": request.path, "body": request.data})
    if (kept := kept_answer(request, key, digest)) is not None:
        return kept
    try:
        with transaction.atomic():
            response = act()
            IdempotencyKey.objects.create(
                user_id=cast(int, request.user.pk),
                key=key,
                request_digest=digest,
                status=response.status_code,
                location=response.headers.get("Location", ""),
                body=plain(response.data),
            )
            return response
    except IntegrityError:
        # The same key at the same time: the other one was first, and this one's work is undone with its transaction.
        kept = kept_answer(request, key, digest)
        if kept is None:
            raise
        return kept


def kept_answer(request: Request, key: str, digest: str) -> Response | None:
    """The answer kept under the key; refused where the key stood for another request."""
    row = IdempotencyKey.objects.filter(user_id=cast(int, request.user.pk), key=key).first()
    if row is None:
        return None
    if row.request_digest != digest:
        raise Refused([f"{HEADER} {key!r} was used for another request; take a new one"])
    response = Response(row.body, status=row.status)
    if row.location:
        response.headers["Location"] = row.location
    response.headers["Idempotency-Replayed"] = "true"
    return response


def plain(data: Any) -> Any:
    """Serialised data as plain JSON values."""
    return json.loads(json.dumps(data, cls=JSONEncoder))
