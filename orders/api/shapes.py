"""How the API shows orders, and what it reads in requests about them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from orders.models import HoldKind, IntakeRecord
from orders.states import LineState, OrderState
from pod_hub.accounts.api.lists import ListParameters
from pod_hub.core.outbox import Delivery
from stores.api.shapes import CustomerShape
from stores.channels.types import ChannelState

ORDER_STATES = [state.value for state in OrderState]


class OrderStoreShape(serializers.Serializer[Any]):
    """The store an order came from."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    kind = serializers.CharField()


class LineFileShape(serializers.Serializer[Any]):
    """One file that a line is printed from. ``mark`` asks for it; the first file's is empty. The millimetres are what its print area was, without bleed."""

    mark = serializers.CharField(allow_blank=True)
    product_uid = serializers.CharField(source="product.uid", default=None, allow_null=True)
    print_area = serializers.CharField(source="area.key", default=None, allow_null=True)
    width_mm = serializers.IntegerField(source="print_file.width_mm", allow_null=True)
    height_mm = serializers.IntegerField(source="print_file.height_mm", allow_null=True)
    bleed_mm = serializers.IntegerField(source="print_file.bleed_mm", allow_null=True)
    pieces = serializers.IntegerField()
    sha256 = serializers.CharField(source="print_file.sha256")
    content_type = serializers.CharField(source="print_file.content_type")


class LineShape(serializers.Serializer[Any]):
    """One order line. ``pieces`` is what has to be made: units times pieces per unit."""

    id = serializers.CharField(source="public_id")
    external_line_id = serializers.CharField()
    sku = serializers.CharField()
    title = serializers.CharField()
    product_uid = serializers.CharField(source="customer_product.uid", default=None, allow_null=True)
    state = serializers.ChoiceField(choices=[state.value for state in LineState])
    quantity = serializers.IntegerField()
    quantity_shipped = serializers.IntegerField()
    pieces = serializers.SerializerMethodField()
    is_personalised = serializers.BooleanField()
    print_file_sha256 = serializers.CharField(source="print_file.sha256", default=None, allow_null=True)

    print_files = LineFileShape(source="files", many=True)

    def get_pieces(self, line: Any) -> int:
        """How many pieces have to be made."""
        return int(line.quantity * line.pieces_each)


class OrderShape(serializers.Serializer[Any]):
    """An order without its buyer. ``channel_status`` is the marketplace's own word, ``channel_state`` our reading of it."""

    id = serializers.CharField(source="public_id")
    order_number = serializers.CharField(source="external_id")
    store = OrderStoreShape()
    customer = CustomerShape(source="store.customer")
    facility = serializers.CharField(source="facility.public_id")
    state = serializers.ChoiceField(choices=ORDER_STATES)
    channel_state = serializers.ChoiceField(choices=[state.value for state in ChannelState])
    channel_status = serializers.CharField()
    marketplace = serializers.CharField()
    placed_at = serializers.DateTimeField()
    ship_by = serializers.DateTimeField(allow_null=True)
    deliver_by = serializers.DateTimeField(allow_null=True)
    service_level = serializers.CharField()
    total = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    ship_to_country = serializers.CharField()
    open_holds = serializers.IntegerField()
    imported_at = serializers.DateTimeField()
    lines = serializers.SerializerMethodField()

    def get_lines(self, order: Any) -> list[dict[str, Any]]:
        """The lines, from what was prefetched."""
        return list(LineShape(order.lines.all(), many=True).data)


class HoldShape(serializers.Serializer[Any]):
    """A reason to wait, open until ``released_at``. ``line`` is null for a hold on the whole order."""

    id = serializers.CharField(source="public_id")
    kind = serializers.ChoiceField(choices=[kind.value for kind in HoldKind])
    line = serializers.CharField(source="line.public_id", default=None, allow_null=True)
    reason = serializers.CharField()
    opened_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField(allow_null=True)
    release_reason = serializers.CharField()


class ContentShape(serializers.Serializer[Any]):
    """How many units of a line are in a package."""

    line = serializers.CharField(source="line.public_id")
    quantity = serializers.IntegerField()


class PackageShape(serializers.Serializer[Any]):
    """One parcel that left."""

    id = serializers.CharField(source="public_id")
    number = serializers.IntegerField()
    carrier_code = serializers.CharField()
    carrier_name = serializers.CharField()
    shipping_method = serializers.CharField()
    tracking_number = serializers.CharField()
    shipped_at = serializers.DateTimeField()
    contents = ContentShape(source="items", many=True)


class PushShape(serializers.Serializer[Any]):
    """A fact that the marketplace is told, and how far that is: `confirmed` means it was read back."""

    id = serializers.CharField(source="public_id")
    kind = serializers.CharField()
    package = serializers.CharField(source="package.public_id", default=None, allow_null=True)
    delivery = serializers.ChoiceField(choices=[delivery.value for delivery in Delivery])
    created_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    read_back_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField()


class EventShape(serializers.Serializer[Any]):
    """One entry of the timeline."""

    at = serializers.DateTimeField()
    kind = serializers.CharField()
    line = serializers.CharField(source="line.public_id", default=None, allow_null=True)
    actor = serializers.CharField(source="actor_label")
    summary = serializers.CharField()


class AddressShape(serializers.Serializer[Any]):
    """A delivery address."""

    name = serializers.CharField()
    company = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())
    city = serializers.CharField()
    district = serializers.CharField()
    region = serializers.CharField()
    postcode = serializers.CharField()
    country = serializers.CharField()
    phone = serializers.CharField()
    instructions = serializers.CharField()


class GiftShape(serializers.Serializer[Any]):
    """The gift wishes for one line, by the marketplace's number of the line."""

    external_line_id = serializers.CharField()
    message = serializers.CharField()
    wrap = serializers.CharField()


class TextFieldShape(serializers.Serializer[Any]):
    """One field of a buyer's own text."""

    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()


class TextShape(serializers.Serializer[Any]):
    """The buyer's own text for one line."""

    line = serializers.CharField()
    entries = TextFieldShape(many=True)


class BuyerShape(serializers.Serializer[Any]):
    """Who bought: personal data that expires. Only for keys with `buyers:read`; null once it was purged."""

    name = serializers.CharField()
    email = serializers.CharField()
    ship_to = AddressShape(allow_null=True)
    gifts = GiftShape(many=True)
    texts = TextShape(many=True)


class FullOrderShape(OrderShape):
    """An order with all that is known about it. `buyer` is there only for keys with the scope `buyers:read`."""

    holds = HoldShape(many=True)
    packages = PackageShape(many=True)
    pushes = PushShape(many=True)
    timeline = EventShape(many=True)
    buyer = BuyerShape(required=False, allow_null=True)


class OrderPage(serializers.Serializer[Any]):
    """A page of orders."""

    items = OrderShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class OrderParameters(ListParameters):
    """The filters of the order list."""

    state = serializers.ChoiceField(required=False, choices=ORDER_STATES, help_text="Where the order is now.")
    store = serializers.CharField(required=False, max_length=40, help_text="Id of a store.")
    customer = serializers.CharField(required=False, max_length=40, help_text="Id of a customer.")
    order_number = serializers.CharField(required=False, max_length=80, help_text="The marketplace's number, exactly.")
    placed_since = serializers.DateTimeField(required=False, help_text="Placed at or after this moment.")
    updated_since = serializers.DateTimeField(required=False, help_text="With an entry on the timeline at or after this moment.")


class RecordShape(serializers.Serializer[Any]):
    """One order as a marketplace told it at one revision, and what we decided by which rule."""

    order_number = serializers.CharField(source="external_id")
    revision = serializers.DateTimeField()
    store = serializers.CharField(source="store.public_id", default=None, allow_null=True)
    marketplace = serializers.CharField()
    road = serializers.ChoiceField(choices=IntakeRecord.Road.values)
    seen_at = serializers.DateTimeField()
    verdict = serializers.ChoiceField(choices=IntakeRecord.Verdict.values)
    rule = serializers.CharField()
    reason = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)
    order = serializers.CharField(source="order.public_id", default=None, allow_null=True)


class RecordPage(serializers.Serializer[Any]):
    """A page of the ledger."""

    items = RecordShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class RecordParameters(ListParameters):
    """The filters of the ledger."""

    verdict = serializers.ChoiceField(required=False, choices=IntakeRecord.Verdict.values, help_text="What we decided.")
    road = serializers.ChoiceField(required=False, choices=IntakeRecord.Road.values, help_text="How it came to us.")
    store = serializers.CharField(required=False, max_length=40, help_text="Id of a store.")
    order_number = serializers.CharField(required=False, max_length=80, help_text="The marketplace's number, exactly.")
    seen_since = serializers.DateTimeField(required=False, help_text="First seen at or after this moment.")


# --- What is sent in --------------------------------------------------------------------------------------------------
class NewAddress(serializers.Serializer[Any]):
    """Where the order goes."""

    name = serializers.CharField(max_length=120)
    company = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    lines = serializers.ListField(child=serializers.CharField(max_length=120), min_length=1, max_length=4, help_text="Street and number first.")
    city = serializers.CharField(max_length=80)
    region = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    postcode = serializers.CharField(max_length=20)
    country = serializers.RegexField(
        r"^[A-Z]{2}$",
        help_text="ISO 3166-1 alpha-2; the United Kingdom is GB.",
        error_messages={"invalid": _("Give two capital letters, such as DE.")},
    )
    phone = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    instructions = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class NewLine(serializers.Serializer[Any]):
    """One line of a manual order."""

    product_uid = serializers.CharField(max_length=60)
    quantity = serializers.IntegerField(min_value=1, max_value=100_000)
    design = serializers.CharField(max_length=40, required=False, default="", allow_blank=True, help_text="Id of a design of the store's customer.")


class NewOrder(serializers.Serializer[Any]):
    """A manual order."""

    store = serializers.CharField(max_length=40, help_text="Id of a store of kind manual.")
    order_number = serializers.RegexField(
        r"^[\w.:/#+-]{1,80}$", help_text="The merchant's own number, unique in the store.",
        error_messages={"invalid": _("Use 1 to 80 letters, digits and . _ - : / # +")},
    )  # fmt: skip
    placed_at = serializers.DateTimeField(required=False, help_text="Now, if left out.")
    ship_by = serializers.DateTimeField(required=False)
    email = serializers.EmailField(required=False, default="", allow_blank=True, error_messages={"invalid": _("This is not an e-mail address.")})
    ship_to = NewAddress()
    lines = NewLine(many=True, min_length=1, max_length=100)  # type: ignore[call-arg]


class Move(serializers.Serializer[Any]):
    """A move of lines. Without ``lines``, every line that can go there."""

    to = serializers.ChoiceField(choices=[state.value for state in LineState if state not in {LineState.SHIPPED, LineState.NOT_OURS}])
    lines = serializers.ListField(child=serializers.CharField(max_length=40), required=False, min_length=1, max_length=200, help_text="Ids of lines.")
    reason = serializers.CharField(max_length=300, required=False, default="", allow_blank=True, help_text="Shown on the timeline. No buyer data.")


class Moved(serializers.Serializer[Any]):
    """What was moved; empty when everything was there already."""

    moved = serializers.ListField(child=serializers.CharField(), help_text="Ids of the lines that changed their state.")
    state = serializers.ChoiceField(choices=ORDER_STATES, help_text="The order's state now.")


class HoldRelease(serializers.Serializer[Any]):
    """Why a hold is released."""

    reason = serializers.CharField(max_length=300, help_text="Shown on the timeline. No buyer data.")
    without_files = serializers.BooleanField(
        default=False,
        help_text="For approvals: approve although a print file is still to come from a storage. Files that arrive later are not taken.",
    )


class Released(serializers.Serializer[Any]):
    """Whether this request released the hold, or it had been released before."""

    released = serializers.BooleanField()
