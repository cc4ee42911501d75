"""The wizard's third step: the ways to a seller's permission, for the PSP's staff and for merchants."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pod_hub.accounts.access import member_only, membership_of
from pod_hub.accounts.middleware import outside_scope
from pod_hub.core.tenancy import tenant
from stores import selectors
from stores.access import wizard_for
from stores.channels.registry import application_of, marketplace_info
from stores.forms import MerchantEmailForm
from stores.models import ConnectionWizard, ConsentLink
from stores.presentation import link_look
from stores.services import wizard as steps
from stores.services.connecting import CannotConnect, start_consent, use_existing_consent
from stores.services.consent_links import NotSent, mailed_to, send_link, withdraw
from stores.services.who_authorises import allow_staff, ways_to_authorise
from stores.views.browsers import browser_of, start_of, take_start
from stores.views.wizard import ALLOWED, Step, cautions_about, draw, to_step


@require_safe
@member_only(**ALLOWED)
def authorize(request: HttpRequest, public_id: str) -> HttpResponse:
    """Offer the ways to the seller's permission: step three."""
    row = wizard_for(public_id)
    if not row.is_open or row.store is None:
        return to_step(row)
    return _authorize_page(request, row)


def _authorize_page(request: HttpRequest, row: ConnectionWizard, form: MerchantEmailForm | None = None, *, status: int = 200) -> HttpResponse:
    membership, store = membership_of(request), row.store
    if store is None or row.customer is None:
        return to_step(row)
    link = selectors.latest_link(store)
    if link is not None and link.wizard_id != row.pk:
        link = None
    sent_to = mailed_to(link) if link else ""
    context = {
        "form": form or MerchantEmailForm(initial={"email": sent_to}),
        "ways": ways_to_authorise(kind=row.kind, customer=row.customer, membership=membership),
        "application": application_of(row.kind),
        "reusable": [one for one in steps.reusable_consents(row) if one.pk != row.authorization_id],
        "link": link,
        "link_look": link_look(link) if link else None,
        "mailed_to": sent_to,
        "place": marketplace_info(row.kind, store.marketplace),
        "cautions": cautions_about(row.customer, membership),
        "begun_there": start_of(request, row.kind),
        "moment": now(),
    }
    return draw(request, row, "stores/wizard/authorize.html", Step.AUTHORIZE, status=status, **context)


@require_POST
@member_only(**ALLOWED)
def authorize_here(request: HttpRequest, public_id: str) -> HttpResponse:
    """Leave for the channel's consent page; the answer comes back into the wizard (DS-10)."""
    membership = membership_of(request)
    row = wizard_for(public_id)
    if not row.is_open or row.store is None:
        return to_step(row)
    try:
        address = start_consent(
            store_id=row.store.pk,
            membership=membership,
            session_key=browser_of(request),
            wizard_id=row.pk,
            begun_there=take_start(request, row.kind),
        )
    except CannotConnect as error:
        messages.error(request, str(error))
        return redirect("stores:wizard_authorize", public_id)
    return redirect(address)


@require_POST
@outside_scope
@member_only(**ALLOWED)
def reuse(request: HttpRequest, public_id: str) -> HttpResponse:
    """Use a permission that is there already. It asks the channel, so no scope is open."""
    membership = membership_of(request)
    chosen = request.POST.get("authorization", "")
    with tenant(membership.psp_id):
        row = wizard_for(public_id)
        known = next((one for one in steps.reusable_consents(row) if one.public_id == chosen), None) if row.is_open else None
    if known is None:
        messages.error(request, _("This permission can no longer be used. Choose another way to authorise."))
        return redirect("stores:wizard", public_id)
    try:
        use_existing_consent(psp_id=membership.psp_id, wizard_id=row.pk, authorization_id=known.pk)
    except (CannotConnect, steps.WizardOver) as error:
        messages.error(request, str(error))
    return redirect("stores:wizard", public_id)


@require_POST
@member_only(**ALLOWED)
def send(request: HttpRequest, public_id: str) -> HttpResponse:
    """Mail the merchant a link, or a newer one (DS-09)."""
    membership = membership_of(request)
    row = wizard_for(public_id)
    if not row.is_open or row.store is None:
        return to_step(row)
    if not membership.is_staff_of_psp:
        raise Http404
    form = MerchantEmailForm(request.POST)
    if not form.is_valid():
        return _authorize_page(request, row, form, status=422)
    if row.customer is not None and not row.customer.storefronts_enabled:
        form.add_error(None, _("“%(name)s” has no storefronts access. Enable it on the customer's page first.") % {"name": row.customer})
        return _authorize_page(request, row, form, status=422)
    try:
        send_link(store=row.store, email=form.cleaned_data["email"], user=membership.user, wizard=row)
    except NotSent as error:
        form.add_error(None, str(error))
        return _authorize_page(request, row, form, status=422)
    messages.success(request, _("The link is on its way. This page shows when the merchant has answered; you may leave it meanwhile."))
    return redirect("stores:wizard_authorize", public_id)


@require_POST
@member_only(**ALLOWED)
def take_back(request: HttpRequest, public_id: str) -> HttpResponse:
    """Withdraw the link that waits."""
    row = wizard_for(public_id)
    if row.store is not None and withdraw(store_id=row.store.pk):
        messages.success(request, _("The link was withdrawn; whoever opens it now learns that."))
    return redirect("stores:wizard", public_id)


@require_POST
@member_only(**ALLOWED)
def allow_here(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let the PSP's staff authorise for this customer, or no longer (Part B)."""
    membership = membership_of(request)
    row = wizard_for(public_id)
    if not membership.is_staff_of_psp or row.customer is None:
        raise Http404
    allowed = request.POST.get("allowed") == "yes"
    allow_staff(customer_id=row.customer.pk, user=membership.user, allowed=allowed)
    return redirect("stores:wizard_authorize", public_id)


@require_safe
@member_only(**ALLOWED)
def answer_state(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer nothing while the merchant has not answered; then tell the page to load the step that follows."""
    row = wizard_for(public_id)
    response = HttpResponse(status=204)
    link: ConsentLink | None = selectors.latest_link(row.store) if row.store else None
    if not row.is_open or row.step != Step.AUTHORIZE or link is None or link.state != ConsentLink.State.WAITING or link.has_expired:
        response["HX-Redirect"] = reverse("stores:wizard", args=[public_id])
    response["Cache-Control"] = "no-store"
    return response
