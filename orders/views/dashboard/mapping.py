"""Connecting a listing to a product and its artwork (GA-23 to GA-27): first the product, then the design."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from catalog.models import CustomerProduct, Design
from catalog.services.print_files import BadPrintFile, keep_print_file
from orders.access import listing_for
from orders.forms import MOST_UPLOAD_NAME, MapForm
from orders.models import OrderLine
from orders.services.mapping import CannotMap, Mapped, usable_products
from orders.services.mapping import map_listing as save_mapping
from orders.states import BEFORE_PRINT
from pod_hub.accounts.access import member_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to
from stores.models import Listing


@require_http_methods(["GET", "HEAD", "POST"])
@member_only(may="may_act_for_customer")
def map_listing(request: HttpRequest, public_id: str) -> HttpResponse:
    """Without ``?product=`` the catalog to choose from, with it the artwork; POST saves."""
    listing = listing_for(public_id)
    products = usable_products(listing)
    active = listing.mappings.filter(retired_at=None).select_related("customer_product", "design__print_file").first()
    product = next((one for one in products if one.public_id == request.GET.get("product", "")), None)
    form = None
    if product is not None:
        same = active if active and active.customer_product_id == product.pk else None
        newest = (
            None
            if same
            else Design.objects.filter(customer=listing.store.customer_id, product_model=product.product_model_id)
            .order_by("-created_at", "-pk")
            .first()
        )
        initial = {
            "quantity": same.quantity if same else 1,
            "design": request.GET.get("design") or (same.design.public_id if same and same.design else newest.public_id if newest else None),
        }
        form = MapForm(request.POST or None, request.FILES or None, listing=listing, product=product, initial=initial)
        if request.method == "POST" and form.is_valid():
            mapped = _save(request, listing, product, form)
            if mapped is not None:
                messages.success(request, _said(listing, product, mapped))
                return back_to(request, "orders:map_listing", listing.public_id)
    elif request.method == "POST":
        messages.error(request, _("Nothing was saved, because the chosen product is not offered to this customer. Choose one of the list."))
    context: dict[str, Any] = {
        "listing": listing,
        "active": active,
        "product": product,
        "form": form,
        "shelves": _shelves(products) if product is None else [],
        "designs": list(form.fields["design"].queryset) if form is not None and "design" in form.fields else [],  # type: ignore[attr-defined]
        "chosen_design": (form["design"].value() if form is not None and "design" in form.fields else None),
        "waiting": OrderLine.objects.filter(listing=listing, mapping=None, state__in=[state.value for state in BEFORE_PRINT]).count(),
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "editor_return": request.get_full_path(),
    }
    return render(request, "dashboard/orders/map_listing.html", context)


def _shelves(products: list[CustomerProduct]) -> list[tuple[str, list[CustomerProduct]]]:
    """Group products by category, in the catalog's order."""
    placed = sorted(
        products, key=lambda p: (p.product_model.category.position, p.product_model.category.name, p.product_model.category_id, p.name, p.variant)
    )
    return [(category.name, list(group)) for category, group in groupby(placed, key=lambda p: p.product_model.category)]


def _save(request: HttpRequest, listing: Listing, product: CustomerProduct, form: MapForm) -> Mapped | None:
    """Keep an uploaded file as a design, then save the mapping. None when something was refused; the form says why."""
    design: Design | None = form.cleaned_data.get("design")
    upload: UploadedFile[bytes] | None = form.cleaned_data.get("upload")
    try:
        with transaction.atomic():
            if upload is not None:
                file_name = (upload.name or "artwork")[-MOST_UPLOAD_NAME:]
                print_file = keep_print_file(content=upload.read(), file_name=file_name, product_model=product.product_model)
                design = Design.objects.create(
                    customer_id=listing.store.customer_id,
                    product_model=product.product_model,
                    name=file_name.rsplit(".", 1)[0] or file_name,
                    print_file=print_file,
                )
            return save_mapping(
                listing_id=listing.pk,
                customer_product_id=product.pk,
                design_id=design.pk if design else None,
                actor=Actor.person(request.user),  # type: ignore[arg-type]
                quantity=form.cleaned_data["quantity"],
            )
    except BadPrintFile as error:
        form.add_error("upload", str(error))
    except CannotMap as error:
        form.add_error(None, str(error))
    return None


def _said(listing: Listing, product: CustomerProduct, mapped: Mapped) -> str:
    head = _("“%(listing)s” is connected to %(product)s.") % {"listing": listing, "product": product}
    if not mapped.lines_filled:
        return head
    lines = ngettext("%(n)s waiting line was filled", "%(n)s waiting lines were filled", mapped.lines_filled) % {"n": mapped.lines_filled}
    holds = ngettext("%(n)s hold was released.", "%(n)s holds were released.", mapped.holds_released) % {"n": mapped.holds_released}
    return f"{head} {lines}, {holds}"
