"""Idempotency keys: a repeated POST gets the first answer and does nothing (docs/api.md, "Repeating a request").

The answer is written in the transaction of the effects, so no moment exists in which the one is there without the other, and a crash
leaves neither. Whoever comes while the first is running meets its advisory lock, which PostgreSQL drops with the transaction.
"""

from __future__ import annotations

from collections.abc import Callable

import orjson
from django.db import connection
from django.utils.timezone import now
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from pod_hub.accounts.api.keys import Caller
from pod_hub.accounts.api.problems import CONTENT_TYPE, InProgress, KeyReused, Unreadable
from pod_hub.accounts.models import KeptAnswer
from pod_hub.core.pace import scaled
from pod_hub.core.sealing import sealed_field, secret_hash

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_S = 86_400
_FORGET_AT_ONCE = 200


def key_of(request: Request) -> str:
    """Return the request's idempotency key, empty without one; ``Unreadable`` for one that is no short plain text."""
    key: str | None = request.headers.get(HEADER)
    if key is None:
        return ""
    if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Unreadable(_("The Idempotency-Key must be 1 to 255 printable ASCII characters, such as a UUID."))
    return key


def answer_once(request: Request, caller: Caller, key: str, decide: Callable[[], Response]) -> Response:
    """Return the answer kept for this key, or the one that ``decide`` makes now, and keep that.

    Call it inside the tenant's scope. ``decide`` must undo its effects when it refuses. What it raises undoes everything, so that a
    request that failed by our fault may be tried again. Raises ``InProgress`` and ``KeyReused``.
    """
    key_hash = secret_hash(f"{caller.key_id}|{key}", kind="idempotency")
    asked = secret_hash(f"{request.method} {request.get_full_path()}\n{_canonical(request.body)}", kind="request")
    if not _alone(key_hash):
        raise InProgress(_("The first request with this key is still running. Repeat it in a second to get its answer."))
    kept = KeptAnswer.objects.filter(api_key_id=caller.key_id, key_hash=key_hash).first()
    if kept is not None and kept.kept_at < now() - scaled(KEPT_S):
        kept.delete()
        kept = None
    if kept is not None:
        if kept.request_hash != asked:
            raise KeyReused(_("This key came with another address or body before. Use a fresh key for each new request."))
        return _replay(kept)
    answer = decide()
    _keep(KeptAnswer(api_key_id=caller.key_id, key_hash=key_hash, request_hash=asked), answer)
    return answer


def _alone(key_hash: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [key_hash])
        return bool(cursor.fetchone()[0])


def _canonical(body: bytes) -> str:
    """Return the body with its names sorted, so that another spelling of the same values is the same request."""
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONDecodeError:
        return body.hex()


def _keep(row: KeptAnswer, answer: Response) -> None:
    old = KeptAnswer.objects.filter(kept_at__lt=now() - scaled(KEPT_S)).values("pk")[:_FORGET_AT_ONCE]
    KeptAnswer.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    row.check_tenant()
    sealed_field(KeptAnswer, "answer_sealed").seal_into(
        row, {"status": answer.status_code, "body": answer.data, "location": answer.get("Location", "")}
    )
    row.save()


def _replay(kept: KeptAnswer) -> Response:
    told = sealed_field(KeptAnswer, "answer_sealed").open_from(kept)
    answer = Response(told["body"], status=told["status"], content_type=CONTENT_TYPE if told["status"] >= 400 else None)
    if told["location"]:
        answer["Location"] = told["location"]
    answer[REPLAYED] = "true"
    return answer
