"""Start, customers and settings, for the print provider's staff."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pod_hub.accounts import selectors
from pod_hub.accounts.access import customer_for, facility_for, membership_of, staff_only
from pod_hub.accounts.forms import CustomerForm, CustomerSearch, FacilityForm, PspForm, TradingNameForm
from pod_hub.accounts.models import Customer
from pod_hub.accounts.people import admins_of
from pod_hub.accounts.services import customers as customer_services
from pod_hub.accounts.services.facilities import save_facility
from pod_hub.accounts.services.portal_access import end_portal_sessions
from pod_hub.core.twins import AlreadyThere
from pod_hub.ui.form_pages import Caution, Crumb, FormPage

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Send staff to their work, merchants to their portal and visitors to sign in."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("accounts:start"))
    membership = getattr(request, "membership", None)
    if membership is None:
        return redirect("admin:index") if request.user.is_superuser else render(request, "dashboard/accounts/no_membership.html", status=403)
    if not membership.is_staff_of_psp or membership.entered is not None:
        return redirect("portal:home")
    try:
        return redirect("orders:orders")
    except NoReverseMatch:
        return redirect("accounts:customers")


start.audience = "everybody"  # type: ignore[attr-defined]


@require_safe
@staff_only()
def customers(request: HttpRequest) -> HttpResponse:
    """List customers by name."""
    search = CustomerSearch(request.GET)
    name = search.cleaned_data["q"] if search.is_valid() else ""
    page = selectors.customer_page(name=name, token=request.GET.get("page", ""))
    return render(request, "dashboard/accounts/customers.html", {"page": page, "search": search, "active": bool(name)})


@require_safe
@staff_only()
def customer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a customer with its trading names, stores and products."""
    return _customer_page(request, public_id, TradingNameForm())


def _customer_page(request: HttpRequest, public_id: str, form: TradingNameForm, status: int = 200) -> HttpResponse:
    row = customer_for(public_id)
    context = {"customer": row, "trading_names": row.trading_names.order_by("name"), "form": form, "admins": admins_of(row, membership_of(request))}
    return render(request, "dashboard/accounts/customer.html", context, status=status)


@read_or_post
@staff_only(may="may_set_up")
def add_customer(request: HttpRequest) -> HttpResponse:
    """Add a customer."""
    form = CustomerForm(request.POST or None, initial={"storefronts_enabled": True})
    if request.method == "POST" and form.is_valid():
        try:
            row = customer_services.save_customer(customer=form.save(commit=False))
        except AlreadyThere as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("“%(name)s” was added. Next, connect a store or offer products.") % {"name": row})
            return redirect("accounts:customer", row.public_id)
    crumbs = [Crumb(_("Customers"), reverse("accounts:customers")), Crumb(_("Add customer"))]
    page = FormPage(title=_("Add customer"), submit=_("Add customer"), cancel=reverse("accounts:customers"), crumbs=crumbs)
    return page.answer(request, form)


@read_or_post
@staff_only(may="may_manage")
def edit_customer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a customer's name and access."""
    row = customer_for(public_id)
    name, address, was_open = row.name, reverse("accounts:customer", args=[public_id]), row.storefronts_enabled
    form = CustomerForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            customer_services.save_customer(customer=form.save(commit=False))
        except AlreadyThere as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("“%(name)s” was changed.") % {"name": row})
            if was_open != row.storefronts_enabled:
                messages.info(request, _after_switching(row, was_open=was_open))
            return redirect(address)
    crumbs = [Crumb(_("Customers"), reverse("accounts:customers")), Crumb(name, address), Crumb(_("Edit customer"))]
    page = FormPage(
        title=_("Edit customer"), submit=_("Save customer"), cancel=address, crumbs=crumbs, cautions=_about_admins(row, was_open=was_open)
    )
    return page.answer(request, form)


def _about_admins(row: Customer, *, was_open: bool) -> list[Caution]:
    """Lead to the next thing after "Enable storefronts" (GA-09, GA-10), which people look for on this page."""
    if not was_open:
        return []
    text = _("Give an admin's e-mail, first name and surname, and a login link is mailed.")
    return [Caution(_("Who signs in to its portal?"), text, _("Add admin"), reverse("accounts:add_admin", args=[row.public_id]), tone="info")]


@require_POST
@staff_only(may="may_manage")
def switch_storefronts(request: HttpRequest, public_id: str) -> HttpResponse:
    """Turn "Enable storefronts" on or off (GA-08)."""
    row = customer_for(public_id)
    was_open, row.storefronts_enabled = row.storefronts_enabled, request.POST.get("enabled") == "yes"
    customer_services.save_customer(customer=row)
    messages.success(request, _after_switching(row, was_open=was_open))
    return redirect("accounts:customer", public_id)


@require_POST
@staff_only(may="is_owner")
def switch_remote_files(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put remote file storage into a customer's plan, or take it out (RF-01); an owner's decision, because it is paid for."""
    row = customer_for(public_id)
    row.remote_files_enabled = request.POST.get("enabled") == "yes"
    customer_services.save_customer(customer=row)
    said = (
        _("Remote file storage is part of the plan of “%(name)s” now.")
        if row.remote_files_enabled
        else _("Remote file storage is off for “%(name)s”: its storages are kept and no longer looked through.")
    )
    messages.success(request, said % {"name": row})
    return redirect("accounts:customer", public_id)


def _after_switching(row: Customer, *, was_open: bool) -> str:
    """End the portal's sessions when it was closed, and say what holds now."""
    if row.storefronts_enabled:
        return _("Storefronts are enabled for “%(name)s”: its stores can be connected, and its admins can sign in.") % {"name": row}
    ended = end_portal_sessions(customer=row) if was_open else 0
    said = _("Storefronts are off for “%(name)s”: no more stores can be connected, and nobody signs in to its portal. Connected stores go on.") % {
        "name": row
    }
    out = ngettext("%(n)s session was ended.", "%(n)s sessions were ended.", ended) % {"n": ended}
    return f"{said} {out}"


@require_POST
@staff_only(may="may_manage")
def add_trading_name(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add a name under which the customer sells."""
    row, form = customer_for(public_id), TradingNameForm(request.POST)
    if form.is_valid():
        try:
            customer_services.add_trading_name(customer=row, name=form.cleaned_data["name"])
        except AlreadyThere as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("The trading name was added."))
            return redirect("accounts:customer", public_id)
    return _customer_page(request, public_id, form, status=422)


@read_or_post
@staff_only()
def settings_page(request: HttpRequest) -> HttpResponse:
    """Show and change the PSP's own settings."""
    membership = membership_of(request)
    psp = membership.psp
    form = PspForm(request.POST or None, instance=psp)
    if request.method == "POST":
        return _save_psp(request, form)
    return _settings(request, form)


@staff_only(may="may_set_up")
def _save_psp(request: HttpRequest, form: PspForm) -> HttpResponse:
    if not form.is_valid():
        membership_of(request).psp.refresh_from_db()
        return _settings(request, form, status=422)
    form.save()
    messages.success(request, _("The settings were saved."))
    return redirect("accounts:settings")


def _settings(request: HttpRequest, form: PspForm, status: int = 200) -> HttpResponse:
    psp_id = membership_of(request).psp_id
    context = {"form": form, "facilities": selectors.facilities(), "members": selectors.members(psp_id=psp_id)}
    return render(request, "dashboard/accounts/settings.html", context, status=status)


@read_or_post
@staff_only(may="may_set_up")
def add_facility(request: HttpRequest) -> HttpResponse:
    """Add a facility."""
    return _facility(request, FacilityForm(request.POST or None, initial={"time_zone": membership_of(request).psp.time_zone}), _("Add facility"))


@read_or_post
@staff_only(may="may_set_up")
def edit_facility(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a facility."""
    return _facility(request, FacilityForm(request.POST or None, instance=facility_for(public_id)), _("Edit facility"))


def _facility(request: HttpRequest, form: FacilityForm, title: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            row = save_facility(facility=form.save(commit=False))
        except AlreadyThere as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": row})
            return redirect("accounts:settings")
    address = reverse("accounts:settings")
    crumbs = [Crumb(_("Settings"), address), Crumb(title)]
    return FormPage(title=title, submit=_("Save facility"), cancel=address, crumbs=crumbs).answer(request, form)
