"""Making and revoking API keys."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

import structlog
from django.db import transaction
from django.utils.timezone import now

from pod_hub.accounts.api.keys import HASH_KIND
from pod_hub.accounts.models import ApiKey, Scope, User
from pod_hub.core.public_ids import ALPHABET
from pod_hub.core.sealing import secret_hash

log = structlog.get_logger(__name__)


def _random(characters: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _place in range(characters))


@transaction.atomic
def make_key(*, name: str, scopes: Iterable[Scope], expires_at: datetime | None, by: User | None) -> tuple[ApiKey, str]:
    """Store a key of the open scope's PSP; return it with its text, which exists nowhere else and cannot be shown again.

    The text is ``hub_`` and 8 characters that find the row (40 bits), then 32 that prove it (160 bits).
    """
    prefix, secret = f"hub_{_random(8)}", _random(32)
    text = f"{prefix}_{secret}"
    key = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        secret_hash=secret_hash(text, kind=HASH_KIND),
        scopes=sorted({scope.value for scope in scopes}),
        expires_at=expires_at,
        created_by=by,
    )
    log.info("api_key_made", program=key.public_id, scopes=key.scopes, by=by.pk if by else None)
    return key, text


@transaction.atomic
def revoke_key(*, key_id: int, by: User | None) -> bool:
    """End a key at once; False when it was revoked already. Requests that are being answered are answered."""
    key = ApiKey.reread(key_id)
    if key.revoked_at is not None:
        return False
    key.revoked_at, key.revoked_by = now(), by
    key.save(update_fields=["revoked_at", "revoked_by"])
    log.info("api_key_revoked", program=key.public_id, by=by.pk if by else None)
    return True
