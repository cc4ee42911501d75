"""Shipping by API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fulfillment.models import Package, Push
from fulfillment.selectors import carriers_of
from fulfillment.services.cancelling import CannotCancel, cancel_lines
from fulfillment.services.shared_parcels import same_number_elsewhere, shared_in_words
from fulfillment.services.shipping import CannotShip, Parcel, ship
from fulfillment.services.tracking_numbers import BadTrackingNumber, clean_tracking_number
from orders.access import order_for
from orders.api import examples
from orders.api.shapes import PackageShape, PushShape
from orders.api.views import ORDER_ID, chosen_lines
from orders.models import Order
from orders.states import LineState
from pod_hub.accounts.api.problems import Pointed, Refused
from pod_hub.accounts.api.views import ApiView
from pod_hub.accounts.models import Scope
from pod_hub.core.hints import hint
from stores.channels.registry import CANCEL_REASONS
from stores.channels.telling_types import CancelReason

MOST_PACKAGES = 20
# The plant's clock may run a little ahead of ours.
AHEAD = timedelta(minutes=5)


class Content(serializers.Serializer[Any]):
    """How many units of a line are in the package."""

    line = serializers.CharField(max_length=40, help_text="Id of a line of the order.")
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000)


class NewPackage(serializers.Serializer[Any]):
    """One parcel that left."""

    carrier_code = serializers.CharField(max_length=60, help_text="As the marketplace spells it; `Other` asks for carrier_name.")
    carrier_name = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    tracking_number = serializers.CharField(max_length=100)
    shipping_method = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    same_parcel = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Another order's package of the same carrier has this tracking number, and that is meant: both orders are in one parcel. "
        "Without it such a number is refused.",
    )
    contents = Content(many=True, min_length=1, max_length=200)  # type: ignore[call-arg]

    def validate_tracking_number(self, value: str) -> str:
        """Clean what scanners add; refuse what no carrier prints."""
        try:
            return clean_tracking_number(value)
        except BadTrackingNumber as error:
            raise serializers.ValidationError(str(error)) from None


class NewPackages(serializers.Serializer[Any]):
    """Parcels that left together."""

    packages = NewPackage(many=True, min_length=1, max_length=MOST_PACKAGES)  # type: ignore[call-arg]
    shipped_at = serializers.DateTimeField(required=False, help_text="Now, if left out; not in the future and not before the order was placed.")

    def validate_shipped_at(self, value: Any) -> Any:
        """Refuse the future."""
        if value > now() + AHEAD:
            raise serializers.ValidationError(gettext_lazy("This moment has not come yet. Enter packages when they have left."))
        return value


class Shipped(serializers.Serializer[Any]):
    """What left, and what the marketplace is being told."""

    packages = PackageShape(many=True)
    pushes = PushShape(many=True)
    state = serializers.CharField(help_text="The order's state now.")


class Packages(ApiView):
    """The packages of an order."""

    scopes = {"POST": Scope.PACKAGES_WRITE}

    @extend_schema(
        operation_id="ship_packages",
        tags=["Fulfillment"],
        summary="Enter packages that left",
        description="Records the packages, moves their lines and writes, in the same transaction, what the marketplace has to be told. "
        "All of them or none. Send an Idempotency-Key: a repetition without one is another shipment. A tracking number that another order's package "
        "of the same carrier has is refused (422, pointing at it) unless `same_parcel` says that it is meant; as that is another body, use a fresh key.",
        parameters=[ORDER_ID],
        request=NewPackages,
        responses={201: Shipped},
        examples=[
            OpenApiExample(
                "One package",
                value={
                    "packages": [
                        {
                            "carrier_code": "DHL", "tracking_number": "00340434161094042557",
                            "contents": [{"line": "lin_6q8s1v3x5z7b9d2f", "quantity": 1}],
                        }
                    ]
                },
                request_only=True,
            ),
            OpenApiExample(
                "Left",
                value={
                    "packages": examples.FULL_ORDER["packages"],
                    "pushes": [examples.PUSH | {"delivery": "pending", "accepted_at": None, "read_back_at": None}],
                    "state": "shipped",
                },
                response_only=True,
                status_codes=["201"],
            ),
        ],
    )  # fmt: skip
    def post(self, request: Request, public_id: str) -> Response:
        """Ship packages."""
        order = order_for(public_id)
        form = NewPackages(data=request.data)
        form.is_valid(raise_exception=True)
        parcels = _parcels(order, form.validated_data)
        try:
            shipment = ship(order_id=order.pk, parcels=parcels, actor=self.caller.actor, shipped_at=form.validated_data.get("shipped_at"))
        except CannotShip as error:
            raise Refused(str(error)) from None
        hint("fulfillment.push")
        order.refresh_from_db(fields=["state"])
        packages = list(shipment.packages.prefetch_related("items__line").order_by("number"))
        pushes = Push.objects.filter(package__in=packages).select_related("package").order_by("pk")
        return Response(Shipped({"packages": packages, "pushes": list(pushes), "state": order.state}).data, status=201)


class Cancellation(serializers.Serializer[Any]):
    """Which lines are cancelled, and why."""

    reason = serializers.ChoiceField(choices=CANCEL_REASONS, help_text="The marketplace is told it.")
    lines = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        min_length=1,
        max_length=200,
        help_text="Ids of lines; left out, every open line of which nothing has left.",
    )
    printed = serializers.BooleanField(
        required=False, default=False, help_text="Cancel also what is being printed or packed. Without it such lines are refused."
    )


class Cancelled(serializers.Serializer[Any]):
    """What is cancelled now, and what the marketplace is being told."""

    cancelled = serializers.ListField(child=serializers.CharField(), help_text="Ids of the lines that this request cancelled.")
    push = PushShape(allow_null=True, help_text="Null where no marketplace is told.")
    state = serializers.CharField(help_text="The order's state now.")


class Cancel(ApiView):
    """Cancelling an order or some of its lines."""

    scopes = {"POST": Scope.ORDERS_WRITE}

    @extend_schema(
        operation_id="cancel_order",
        tags=["Fulfillment"],
        summary="Cancel an order or some of its lines",
        description="Cancels the lines and writes, in the same transaction, what the marketplace has to be told. The push ends `confirmed` when the "
        "marketplace shows the cancellation, or `parked` when it refuses. All of the lines or none; lines that are cancelled already are passed over.",
        parameters=[ORDER_ID],
        request=Cancellation,
        responses=Cancelled,
        examples=[
            OpenApiExample("One line", value={"reason": "no_stock", "lines": ["lin_6q8s1v3x5z7b9d2f"]}, request_only=True),
            OpenApiExample(
                "Cancelled",
                value={
                    "cancelled": ["lin_6q8s1v3x5z7b9d2f"],
                    "push": examples.PUSH
                    | {"kind": "order_cancelled", "package": None, "delivery": "pending", "accepted_at": None, "read_back_at": None},
                    "state": "cancelled",
                },
                response_only=True,
                status_codes=["200"],
            ),
        ],
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Cancel lines."""
        order = order_for(public_id)
        form = Cancellation(data=request.data)
        form.is_valid(raise_exception=True)
        sent = form.validated_data
        chosen = chosen_lines(order, sent.get("lines"))
        before = set(order.lines.filter(state=LineState.CANCELLED).values_list("pk", flat=True))
        try:
            push = cancel_lines(
                order_id=order.pk,
                reason=CancelReason(sent["reason"]),
                actor=self.caller.actor,
                line_ids=chosen,
                confirm_printed=sent["printed"],
            )
        except CannotCancel as error:
            raise Refused(str(error)) from None
        order.refresh_from_db(fields=["state"])
        lines = order.lines.filter(state=LineState.CANCELLED).exclude(pk__in=before).order_by("pk")
        told = {"cancelled": list(lines.values_list("public_id", flat=True)), "push": push, "state": order.state}
        return Response(Cancelled(told).data)


def _same_number(order: Order, package: dict[str, Any]) -> Package | None:
    return same_number_elsewhere(
        order_id=order.pk,
        carrier_code=package["carrier_code"],
        carrier_name=package["carrier_name"],
        tracking_number=package["tracking_number"],
    )


def _parcels(order: Order, sent: dict[str, Any]) -> list[Parcel]:
    """Return the parcels with our line numbers; a ``ValidationError`` points at ids and carriers that do not exist, and at numbers to be asked about."""
    known = {public_id: pk for pk, public_id in order.lines.values_list("pk", "public_id")}
    carriers = carriers_of(order)
    wrong, parcels = Pointed(), []
    if (shipped_at := sent.get("shipped_at")) and shipped_at < order.placed_at:
        wrong.add(_("The order was placed after this moment."), "shipped_at")
    for at, package in enumerate(sent["packages"]):
        if carriers and package["carrier_code"] not in carriers:
            wrong.add(
                _("The marketplace knows no carrier of this code. Use one of: %(codes)s.") % {"codes": ", ".join(carriers)},
                "packages",
                at,
                "carrier_code",
            )
        if not package["same_parcel"] and (other := _same_number(order, package)):
            meant = _("Check the number, or send “same_parcel”: true if both orders are in one parcel.")
            wrong.add(f"{shared_in_words(other)} {meant}", "packages", at, "tracking_number")
        quantities: dict[int, int] = {}
        for place, content in enumerate(package["contents"]):
            pk = known.get(content["line"])
            if pk is None:
                wrong.add(_("This order has no line with this id."), "packages", at, "contents", place, "line")
            elif pk in quantities:
                wrong.add(_("This line is in the package already. Name it once, with the sum."), "packages", at, "contents", place, "line")
            else:
                quantities[pk] = content["quantity"]
        parcels.append(
            Parcel(
                package["carrier_code"],
                package["tracking_number"],
                quantities,
                package["carrier_name"],
                package["shipping_method"],
                package["same_parcel"],
            )
        )
    wrong.refuse()
    return parcels
