"""The PSP's choice of its digest."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orders.digest_settings import DigestSetting, DigestWhen
from orders.forms import DigestForm
from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.ui.form_pages import Crumb, FormPage


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_set_up")
def digest(request: HttpRequest) -> HttpResponse:
    """Show and save whether and when the digest is sent."""
    setting = DigestSetting.objects.first() or DigestSetting()
    form = DigestForm(request.POST or None, instance=setting)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        if saved.wanted == DigestWhen.OFF:
            messages.success(request, _("No digest is sent any more. What waits still stands under Needs attention."))
        else:
            messages.success(request, _("Saved. The digest comes from %(hour)s o'clock on, when there is something to say.") % {"hour": saved.hour})
        return redirect("accounts:settings")
    page = FormPage(
        title=_("Daily digest"),
        submit=_("Save"),
        cancel=reverse("accounts:settings"),
        crumbs=[Crumb(_("Settings"), reverse("accounts:settings")), Crumb(_("Daily digest"))],
        lead=_("One mail a day to the owners and managers of %(psp)s: what waits for a person, by cause, with the nearest ship-by. No buyer's data.")
        % {"psp": membership_of(request).psp.name},
    )
    return page.answer(request, form)
