"""Stores and their listings, for the print provider's staff and for merchants, whose scope shows their own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pod_hub.accounts.access import member_only, membership_of, staff_only
from pod_hub.accounts.models import Customer
from pod_hub.ui.form_pages import Crumb, FormPage
from stores import selectors
from stores.access import store_for
from stores.channels.registry import CAPABILITIES
from stores.forms import AddStoreForm, ConnectionForm, StoreForm, StoreSearch
from stores.models import Connection
from stores.services.setup import add_store as make_store
from stores.services.setup import change_settings, change_store
from stores.views.pages import store_page
from stores.views.wizard import cautions_about

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@member_only()
def stores(request: HttpRequest) -> HttpResponse:
    """List stores by name with the state of their connections."""
    search = StoreSearch(request.GET)
    given = search.cleaned_data if search.is_valid() else {}
    name, state = given.get("q", ""), given.get("state", "")
    page = selectors.store_page(name=name, state=state, token=request.GET.get("page", ""))
    unfinished = selectors.wizards_by_store(page.rows)
    for row in page.rows:
        row.open_wizard = unfinished.get(row.pk)  # type: ignore[attr-defined]
    context = {
        "page": page,
        "search": search,
        "active": bool(name or state),
        "platforms": [(kind.value, channel) for kind, channel in CAPABILITIES.items() if channel.needs_consent],
    }
    return render(request, "dashboard/stores/stores.html", context)


@read_or_post
@staff_only(may="may_manage")
def add_store(request: HttpRequest) -> HttpResponse:
    """Add a store; then its page offers "Authorize"."""
    customer = _customer_named(request)
    form = AddStoreForm(request.POST or None, initial={"customer": customer})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        kind, _colon, marketplace = given["place"].partition(":")
        row = make_store(
            customer=given["customer"],
            facility=given["facility"],
            trading_name=given["trading_name"],
            kind=kind,
            name=given["name"],
            marketplace=marketplace,
        )
        messages.success(request, _("“%(name)s” was added. Now ask the seller's permission: press “Connect”.") % {"name": row})
        return redirect("stores:connection", row.public_id)
    page = FormPage(
        title=_("Add store"),
        submit=_("Save and go on"),
        cancel=reverse("stores:stores"),
        crumbs=[Crumb(_("Stores"), reverse("stores:stores")), Crumb(_("Add store"))],
        lead=_("The seller needs a Professional selling plan. Whoever confirms the permission must be an administrator of the seller account."),
        cautions=cautions_about(customer, membership_of(request)) if customer else (),
    )
    return page.answer(request, form)


def _customer_named(request: HttpRequest) -> Customer | None:
    """Return the customer that the address or the form names, if it is one of the PSP's."""
    if (typed := request.POST.get("customer", "")).isdecimal():
        return Customer.objects.filter(pk=int(typed[:18])).first()
    named = request.GET.get("customer", "")
    # A NUL would upset the database; ids have letters, digits and an underscore only.
    return Customer.objects.filter(public_id=named).first() if named.isidentifier() else None


@read_or_post
@member_only()
def store_settings(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show and change the settings of a store's connection."""
    if request.method == "POST":
        return _save_settings(request, public_id)
    row = store_for(public_id)
    form = ConnectionForm(instance=getattr(row, "connection", None) or Connection())
    return store_page(request, row, "dashboard/stores/settings.html", tab="settings", form=form)


@member_only(may="may_act_for_customer")
def _save_settings(request: HttpRequest, public_id: str) -> HttpResponse:
    row = store_for(public_id)
    form = ConnectionForm(request.POST, instance=Connection())
    if not form.is_valid():
        return store_page(request, row, "dashboard/stores/settings.html", tab="settings", form=form, status=422)
    change_settings(store_id=row.pk, chosen=form.chosen())
    messages.success(request, _("The settings were saved. They hold for orders that come in from now on."))
    return redirect("stores:settings", public_id)


@read_or_post
@member_only(may="may_act_for_customer")
def edit_store(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a store's name, facility and trading name."""
    row = store_for(public_id)
    form = StoreForm.of(row, request.POST or None, chooses_facility=membership_of(request).may_manage)
    address = reverse("stores:store", args=[public_id])
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        change_store(store_id=row.pk, name=given["name"], facility=given.get("facility") or row.facility, trading_name=given["trading_name"])
        messages.success(request, _("The store was changed."))
        return redirect(address)
    crumbs = [Crumb(_("Stores"), reverse("stores:stores")), Crumb(row.name, address), Crumb(_("Edit store"))]
    return FormPage(title=_("Edit store"), submit=_("Save store"), cancel=address, crumbs=crumbs).answer(request, form)
