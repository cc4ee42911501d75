"""The portal's first page: the onboarding checklist, then figures and what needs the merchant."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from orders import portal_selectors as selectors
from orders.models import HoldKind
from orders.onboarding import checklist
from orders.presentation import hold_look
from pod_hub.accounts.access import membership_of, portal_customer
from pod_hub.accounts.portal import portal_only
from pod_hub.core.paging import count_text
from stores.models import Authorization


@require_safe
@portal_only()
@cache_control(no_store=True)
def home(request: HttpRequest) -> HttpResponse:
    """Show what is missing until the first order is through; from the first order on, how things stand."""
    customer, membership = portal_customer(request), membership_of(request)
    first_name = membership.user.first_name
    setup = checklist(customer, psp=membership.psp.shown_name)
    context: dict[str, Any] = {
        "customer": customer,
        "title": _("Hello, %(name)s") % {"name": first_name} if first_name and not membership.is_staff_of_psp else customer.name,
        "checklist": setup,
        "may_act": membership.may_act_for_customer,
        "permissions": [
            {"row": row, "lost": row.state == Authorization.State.RECONNECT or (row.expires_at is not None and row.expires_at <= now())}
            for row in selectors.ending_permissions(customer)
        ],
    }
    if setup.has_orders:
        figures = selectors.overview(customer)
        request.nav_badges = {"waiting": figures.waiting}  # type: ignore[attr-defined]
        context |= {
            "figures": {name: count_text(getattr(figures, name)) for name in ("week", "waiting", "production", "shipped")},
            "is_waiting": bool(figures.waiting),
            "listings": selectors.waiting_listings(customer) if figures.waiting else [],
            "designs": [{"waits": one, "look": hold_look(HoldKind.ARTWORK, one.cause)} for one in selectors.waiting_designs(customer)]
            if figures.waiting
            else [],
            "approvals": selectors.approvals(customer) if figures.waiting else 0,
        }
    return render(request, "portal/home.html", context)
