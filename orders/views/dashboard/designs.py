"""Designs and what is printed from them: a design that was changed takes the place of the one before, one that no longer fits is kept as it is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from catalog.access import design_for
from catalog.services.fitting import CannotKeep, told_misfits
from orders.forms import KeepDesignForm
from orders.services.fitting import keep_design
from orders.services.revised_designs import print_from_now_on
from pod_hub.accounts.access import member_only, staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to, wanted_return
from pod_hub.ui.form_pages import Caution, Crumb, FormPage


@require_POST
@member_only(may="may_act_for_customer")
def print_design(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let the listings that print an earlier version of a design print this one."""
    design = design_for(public_id)
    moved = print_from_now_on(design=design, actor=Actor.person(request.user))  # type: ignore[arg-type]
    if moved.listings:
        said = ngettext("%(n)s listing prints “%(design)s” from now on.", "%(n)s listings print “%(design)s” from now on.", moved.listings)
        messages.success(request, said % {"n": moved.listings, "design": design})
    for sentence in moved.refused:
        messages.warning(request, sentence)
    if not moved.listings and not moved.refused:
        messages.info(request, _("No listing prints an earlier version of “%(design)s”.") % {"design": design})
    return back_to(request, "designs:design", design.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_manage")
def keep(request: HttpRequest, public_id: str) -> HttpResponse:
    """Decide that a design is printed as it is although its product was changed, and say why."""
    design = design_for(public_id)
    form = KeepDesignForm(request.POST or None)
    address = reverse("designs:design", args=[public_id])
    if request.method == "POST" and form.is_valid():
        try:
            released = keep_design(design=design, because=form.cleaned_data["because"], actor=Actor.person(request.user))  # type: ignore[arg-type]
        except CannotKeep as error:
            form.add_error(None, str(error))
        else:
            said = ngettext(
                "“%(design)s” is printed as it is. %(n)s order line goes on.", "“%(design)s” is printed as it is. %(n)s order lines go on.", released
            )
            messages.success(request, said % {"design": design, "n": released})
            return back_to(request, "designs:design", public_id)
    request.nav_path = reverse("catalog:products")  # type: ignore[attr-defined]
    page = FormPage(
        title=_("Keep “%(design)s” as it is") % {"design": design},
        submit=_("Print it as it is"),
        cancel=wanted_return(request) or address,
        crumbs=[Crumb(design.name, address), Crumb(_("Keep as it is"))],
        lead=_("The decision holds until the print areas change in another way. Look at a printed sample first."),
        cautions=[Caution(one.sentence, one.remedy) for one in told_misfits(design)],
    )
    return page.answer(request, form)
