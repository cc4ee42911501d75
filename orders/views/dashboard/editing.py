"""Changing an order before it is printed: address, artwork, quantity.

The print provider's people may do so beyond the customer's edit window, for as long as it makes sense (``orders/services/editing.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, cast

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from catalog.models import Design, PrintFile, ProductModel
from catalog.services.print_files import BadPrintFile, keep_print_file
from orders.access import line_for, order_for
from orders.buyer_data import buyer_of
from orders.buyer_looks import BuyerLook
from orders.forms import MOST_UPLOAD_NAME, AddressForm, ArtworkForm, QuantityForm
from orders.models import Order, OrderLine
from orders.services.editing import CannotEdit, edit_address, edit_artwork, edit_quantity
from orders.services.remembering_looks import remember_look
from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.middleware import outside_scope
from pod_hub.core.tenancy import tenant
from pod_hub.ui.form_pages import Crumb, FormPage

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _page(order: Order, title: str, submit: str, lead: str = "") -> FormPage:
    here = reverse("orders:order", args=[order.public_id])
    crumbs = [Crumb(_("Manage orders"), reverse("orders:orders")), Crumb(order.external_id, here), Crumb(title)]
    return FormPage(title=title, submit=submit, cancel=here, crumbs=crumbs, lead=lead)


def _changed(request: HttpRequest, form: forms.Form, field: str | None, change: Callable[[], bool], done: str, order: Order) -> HttpResponse | None:
    """Try a change and lead back to the order; None when it was refused, and then the form says why beside ``field``."""
    try:
        with transaction.atomic():
            changed = change()
    except (CannotEdit, BadPrintFile) as error:
        form.add_error(field, str(error))
        return None
    if changed:
        messages.success(request, done)
    else:
        messages.info(request, _("It was the same already, so nothing was changed."))
    return redirect("orders:order", order.public_id)


@read_or_post
@staff_only(may="may_change_orders")
@cache_control(no_store=True)
def address(request: HttpRequest, public_id: str) -> HttpResponse:
    """Deliver an order to another address."""
    order = order_for(public_id)
    buyer = buyer_of(order)
    if buyer is not None:
        remember_look([order.pk], actor=Actor.person(request.user), road=BuyerLook.Road.PAGE)  # type: ignore[arg-type]
    before = buyer.address if buyer else None
    form = AddressForm(request.POST if request.method == "POST" else None, initial=AddressForm.initial_of(before))
    if request.method == "POST" and form.is_valid():
        actor = Actor.person(request.user)  # type: ignore[arg-type]

        def change() -> bool:
            return edit_address(order_id=order.pk, address=form.address(before), actor=actor, within_window=False)

        if answer := _changed(request, form, None, change, _("The delivery address was changed."), order):
            return answer
    lead = _("Only parcels from here on go there. The marketplace is not told: it has no call for it.")
    return _page(order, _("Change the address"), _("Save the address"), lead).answer(request, form)


@read_or_post
@staff_only(may="may_change_orders")
def quantity(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make fewer units of a line."""
    line = line_for(public_id)
    form = QuantityForm(request.POST if request.method == "POST" else None, initial={"quantity": line.quantity})
    if request.method == "POST" and form.is_valid():
        given, actor = form.cleaned_data, Actor.person(request.user)  # type: ignore[arg-type]

        def change() -> bool:
            return edit_quantity(line_id=line.pk, quantity=given["quantity"], actor=actor, reason=given["reason"], within_window=False)

        if answer := _changed(request, form, "quantity", change, _("The quantity was changed."), line.order):
            return answer
    lead = _("%(line)s. The marketplace is not told; agree it with the buyer first.") % {"line": line}
    return _page(line.order, _("Change the quantity"), _("Save the quantity"), lead).answer(request, form)


@outside_scope
@read_or_post
@staff_only(may="may_change_orders")
def artwork(request: HttpRequest, public_id: str) -> HttpResponse:
    """Print one line from another file; the listing's mapping stays as it is."""
    psp_id, posted = membership_of(request).psp_id, request.method == "POST"
    with tenant(psp_id):
        line = line_for(public_id)
        form = ArtworkForm(request.POST if posted else None, request.FILES if posted else None, line=line)
        upload = form.cleaned_data.get("upload") if posted and form.is_valid() else None
        model = line.customer_product.product_model if line.customer_product else None
    kept = _kept(upload, model) if upload is not None and model is not None else None
    with tenant(psp_id):
        return _artwork(request, line, form, kept)


def _kept(upload: UploadedFile[bytes], model: ProductModel) -> PrintFile | BadPrintFile:
    """Return an upload kept as it is printed, or why it cannot be. It is looked at outside any scope."""
    try:
        return keep_print_file(content=cast("BinaryIO", upload), file_name=(upload.name or "artwork")[-MOST_UPLOAD_NAME:], product_model=model)
    except BadPrintFile as error:
        return error


def _artwork(request: HttpRequest, line: OrderLine, form: ArtworkForm, kept: PrintFile | BadPrintFile | None) -> HttpResponse:
    if form.is_bound and form.is_valid():
        actor = Actor.person(request.user)  # type: ignore[arg-type]

        def change() -> bool:
            design: Design | None = form.cleaned_data.get("design") if not form.cleaned_data.get("upload") else None
            file_id, design_id = _file_of(form, kept), design.pk if design else None
            return edit_artwork(line_id=line.pk, print_file_id=file_id, design_id=design_id, actor=actor, within_window=False)

        field = "upload" if form.cleaned_data.get("upload") else "design"
        if answer := _changed(request, form, field, change, _("The line is printed from the other file."), line.order):
            return answer
    lead = _("%(line)s. Only this line changes; the listing stays connected as it is.") % {"line": line}
    return _page(line.order, _("Change the artwork"), _("Use this artwork"), lead).answer(request, form)


def _file_of(form: ArtworkForm, kept: PrintFile | BadPrintFile | None) -> int:
    """Return the print file that was chosen, or uploaded and kept."""
    if form.cleaned_data.get("upload") is None:
        print_file: int = form.cleaned_data["design"].print_file_id
        return print_file
    if kept is None:
        raise CannotEdit(_("This line's listing is not connected to a product yet. Connect it first, then choose the artwork."))
    if isinstance(kept, BadPrintFile):
        raise kept
    return kept.pk
