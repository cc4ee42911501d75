"""Who calls the API: the key in the Authorization header, its scopes, and nobody's session."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.exceptions import PermissionDenied as ScopeMissing
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from pod_hub.accounts.actors import Actor
from pod_hub.accounts.models import ApiKey, Scope
from pod_hub.core.sealing import secret_hash
from pod_hub.core.tenancy import across_tenants

HASH_KIND = "api_key"
_SHAPE = re.compile(r"(hub_[0-9a-z]{8})_([0-9a-z]{32})")
# "Last used" is told to the minute: a write for every request would cost more than the news is worth.
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """The key that a request came with."""

    key_id: int
    public_id: str
    psp_id: int
    name: str
    scopes: frozenset[str]

    @property
    def actor(self) -> Actor:
        """How timelines name what this key did."""
        return Actor(None, _("API key “%(name)s”") % {"name": self.name})

    def may(self, scope: Scope) -> bool:
        """Return whether the key has a scope."""
        return scope.value in self.scopes


class ApiKeyAuthentication(BaseAuthentication):
    """Reads ``Authorization: Bearer hub_…``. ``request.auth`` becomes a ``Caller``; the tenant's scope is opened by the view."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Caller] | None:
        """Return the caller; None without the header. Every failure is told in the same words."""
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        kind, _space, text = header.partition(" ")
        found = _SHAPE.fullmatch(text.strip()) if kind.lower() == "bearer" else None
        caller = find_caller(found[1], found[2]) if found else None
        if caller is None:
            raise AuthenticationFailed(_("The API key is not valid: unknown, expired or revoked. Make a new one under Settings, API keys."))
        structlog.contextvars.bind_contextvars(program=caller.public_id)
        return AnonymousUser(), caller

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme in ``WWW-Authenticate``, which makes it a 401."""
        return 'Bearer realm="hub"'


def find_caller(prefix: str, secret: str) -> Caller | None:
    """Return the live key's caller, or None. In a short transaction of its own, before any tenant's scope."""
    with across_tenants(reason="find whose API key this is"):
        key = ApiKey.objects.filter(prefix=prefix).first()
        # The hash is made in any case, so that a known prefix answers no slower than an unknown one.
        same = hmac.compare_digest(secret_hash(f"{prefix}_{secret}", kind=HASH_KIND), key.secret_hash if key else "")
        if key is None or not same or not key.is_live:
            return None
        _note_use(key)
    return Caller(key.pk, key.public_id, key.psp_id, key.name, frozenset(key.scopes))


def _note_use(key: ApiKey) -> None:
    moment = now()
    if key.last_used_at is None or key.last_used_at < moment - USE_NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=moment - USE_NOTED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=moment)


class HasScope(BasePermission):
    """Lets a caller in whose key has the scope that the view names for the method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return False without a key (a 401); raise a 403 that names the scope. A method the view lacks is not refused here."""
        if not isinstance(request.auth, Caller):
            return False
        needed: Scope | None = view.scopes.get("GET" if request.method == "HEAD" else request.method)
        if needed is not None and not request.auth.may(needed):
            raise ScopeMissing(
                _("The key “%(name)s” lacks the scope %(scope)s. An owner can make a key with it under Settings, API keys.")
                % {"name": request.auth.name, "scope": needed.value}
            )
        return True
