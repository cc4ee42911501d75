"""How the API shows products that are added to stores."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from pod_hub.accounts.api.lists import ListParameters
from pod_hub.core.outbox import Delivery
from stores.channels.publishing_types import Severity
from stores.models import Publication
from stores.publishing_presentation import field_label

STATES = [state.value for state in Publication.State]


class TroubleShape(serializers.Serializer[Any]):
    """What the marketplace finds wrong, in its words. ``field`` is the name of what it is about, empty when it is about the whole product."""

    severity = serializers.ChoiceField(choices=[one.value for one in Severity], help_text="An `error` keeps the product from being sold.")
    message = serializers.CharField(source="words")
    field = serializers.CharField()
    field_label = serializers.CharField(help_text="What people call the field.")
    code = serializers.CharField(help_text="The marketplace's own code, empty where it has none.")


class PublicationShape(serializers.Serializer[Any]):
    """A product on its way into a store."""

    id = serializers.CharField(source="public_id")
    store = serializers.CharField(source="store.public_id")
    state = serializers.ChoiceField(choices=STATES)
    is_checked = serializers.BooleanField(help_text="The marketplace's own check found nothing wrong with it as it is now.")
    needs_person = serializers.SerializerMethodField()
    last_error = serializers.CharField(help_text="Why it waits or stopped; empty while all is well.")
    troubles = serializers.SerializerMethodField()
    title = serializers.CharField()
    sku = serializers.CharField()
    price = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    quantity = serializers.IntegerField()
    product_uid = serializers.CharField(source="customer_product.uid")
    design = serializers.CharField(source="design.public_id", allow_null=True, default=None)
    product_id = serializers.CharField(help_text="The marketplace's id of the product, empty until it has one.")
    listing = serializers.CharField(
        source="listing.public_id", allow_null=True, default=None, help_text="The listing that it became, already connected."
    )
    started_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    live_at = serializers.DateTimeField(allow_null=True)
    dropped_at = serializers.DateTimeField(allow_null=True, help_text="When somebody gave it up; lists leave it out then.")

    def get_needs_person(self, row: Publication) -> bool:
        """Whether the hub gave up and somebody has to go on."""
        return row.delivery == Delivery.PARKED

    @extend_schema_field(TroubleShape(many=True))
    def get_troubles(self, row: Publication) -> Any:
        """What the marketplace finds wrong, errors first."""
        told = [one | {"field_label": field_label(row, one["field"]) if one["field"] else ""} for one in row.troubles]
        return TroubleShape(told, many=True).data


class PublicationPage(serializers.Serializer[Any]):
    """A page of products that are added."""

    items = PublicationShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class PublicationParameters(ListParameters):
    """The filters of the list."""

    store = serializers.CharField(required=False, max_length=40, help_text="Only products that are added to this store.")
    state = serializers.ChoiceField(required=False, choices=STATES, help_text="Only products that are in this state.")


PUBLICATION_EXAMPLE: dict[str, Any] = {
    "id": "pub_4e6g8j1m3p5r7t9w",
    "store": "sto_3c5e7g9j2m4p6r8t",
    "state": "rejected",
    "is_checked": False,
    "needs_person": False,
    "last_error": "",
    "troubles": [
        {
            "severity": "error",
            "message": "The main image must be at least 1000 pixels on the longest side.",
            "field": "pictures",
            "field_label": "Pictures",
            "code": "18027",
        }
    ],
    "title": "Mug “Teal”, 11 oz",
    "sku": "MUG-TEAL-11",
    "price": "16.90",
    "currency": "EUR",
    "quantity": 100,
    "product_uid": "MUG-11",
    "design": "des_8d2f5h7j9k1m3n4p",
    "product_id": "B0EXAMPLE1",
    "listing": "lst_6g8j1m3p5r7t9w2y",
    "started_at": "2026-11-20T09:12:00Z",
    "submitted_at": "2026-11-20T09:31:08Z",
    "live_at": None,
    "dropped_at": None,
}
