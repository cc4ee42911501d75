"""How the API shows stores."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pod_hub.accounts.api.lists import ListParameters
from stores.channels.registry import ChannelKind
from stores.models import Store


class CustomerShape(serializers.Serializer[Any]):
    """A merchant of the print provider."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()


class StoreShape(serializers.Serializer[Any]):
    """A shop on one marketplace. ``connection_state`` is null for a store that has no connection."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in ChannelKind])
    marketplace = serializers.CharField()
    customer = CustomerShape()
    facility = serializers.CharField(source="facility.public_id")
    connection_state = serializers.SerializerMethodField()
    last_import_at = serializers.SerializerMethodField()

    def get_connection_state(self, store: Store) -> str | None:
        """Where the connection stands."""
        connection = getattr(store, "connection", None)
        return connection.state if connection else None

    def get_last_import_at(self, store: Store) -> str | None:
        """When orders were last asked for with success."""
        connection = getattr(store, "connection", None)
        shown: str | None = (
            serializers.DateTimeField().to_representation(connection.last_import_at) if connection and connection.last_import_at else None
        )
        return shown


class StorePage(serializers.Serializer[Any]):
    """A page of stores."""

    items = StoreShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class StoreParameters(ListParameters):
    """The filters of the store list."""

    customer = serializers.CharField(required=False, max_length=40, help_text="Only stores of this customer.")
    kind = serializers.ChoiceField(required=False, choices=[kind.value for kind in ChannelKind], help_text="Where the store sells.")


STORE_EXAMPLE = {
    "id": "sto_3c5e7g9j2m4p6r8t",
    "name": "Ada Amazon.de",
    "kind": "amazon",
    "marketplace": "A1PA6795UKMFR9",
    "customer": {"id": "cus_2a4c6e8g1j3m5p7r", "name": "Ada"},
    "facility": "fac_9b7d5f3h1k8m6p4r",
    "connection_state": "connected",
    "last_import_at": "2026-11-21T12:03:00Z",
}
