"""The wizard that connects a store, for the PSP's staff and for merchants: platform, store setup, authorize (``views.authorizing``), finish."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.selectors import count_usable_products
from pod_hub.accounts.access import customer_narrowed_to, member_only, membership_of
from pod_hub.accounts.models import Customer, Facility, Membership
from pod_hub.accounts.people import naming_for
from pod_hub.ui.form_pages import Caution
from stores import selectors
from stores.access import store_for, wizard_for
from stores.channels.errors import Refused
from stores.channels.registry import CAPABILITIES, ChannelKind, NoAdapter, capabilities, consent_for, marketplace_info
from stores.forms import FirstSettingsForm, StoreSetupForm, suggested_name
from stores.models import Connection, ConnectionWizard, ConsentLink, Store
from stores.presentation import LINK_UNUSABLE
from stores.services import wizard as steps
from stores.services.authorizations import ConnectedElsewhere
from stores.views.browsers import remember_start, start_of
from stores.views.pages import reach_channel
from stores.views.permission import message

Step = ConnectionWizard.Step
read_or_post = require_http_methods(["GET", "HEAD", "POST"])
ADDRESSES: dict[str, str] = {Step.SETUP: "stores:wizard_setup", Step.AUTHORIZE: "stores:wizard_authorize", Step.FINISH: "stores:wizard_finish"}
ORDER = [Step.SETUP, Step.AUTHORIZE, Step.FINISH, Step.DONE]
ALLOWED = {"may": "may_connect_stores"}


def draw(request: HttpRequest, row: ConnectionWizard | None, template: str, here: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Draw one step with the frame that all share: the four steps, and cautions about the customer."""
    labels = [("platform", _("Platform")), (Step.SETUP, _("Store setup")), (Step.AUTHORIZE, _("Authorize")), (Step.FINISH, _("Finish"))]
    reached = ORDER.index(Step(row.step)) if row else -1
    shown = []
    for number, (key, label) in enumerate(labels, start=1):
        place = number - 2
        done = row is not None and (place < reached or row.step == Step.DONE)
        address = ADDRESSES.get(key) if row and row.is_open and place <= reached and key != here else None
        href = reverse(address, args=[row.public_id]) if address and row else ""
        shown.append({"number": number, "label": label, "href": href, "done": done and key != here, "here": key == here})
    frame = {"wizard": row, "steps": shown, "channel": capabilities(row.kind) if row else None}
    response = render(request, template, frame | context, status=status)
    return reach_channel(response, row.kind) if row else response


def cautions_about(customer: Customer, membership: Membership) -> list[Caution]:
    """Return what stands in the way of a store of this customer: no storefronts access (GA-02), no usable product (GA-11)."""
    staff = membership.is_staff_of_psp
    found = []
    if not customer.storefronts_enabled:
        found.append(
            Caution(
                _("“%(name)s” has no storefronts access.") % {"name": customer},
                _("The store can be saved but not connected until storefronts are enabled."),
                _("Open the customer") if staff else "",
                reverse("accounts:customer", args=[customer.public_id]) if staff else "",
            )
        )
    if not count_usable_products(customer):
        found.append(
            Caution(
                _("“%(name)s” may not use any product yet.") % {"name": customer},
                _("Orders will come in, but every one will wait until there is a product model and a customer product for it."),
                _("Open the catalog") if staff else "",
                reverse("catalog:products") if staff else "",
            )
        )
    return found


@require_safe
@member_only(**ALLOWED)
def platforms(request: HttpRequest) -> HttpResponse:
    """Show the platforms to choose from, and the wizards that wait for their next step: step one."""
    membership = membership_of(request)
    customer, named = _customer_named(request, membership), naming_for(membership)
    context: dict[str, Any] = {
        "platforms": [(kind.value, channel) for kind, channel in CAPABILITIES.items() if channel.needs_consent],
        "unfinished": [(row, named(row.started_by)) for row in selectors.unfinished_wizards()],
        "customer": customer,
        "cautions": cautions_about(customer, membership) if customer else (),
    }
    return draw(request, None, "stores/wizard/platforms.html", "platform", **context)


def _customer_named(request: HttpRequest, membership: Membership) -> Customer | None:
    """Return the merchant's own customer, or the one that staff come from."""
    if (own := customer_narrowed_to(membership)) is not None:
        return Customer.objects.get(pk=own)
    named = request.POST.get("customer", "") or request.GET.get("customer", "")
    # A NUL would upset the database; ids have letters, digits and an underscore only.
    return Customer.objects.filter(public_id=named).first() if named.isidentifier() else None


@require_POST
@member_only(**ALLOWED)
def start(request: HttpRequest) -> HttpResponse:
    """Begin with a platform."""
    membership = membership_of(request)
    kind = request.POST.get("kind", "")
    if kind not in ChannelKind.values or not capabilities(kind).can_connect:
        messages.error(request, _("This platform cannot be connected yet. Choose another one."))
        return redirect("stores:platforms")
    customer = _customer_named(request, membership)
    if customer is None and membership.narrowed_to.customers is not None:
        messages.info(request, _("You look after some customers. Open the customer whose store it is, and connect it from there."))
        return redirect("accounts:customers")
    row = steps.start(kind=kind, user=membership.user, customer=customer)
    return redirect("stores:wizard_setup", row.public_id)


@require_POST
@member_only(**ALLOWED)
def start_for_store(request: HttpRequest, public_id: str) -> HttpResponse:
    """Begin with a store that is there already: at its authorization. An unfinished wizard of it goes on."""
    membership = membership_of(request)
    store = store_for(public_id)
    if not capabilities(store.kind).can_connect:
        messages.error(request, _("Stores of this kind are not connected by permission."))
        return redirect("stores:connection", public_id)
    row = selectors.wizards_by_store([store]).get(store.pk) or steps.start(kind=store.kind, user=membership.user, store=store)
    return redirect("stores:wizard", row.public_id)


@require_safe
@member_only(**ALLOWED)
def wizard(request: HttpRequest, public_id: str) -> HttpResponse:
    """Lead to the step that a wizard waits for."""
    return to_step(wizard_for(public_id))


def to_step(row: ConnectionWizard) -> HttpResponse:
    """Lead to the step that a wizard waits for; to the first one when it was given up."""
    if row.cancelled_at is not None:
        return redirect("stores:platforms")
    return redirect(ADDRESSES[Step.FINISH if row.step == Step.DONE else Step(row.step)], row.public_id)


@read_or_post
@member_only(**ALLOWED)
def setup(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask which store it is and how it works: step two."""
    membership = membership_of(request)
    row = wizard_for(public_id)
    if not row.is_open:
        return to_step(row)
    form, settings = _setup_forms(request, row, membership)
    if request.method == "POST" and form.is_valid() & settings.is_valid():
        plant = _plant_of(row.customer) if not membership.is_staff_of_psp else None
        if "facility" in form.fields or plant is not None or form.cleaned_data.get("existing"):
            try:
                row = steps.set_up(wizard_id=row.pk, choice=form.chosen(facility=plant), chosen=settings.chosen())
            except steps.WizardOver as error:
                form.add_error(None, str(error))
            else:
                return to_step(row)
        else:
            form.add_error(None, _("Your print provider has no plant yet where a store can print. Ask them to add one, then go on here."))
    status = 422 if request.method == "POST" else 200
    cautions = cautions_about(row.customer, membership) if row.customer else ()
    return draw(request, row, "stores/wizard/setup.html", Step.SETUP, form=form, settings=settings, cautions=cautions, status=status)


def _setup_forms(request: HttpRequest, row: ConnectionWizard, membership: Membership) -> tuple[StoreSetupForm, FirstSettingsForm]:
    own = row.store if row.makes_store else None
    only = row.customer if not membership.is_staff_of_psp else None
    initial: dict[str, Any] = {"customer": row.customer_id}
    if row.store is not None and own is None:
        initial["existing"] = row.store_id
    elif own is not None:
        initial |= {"facility": own.facility_id, "place": own.marketplace, "trading_name": own.trading_name_id, "name": own.name}
    data = request.POST if request.method == "POST" else None
    form = StoreSetupForm(data, kind=row.kind, customer=only, own_store=own, initial=initial)
    known = Connection.objects.filter(store=own).first() if own else None
    return form, FirstSettingsForm(data, instance=known or Connection())


def _plant_of(customer: Customer | None) -> Facility | None:
    """Return where a merchant's new store prints: where the newest of their stores does, else the PSP's first plant."""
    newest = Store.objects.filter(customer=customer, facility__is_active=True).select_related("facility").order_by("-pk").first()
    return newest.facility if newest else Facility.objects.filter(is_active=True).order_by("name", "pk").first()


@require_safe
@member_only(**ALLOWED)
def suggest_name(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the name field, filled from trading name and marketplace unless somebody typed one (CS-04)."""
    row = wizard_for(public_id)
    form, _settings = _setup_forms(request, row, membership_of(request))
    form.initial["name"] = request.GET.get("name", "")[:120].replace("\0", "")
    if not form.initial["name"] or form.initial["name"] == request.GET.get("suggested"):
        chosen = request.GET.get("trading_name", "") or ""
        names = form.fields["trading_name"].queryset  # type: ignore[attr-defined]
        seller = names.filter(pk=int(chosen[:18])).first() if chosen.isdecimal() else None
        form.initial["name"] = suggested_name(row.kind, request.GET.get("place", ""), seller) if seller else ""
    return render(request, "stores/wizard/_name.html", {"form": form, "wizard": row, "suggested": form.initial["name"]})


@read_or_post
@member_only(**ALLOWED)
def finish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what will be connected and connect it; afterwards, what comes next (DS-16, DS-17): step four."""
    membership = membership_of(request)
    row = wizard_for(public_id)
    if row.step != Step.DONE and (not row.is_open or row.authorization is None):
        return to_step(row)
    if request.method == "POST":
        try:
            steps.finish(wizard_id=row.pk)
        except (steps.WizardOver, ConnectedElsewhere) as error:
            messages.error(request, str(error))
            return redirect("stores:wizard", public_id)
        messages.success(request, _("“%(name)s” is connected. Its first orders are being fetched.") % {"name": row.store})
        return redirect("stores:wizard_finish", public_id)
    if row.store is None or row.customer is None:
        raise Http404
    link = selectors.latest_link(row.store)
    context: dict[str, Any] = {
        "place": marketplace_info(row.kind, row.store.marketplace),
        "by_merchant": bool(link and link.wizard_id == row.pk and link.state == ConsentLink.State.AUTHORISED and membership.is_staff_of_psp),
        "cautions": cautions_about(row.customer, membership),
        "unmapped": selectors.unmapped_listings(row.store) if row.step == Step.DONE else "",
    }
    return draw(request, row, "stores/wizard/finish.html", Step.FINISH, **context)


@require_POST
@member_only(**ALLOWED)
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give a wizard up."""
    row = wizard_for(public_id)
    try:
        steps.cancel(wizard_id=row.pk)
    except steps.WizardOver as error:
        messages.info(request, str(error))
        return redirect("stores:wizard", public_id)
    messages.success(request, _("Nothing was connected, and what the wizard had prepared was put away."))
    return redirect("stores:platforms")


@require_safe
def channel_start(request: HttpRequest, kind: str) -> HttpResponse:
    """Take a seller who started at the channel's own store of applications: the login address.

    What came with the address is checked and kept in the browser session first, so that nothing of it stands in a sign-in address.
    """
    if kind not in ChannelKind.values or not capabilities(kind).starts_at_channel:
        raise Http404
    if request.GET:
        try:
            start = consent_for(kind).read_start(request.GET.dict())
        except (Refused, NoAdapter) as error:
            return message(request, LINK_UNUSABLE, str(error), status=400)
        remember_start(request, kind, start)
        return redirect("stores:channel_start", kind)
    return _choose_after_start(request, kind)


@member_only(**ALLOWED)
def _choose_after_start(request: HttpRequest, kind: str) -> HttpResponse:
    if start_of(request, kind) is None:
        messages.info(request, _("The start at the marketplace is older than half an hour or was used. Connect the store from here."))
        return redirect("stores:platforms")
    context: dict[str, Any] = {
        "unfinished": [row for row in selectors.unfinished_wizards() if row.kind == kind],
        "stores": list(selectors.connectable_stores(kind=kind, customer_id=None)[:50]),
        "kind": kind,
        "chosen_channel": capabilities(kind),
    }
    return draw(request, None, "stores/wizard/started_there.html", "platform", **context)
