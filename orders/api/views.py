"""Orders by API: lists, one order, its files, and what may be done with it."""

from __future__ import annotations

import base64
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from catalog.services.print_files import BadPrintFile, content_of
from orders.access import order_for
from orders.api import examples, reading
from orders.api.shapes import (
    FullOrderShape,
    HoldRelease,
    Move,
    Moved,
    NewOrder,
    OrderPage,
    OrderParameters,
    OrderShape,
    RecordPage,
    RecordParameters,
    RecordShape,
    Released,
)
from orders.buyer_looks import BuyerLook
from orders.line_files import file_of
from orders.models import Hold, Order, OrderLine
from orders.services.holds import NotByHand, release_by_person
from orders.services.manual import CannotEnter, ManualLine, ManualOrder, enter_order
from orders.services.print_file_bundle import print_file_name, remember_one_download
from orders.services.production import HeldBack, IllegalTransition, move_lines, release_order
from orders.services.remembering_looks import remember_look
from orders.services.remote.awaiting import FilesAwaited
from orders.states import LineState
from pod_hub.accounts.api.lists import page_of
from pod_hub.accounts.api.problems import Pointed, Refused
from pod_hub.accounts.api.views import ApiView
from pod_hub.accounts.models import Scope
from pod_hub.core.twins import AlreadyThere
from stores.channels.registry import capabilities
from stores.channels.types import Address
from stores.models import Store


def _sent(value: Any) -> OpenApiExample:
    return OpenApiExample("Request", value=value, request_only=True)


def _answered(value: Any, status: str = "200") -> OpenApiExample:
    return OpenApiExample("Answer", value=value, response_only=True, status_codes=[status])


class Orders(ApiView):
    """The order list, and manual orders."""

    scopes = {"GET": Scope.ORDERS_READ, "POST": Scope.ORDERS_WRITE}

    @extend_schema(
        operation_id="list_orders",
        tags=["Orders"],
        summary="List orders",
        description="Orders, most recently placed first, without buyers. To follow changes, ask again with `updated_since` a minute before the last answer.",
        parameters=[OrderParameters],
        responses=OrderPage,
        examples=[_answered({"items": [examples.ORDER], "next_cursor": None})],
    )
    def get(self, request: Request) -> Response:
        """Answer a page of orders."""
        wanted = OrderParameters.read(request)
        rows = reading.orders(wanted)
        return Response(
            page_of(request, rows, by=("-placed_at", "-id"), wanted=wanted, show=lambda found: OrderShape(reading.with_files(found), many=True).data)
        )

    @extend_schema(
        operation_id="create_order",
        tags=["Orders"],
        summary="Enter an order",
        description="Enters an order into a store of kind `manual`. A line without the artwork that its product needs is taken in and held. "
        "The answer shows no buyer.",
        request=NewOrder,
        responses={201: OrderShape},
        examples=[
            _sent(examples.NEW_ORDER),
            _answered(examples.ENTERED, "201"),
        ],
    )
    def post(self, request: Request) -> Response:
        """Enter a manual order."""
        form = NewOrder(data=request.data)
        form.is_valid(raise_exception=True)
        sent = form.validated_data
        store = Store.objects.select_related("customer").filter(public_id=sent["store"]).first()
        wrong = Pointed()
        if store is None:
            wrong.add(_("There is no store with this id. The store list has the ids."), "store")
            wrong.refuse()
            raise AssertionError  # refuse() has raised
        try:
            order = enter_order(store=store, told=_manual(sent), actor=self.caller.actor)
        except CannotEnter as error:
            for path, said in error.faults:
                wrong.add(said, *path)
            wrong.refuse()
            raise
        except AlreadyThere as error:
            raise Refused(str(error)) from None
        shown = reading.orders({}).get(pk=order.pk)
        reading.with_files([shown])
        return Response(OrderShape(shown).data, status=201, headers={"Location": reverse("api:order", args=[order.public_id])})


def _manual(sent: dict[str, Any]) -> ManualOrder:
    to = sent["ship_to"]
    address = Address(
        name=to["name"], company=to["company"], lines=tuple(to["lines"]), city=to["city"], region=to["region"], postcode=to["postcode"],
        country=to["country"], phone=to["phone"], instructions=to["instructions"],
    )  # fmt: skip
    return ManualOrder(
        number=sent["order_number"],
        lines=[ManualLine(line["product_uid"], line["quantity"], line["design"]) for line in sent["lines"]],
        ship_to=address,
        email=sent["email"],
        placed_at=sent.get("placed_at"),
        ship_by=sent.get("ship_by"),
    )


ORDER_ID = OpenApiParameter("public_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the order, such as `ord_7m3k9x2a5c8e1g4j`.")
LINE_ID = OpenApiParameter("line_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of one of its lines.")
FILE_MARK = OpenApiParameter("file", OpenApiTypes.STR, OpenApiParameter.QUERY, description="Mark of one of the line's files; left out, the first.")
HOLD_ID = OpenApiParameter("public_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the hold.")


class OneOrder(ApiView):
    """One order."""

    scopes = {"GET": Scope.ORDERS_READ}

    @extend_schema(
        operation_id="get_order",
        tags=["Orders"],
        summary="Read an order",
        description="Lines, holds, packages, pushes and timeline. Keys with the scope `buyers:read` also get `buyer`, null once it was purged.",
        parameters=[ORDER_ID],
        responses=FullOrderShape,
        examples=[_answered(examples.FULL_ORDER)],
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Answer an order with all that is known about it."""
        with_buyer = self.caller.may(Scope.BUYERS_READ)
        found = reading.full_order(public_id, with_buyer=with_buyer)
        if found.buyer is not None:
            remember_look([found.order.pk], actor=self.caller.actor, road=BuyerLook.Road.API)
        return Response(show_full(found, with_buyer=with_buyer))


def show_full(found: reading.FullOrder, *, with_buyer: bool) -> dict[str, Any]:
    """Return the answer's body; ``buyer`` only where it was asked for."""
    order: Any = found.order
    order.timeline = found.events
    order._prefetched_objects_cache = {"lines": found.lines, "holds": found.holds, "packages": found.packages, "pushes": found.pushes}
    if with_buyer:
        buyer = found.buyer
        order.buyer = buyer and {
            "name": buyer.name,
            "email": buyer.email,
            "ship_to": buyer.address,
            "gifts": [{"external_line_id": line, "message": gift.message, "wrap": gift.wrap} for line, gift in buyer.gifts.items()],
            "texts": [{"line": line, "entries": entries} for line, entries in found.texts.items()],
        }
    shown = dict(FullOrderShape(order).data)
    if not with_buyer:
        del shown["buyer"]
    return shown


class PrintFile(ApiView):
    """The print file of a line."""

    scopes = {"GET": Scope.ORDERS_READ}
    opens_scope = False  # the storage may be another server's
    also_answers = ("refused",)  # there is no file yet, or the storage lost it

    @extend_schema(
        operation_id="get_print_file",
        tags=["Orders"],
        summary="Download a line's print file",
        description="The file as a machine prints it, checked against its checksum before the first byte leaves. "
        "`Content-Digest` (RFC 9530) and `ETag` hold the SHA-256, which the line also tells in `print_files`. "
        "A line with several print areas or products has several files: `file` is the one's `mark`.",
        parameters=[ORDER_ID, LINE_ID, FILE_MARK],
        responses={
            (200, "image/png"): OpenApiResponse(
                OpenApiTypes.BINARY, examples=[OpenApiExample("A picture", value="(the bytes of a PNG)", media_type="image/png")]
            ),
            (200, "image/jpeg"): OpenApiTypes.BINARY,
            (200, "application/pdf"): OpenApiResponse(
                OpenApiTypes.BINARY, examples=[OpenApiExample("A sheet", value="(the bytes of a PDF)", media_type="application/pdf")]
            ),
        },
    )
    def get(self, request: Request, public_id: str, line_id: str) -> HttpResponse:
        """Answer the file's bytes."""
        with self.scope():
            rows = OrderLine.objects.select_related("order__store__customer", "customer_product", "print_file")
            line = get_object_or_404(rows, public_id=line_id, order__public_id=public_id)
            file = file_of(line, request.query_params.get("file", ""))
            name = print_file_name(line, file) if file else ""
        if file is None:
            raise Refused(_("This line has no print file yet. Connect its listing to a product with a design first."))
        try:
            content = content_of(file.print_file)
        except BadPrintFile as error:
            raise Refused(str(error)) from None
        with self.scope():
            remember_one_download(line, file, name=name, actor=self.caller.actor)
        digest = base64.b64encode(bytes.fromhex(file.print_file.sha256)).decode()
        named = content_disposition_header(True, name) or "attachment"
        headers = {"Content-Disposition": named, "Content-Digest": f"sha-256=:{digest}:", "ETag": f'"{file.print_file.sha256}"'}
        return HttpResponse(content, content_type=file.print_file.content_type, headers=headers)


class Release(ApiView):
    """Releasing an order."""

    scopes = {"POST": Scope.ORDERS_WRITE}

    @extend_schema(
        operation_id="release_order",
        tags=["Orders"],
        summary="Release an order to production",
        description="Releases every line that nothing holds. Refused when every line waits; the problem says why.",
        parameters=[ORDER_ID],
        request=None,
        responses=Moved,
        examples=[_answered({"moved": ["lin_6q8s1v3x5z7b9d2f"], "state": "released"})],
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Release what is free."""
        order = order_for(public_id)
        try:
            moved = release_order(order_id=order.pk, actor=self.caller.actor)
        except (HeldBack, IllegalTransition) as error:
            raise Refused(str(error)) from None
        return moved_answer(order, moved)


class MoveLines(ApiView):
    """Moving lines through production."""

    scopes = {"POST": Scope.ORDERS_WRITE}

    @extend_schema(
        operation_id="move_lines",
        tags=["Orders"],
        summary="Move lines to another state",
        description="Moves the named lines, or every line that can go there. All of them or none. Shipping is done by entering a package; "
        "`cancelled` is taken here only for stores without a marketplace: elsewhere cancel with a reason, which the marketplace is told.",
        parameters=[ORDER_ID],
        request=Move,
        responses=Moved,
        examples=[
            _sent({"to": "printing", "lines": ["lin_6q8s1v3x5z7b9d2f"]}),
            _answered({"moved": ["lin_6q8s1v3x5z7b9d2f"], "state": "printing"}),
        ],
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Move lines."""
        order = order_for(public_id)
        form = Move(data=request.data)
        form.is_valid(raise_exception=True)
        sent = form.validated_data
        to = LineState(sent["to"])
        if to == LineState.CANCELLED and capabilities(order.store.kind).needs_consent:
            raise Refused(
                _("The marketplace has to be told of a cancellation, with a reason: POST /api/v1/orders/%(id)s/cancel.") % {"id": order.public_id}
            )
        try:
            moved = move_lines(
                order_id=order.pk, to=to, actor=self.caller.actor, line_ids=chosen_lines(order, sent.get("lines")), reason=sent["reason"]
            )
        except (HeldBack, IllegalTransition) as error:
            raise Refused(str(error)) from None
        return moved_answer(order, moved)


def chosen_lines(order: Order, wanted: list[str] | None) -> list[int] | None:
    """Return the primary keys of the named lines; None for all. Raises a ``ValidationError`` that points at ids of no line of the order."""
    if wanted is None:
        return None
    known = {public_id: pk for pk, public_id in order.lines.values_list("pk", "public_id")}
    wrong = Pointed()
    for at, public_id in enumerate(wanted):
        if public_id not in known:
            wrong.add(_("This order has no line with this id."), "lines", at)
    wrong.refuse()
    return [known[public_id] for public_id in wanted]


def moved_answer(order: Order, moved: list[OrderLine]) -> Response:
    """Answer which lines changed and where the order is now."""
    order.refresh_from_db(fields=["state"])
    return Response(Moved({"moved": [line.public_id for line in moved], "state": order.state}).data)


class ReleaseHold(ApiView):
    """Releasing a hold."""

    scopes = {"POST": Scope.ORDERS_WRITE}

    @extend_schema(
        operation_id="release_hold",
        tags=["Orders"],
        summary="Release a hold",
        description="For holds that somebody decides: approval, cancellation requested (shipping on declines it), change that could not be read. "
        "The others end when their cause is gone, and are refused here with what to do. So is the approval of an order that still waits for a print file "
        "from its customer's remote file storage, because files that arrive later are not taken: `without_files` approves it all the same.",
        parameters=[HOLD_ID],
        request=HoldRelease,
        responses=Released,
        examples=[
            _sent({"reason": "Checked with the merchant."}),
            _answered({"released": True}),
        ],
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Release a hold by decision."""
        hold = get_object_or_404(Hold, public_id=public_id)
        form = HoldRelease(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            released = release_by_person(hold_id=hold.pk, actor=self.caller.actor, **form.validated_data)
        except FilesAwaited as error:
            raise Refused(_("%(why)s Send “without_files”: true if that is meant.") % {"why": error}) from None
        except NotByHand as error:
            raise Refused(str(error)) from None
        return Response(Released({"released": released}).data)


class IntakeRecords(ApiView):
    """The intake ledger."""

    scopes = {"GET": Scope.INTAKE_READ}

    @extend_schema(
        operation_id="list_intake_records",
        tags=["Intake"],
        summary="List the intake ledger",
        description="Every order that a marketplace has shown us, at each revision, with our verdict and its rule; newest first. It holds no buyer data.",
        parameters=[RecordParameters],
        responses=RecordPage,
        examples=[_answered({"items": [examples.RECORD], "next_cursor": None})],
    )
    def get(self, request: Request) -> Response:
        """Answer a page of the ledger."""
        wanted = RecordParameters.read(request)
        rows = reading.records(wanted)
        return Response(page_of(request, rows, by=("-seen_at", "-id"), wanted=wanted, show=lambda found: RecordShape(found, many=True).data))
