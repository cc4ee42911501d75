"""Authenticators' secrets under a new key: allauth keeps them inside a JSON column, where the general rotation does not look."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from pod_hub.accounts.second_factor import CONTEXT
from pod_hub.core.key_rotation import Rotated, Unopenable
from pod_hub.core.sealing import CannotOpen, active_key_id, key_id_of, reseal

TABLE, COLUMN = Authenticator._meta.db_table, "data"
SECRET_KEYS = ("secret", "seed")
NOT_SEALED = "(not sealed)"


class AuthenticatorSecrets:
    """The sealed values of ``mfa_authenticator.data``: one in each row of an app and of recovery codes, none in a passkey's."""

    table, column = TABLE, COLUMN

    def keys_in_use(self) -> dict[str, int]:
        """Return {key id: values}."""
        found: Counter[str] = Counter()
        for data in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).values_list("data", flat=True).iterator():
            found.update(_key_of(text) for text in _secrets(data))
        return dict(found)

    def rotate(self, *, batch: int) -> Rotated:
        """Reseal what the newest key does not seal yet; rows that somebody signs in with at this moment are waited for, one at a time."""
        done = Rotated(TABLE, COLUMN)
        rows = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk")
        for pk in list(rows.values_list("pk", flat=True).iterator(chunk_size=batch)):
            with transaction.atomic():
                row = Authenticator.objects.select_for_update().filter(pk=pk).first()
                if row is None or all(_key_of(text) == active_key_id() for text in _secrets(row.data)):
                    continue
                try:
                    row.data = _replaced(row.data, _resealed)
                except (CannotOpen, binascii.Error) as error:
                    done.unopenable.append(Unopenable(TABLE, COLUMN, pk, str(error)))
                else:
                    row.save(update_fields=["data"])
                    done.resealed += 1
        return done


def _secrets(data: dict[str, Any]) -> list[str]:
    return [data[key] for key in SECRET_KEYS if key in data]


def _replaced(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    return {key: change(value) if key in SECRET_KEYS else value for key, value in data.items()}


def _resealed(text: str) -> str:
    return base64.b64encode(reseal(base64.b64decode(text, validate=True), context=CONTEXT)).decode()


def _key_of(text: str) -> str:
    try:
        sealed = base64.b64decode(text, validate=True)
    except binascii.Error:
        return NOT_SEALED
    return key_id_of(sealed) if sealed[:1] == b"\x01" and b"\0" in sealed[1:] else NOT_SEALED
