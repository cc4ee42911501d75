"""A merchant's own settings in the portal: profile, trading names, team."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pod_hub.accounts.access import membership_of, portal_customer, trading_name_for
from pod_hub.accounts.forms import EditTradingNameForm, InviteAdminForm, ProfileForm, TradingNameForm
from pod_hub.accounts.models import Role
from pod_hub.accounts.people import admins_of
from pod_hub.accounts.portal import portal_only
from pod_hub.accounts.services import customers as customer_services
from pod_hub.accounts.services import invitations
from pod_hub.accounts.services.invitations import CannotInvite, Place
from pod_hub.accounts.views.paper import save_form
from pod_hub.core.twins import AlreadyThere
from pod_hub.ui.form_pages import Crumb, FormPage

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


@read_or_post
@portal_only()
def settings_page(request: HttpRequest) -> HttpResponse:
    """Show the customer's settings; POST saves one's own name."""
    customer, membership = portal_customer(request), membership_of(request)
    form = ProfileForm(request.POST or None, instance=membership.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your name was saved."))
        return redirect("portal:settings")
    context = {
        "customer": customer,
        "form": form,
        "trading_names": customer.trading_names.order_by("name"),
        "team": admins_of(customer, membership),
        "may_act": membership.may_act_for_customer,
        "psp": membership.psp.shown_name,
    }
    return render(request, "portal/accounts/settings.html", context, status=422 if form.errors else 200)


@read_or_post
@portal_only(may="may_act_for_customer")
def add_trading_name(request: HttpRequest) -> HttpResponse:
    """Add a name under which the customer sells; its logo is added on its own page."""
    form = TradingNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = customer_services.add_trading_name(customer=portal_customer(request), name=form.cleaned_data["name"])
        except AlreadyThere as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("The trading name was added. Add its logo here if you have one."))
            return redirect("portal:edit_trading_name", row.public_id)
    page = FormPage(
        title=_("Add trading name"), submit=_("Add trading name"), cancel=reverse("portal:settings"), crumbs=_crumbs(_("Add trading name"))
    )
    return page.answer(request, form)


@read_or_post
@portal_only(may="may_act_for_customer")
def edit_trading_name(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a trading name and the logo on its packing slips."""
    row = trading_name_for(public_id)
    if row.customer_id != portal_customer(request).pk:
        raise Http404
    name, form = row.name, EditTradingNameForm(request.POST or None, request.FILES or None, instance=row)
    if request.method == "POST" and form.is_valid() and save_form(form, form.save(commit=False)):
        messages.success(request, _("“%(name)s” was changed. The next packing slips show it.") % {"name": row})
        return redirect("portal:settings")
    page = FormPage(title=_("Trading name"), submit=_("Save trading name"), cancel=reverse("portal:settings"), crumbs=_crumbs(name))
    return page.answer(request, form)


@read_or_post
@portal_only(may="may_act_for_customer")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite a colleague to the customer's portal."""
    customer, form = portal_customer(request), InviteAdminForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.invite(**form.cleaned_data, place=Place(Role.MERCHANT, customer), by=membership_of(request))
        except CannotInvite as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("A login link is on its way. It works once, for 72 hours."))
            return redirect("portal:settings")
    page = FormPage(
        title=_("Invite a colleague"),
        submit=_("Send invitation"),
        cancel=reverse("portal:settings"),
        crumbs=_crumbs(_("Invite a colleague")),
        lead=_("They see the stores, products and orders of %(name)s, and may do what you may do.") % {"name": customer.name},
    )
    return page.answer(request, form)


def _crumbs(here: str) -> list[Crumb]:
    return [Crumb(_("Settings"), reverse("portal:settings")), Crumb(here)]
