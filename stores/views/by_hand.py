"""Adding a store that has no marketplace, into which orders are entered."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pod_hub.accounts.access import staff_only
from pod_hub.ui.form_pages import Crumb, FormPage
from stores.manual_stores import ManualStoreForm
from stores.services.setup import add_manual_store


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_manage")
def add(request: HttpRequest) -> HttpResponse:
    """Add a store of kind manual; programs enter its orders by API."""
    form = ManualStoreForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        store = add_manual_store(customer=given["customer"], facility=given["facility"], trading_name=given["trading_name"], name=given["name"])
        messages.success(
            request,
            _("“%(name)s” was added. Programs enter its orders with POST /api/v1/orders and the store's id %(id)s.")
            % {"name": store, "id": store.public_id},
        )
        return redirect("stores:store", store.public_id)
    page = FormPage(
        title=_("Add a store without a marketplace"),
        submit=_("Add store"),
        cancel=reverse("stores:stores"),
        crumbs=[Crumb(_("Stores"), reverse("stores:stores")), Crumb(_("Add a store without a marketplace"))],
        lead=_("For orders that reach you by a web shop of the customer's own, by phone or by mail. Programs enter them with an API key."),
    )
    return page.answer(request, form)
