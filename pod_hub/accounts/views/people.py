"""People of the PSP and of its customers: who there is, inviting, changing and ending."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pod_hub.accounts import people
from pod_hub.accounts.access import customer_for, invitation_for, member_for, membership_of, staff_only
from pod_hub.accounts.forms import InviteAdminForm, InviteForm, PlaceForm
from pod_hub.accounts.models import Customer, Membership, Role
from pod_hub.accounts.services import invitations
from pod_hub.accounts.services import people as services
from pod_hub.accounts.services.invitations import CannotInvite, Place
from pod_hub.accounts.services.people import CannotChange
from pod_hub.ui.form_pages import Crumb, FormPage

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@staff_only(may="may_set_up")
def people_page(request: HttpRequest) -> HttpResponse:
    """List the staff and who is invited."""
    return render(request, "dashboard/accounts/people.html", {"people": people.staff(membership_of(request))})


@read_or_post
@staff_only(may="may_set_up")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody to the staff."""
    form = InviteForm(request.POST or None)
    back = reverse("accounts:people")
    if request.method == "POST" and form.is_valid():
        limits = {name: None if ids is None else tuple(ids) for name, ids in form.limits().items()}
        try:
            invitations.invite(
                email=form.cleaned_data["email"],
                place=Place(Role(form.cleaned_data["role"]), only_customers=limits["only_customers"], only_facilities=limits["only_facilities"]),
                by=membership_of(request),
            )
        except CannotInvite as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("The invitation is on its way. Its link works once, for 72 hours."))
            return redirect(back)
    crumbs = [Crumb(_("Settings"), reverse("accounts:settings")), Crumb(_("People"), back), Crumb(_("Invite"))]
    return FormPage(title=_("Invite somebody"), submit=_("Send invitation"), cancel=back, crumbs=crumbs).answer(request, form)


@read_or_post
@staff_only(may="may_set_up")
def edit_member(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Change somebody's role and what they see."""
    row, by, back = member_for(membership_id), membership_of(request), reverse("accounts:people")
    services.may_give(by, Role(row.role))
    form = PlaceForm(request.POST or None, initial={"role": row.role, "only_customers": row.only_customers, "only_facilities": row.only_facilities})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_place(membership_id=row.pk, role=Role(form.cleaned_data["role"]), **form.limits(), by=by)
        except CannotChange as error:
            form.add_error("role", str(error))
        else:
            messages.success(request, _("“%(name)s” was changed. It holds from the next page they open.") % {"name": row.user})
            return redirect(back)
    crumbs = [Crumb(_("Settings"), reverse("accounts:settings")), Crumb(_("People"), back), Crumb(str(row.user))]
    return FormPage(title=str(row.user), lead=row.user.email, submit=_("Save"), cancel=back, crumbs=crumbs).answer(request, form)


def _change(request: HttpRequest, membership_id: int, act: Callable[..., Membership], said: str) -> HttpResponse:
    row = member_for(membership_id)
    try:
        act(membership_id=row.pk, by=membership_of(request))
    except CannotChange as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said % {"name": row.user})
    return _back_to_people(row.customer_id)


@require_POST
@staff_only(may="may_manage")
def block_member(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Shut somebody out."""
    return _change(request, membership_id, services.block, _("“%(name)s” is blocked, and out at once."))


@require_POST
@staff_only(may="may_manage")
def unblock_member(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Let somebody in again."""
    return _change(request, membership_id, services.unblock, _("“%(name)s” may come in again."))


@require_POST
@staff_only(may="may_manage")
def archive_member(request: HttpRequest, membership_id: int) -> HttpResponse:
    """End somebody's access because they left."""
    return _change(request, membership_id, services.archive, _("“%(name)s” has no access any more. Timelines keep the name."))


@require_POST
@staff_only(may="may_manage")
def resend_invitation(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send an invitation again, with a new link."""
    row = invitation_for(public_id)
    try:
        invitations.resend(invitation_id=row.pk, by=membership_of(request))
    except CannotInvite as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A new link is on its way. The earlier one no longer works."))
    return _back_to_people(row.customer_id)


@require_POST
@staff_only(may="may_manage")
def revoke_invitation(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make an invitation's link useless."""
    row = invitation_for(public_id)
    if invitations.revoke(invitation_id=row.pk, by=membership_of(request)):
        messages.success(request, _("The invitation was revoked. Its link no longer works."))
    else:
        messages.info(request, _("The invitation was over already, so nothing was changed."))
    return _back_to_people(row.customer_id)


@read_or_post
@staff_only(may="may_manage")
def add_admin(request: HttpRequest, public_id: str) -> HttpResponse:
    """Invite somebody of a customer to its portal (GT-04)."""
    customer = customer_for(public_id)
    back = reverse("accounts:customer", args=[public_id])
    form = InviteAdminForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.invite(**form.cleaned_data, place=Place(Role.MERCHANT, customer), by=membership_of(request))
        except CannotInvite as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("A login link is on its way. It works once, for 72 hours."))
            return redirect(back)
    crumbs = [Crumb(_("Customers"), reverse("accounts:customers")), Crumb(customer.name, back), Crumb(_("Add admin"))]
    page = FormPage(
        title=_("Add admin"),
        submit=_("Add admin"),
        cancel=back,
        crumbs=crumbs,
        lead=_("Admins of %(name)s sign in to its portal and see its stores, products and orders, and nothing else.") % {"name": customer.name},
    )
    return page.answer(request, form)


def _back_to_people(customer_id: int | None) -> HttpResponseRedirect:
    if customer_id is None:
        return redirect("accounts:people")
    return redirect("accounts:customer", Customer.objects.values_list("public_id", flat=True).get(pk=customer_id))
