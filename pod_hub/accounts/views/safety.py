"""The safety of one's own account (second factor, sessions), and what a PSP demands of everybody's."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pod_hub.accounts import second_factor
from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.forms import SignInRulesForm
from pod_hub.accounts.models import Membership
from pod_hub.accounts.services.audit import note_for_person
from pod_hub.accounts.sessions import end_other_sessions, end_session, sessions_of


@require_safe
@login_required
def second_factor_needed(request: HttpRequest) -> HttpResponse:
    """Explain why nothing else opens yet, and lead to setting the second step up. Who has one is sent on."""
    if not second_factor.lacks_factor(request):
        return redirect("accounts:start")
    membership = getattr(request, "membership", None)
    return render(request, "account/second_factor_needed.html", {"membership": membership})


@require_safe
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """List where the person is signed in."""
    rows = sessions_of(request.user, this_one=request.session.session_key)  # type: ignore[arg-type]
    return render(request, "account/sessions.html", {"rows": rows, "others": any(not row.is_this_one for row in rows)})


@require_POST
@login_required
def end_one_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one device out."""
    if end_session(request.user, pk):  # type: ignore[arg-type]
        messages.success(request, _("That device is signed out. Its next page asks for the password."))
    else:
        messages.info(request, _("That device had been signed out already."))
    return redirect("accounts:sessions")


@require_POST
@login_required
def end_all_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    ended = end_other_sessions(request.user, keep=request.session.session_key)  # type: ignore[arg-type]
    if ended:
        note_for_person(request.user, text="signed out everywhere else")  # type: ignore[arg-type]
    said = (
        ngettext("%(n)d other device is signed out.", "%(n)d other devices are signed out.", ended) if ended else _("No other device was signed in.")
    )
    messages.success(request, said % {"n": ended} if ended else said)
    return redirect("accounts:sessions")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def sign_in_rules(request: HttpRequest) -> HttpResponse:
    """Show who signs in with two steps, and let owners and managers demand it of everybody."""
    membership = membership_of(request)
    if request.method == "POST":
        return _save_rules(request)
    return _rules(request, SignInRulesForm(instance=membership.psp))


@staff_only(may="may_give_keys")
def _save_rules(request: HttpRequest) -> HttpResponse:
    form = SignInRulesForm(request.POST, instance=membership_of(request).psp)
    if not form.is_valid():
        return _rules(request, form, status=422)
    psp = form.save(commit=False)
    psp.save(update_fields=["second_factor_for_all"])
    messages.success(
        request,
        _("From now on everybody signs in with two steps.")
        if psp.second_factor_for_all
        else _("Two steps are asked only where buyers’ data is seen."),
    )
    return redirect(reverse("accounts:sign_in_rules"))


def _rules(request: HttpRequest, form: SignInRulesForm, status: int = 200) -> HttpResponse:
    mine = Membership.objects.filter(psp_id=membership_of(request).psp_id, is_active=True).select_related("user", "psp")
    rows = list(mine.annotate(has_second_factor=second_factor.has_factor()).order_by("user__first_name", "user__last_name", "pk"))
    required = [row for row in rows if second_factor.is_required(row)]
    context = {"form": form, "rows": rows, "required": {row.pk for row in required}, "always": second_factor.for_buyer_data()}
    return render(request, "dashboard/accounts/sign_in_rules.html", context, status=status)
