"""What listings do with a design that was changed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.access import design_for
from orders.services.revised_designs import print_from_now_on
from pod_hub.accounts.access import member_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to


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
