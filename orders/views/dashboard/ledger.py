"""The intake ledger: everything a channel told us, and what we decided about it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from orders.access import record_for
from orders.forms import LedgerFilters
from orders.ledger import field_names, ledger_page, other_revisions
from orders.models import IntakeRecord
from orders.order_list import listed_stores
from orders.presentation import VERDICT, rule_in_words
from orders.services.ledger import decide_again as decide_records_again
from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.returning import back_to
from pod_hub.core.hints import hint

MOST_SELECTED = 500
AGAIN = frozenset({IntakeRecord.Verdict.SKIPPED, IntakeRecord.Verdict.UNREADABLE})


@require_safe
@staff_only()
def ledger(request: HttpRequest) -> HttpResponse:
    """Every intake record with its verdict, newest first."""
    form = LedgerFilters(request.GET, stores=listed_stores())
    wanted = form.wanted()
    page = ledger_page(wanted=wanted, query=request.GET)
    context = {
        "form": form,
        "page": page,
        "rows": [
            {
                "record": record,
                "look": VERDICT[IntakeRecord.Verdict(record.verdict)],
                "rule": rule_in_words(record.rule),
                "again": record.verdict in AGAIN,
            }
            for record in page.rows
        ],
        "filtered": bool(wanted or form.errors),
        "may_change": membership_of(request).may_change_orders,
    }
    return render(request, "dashboard/orders/ledger.html", context)


@require_safe
@staff_only()
def record(request: HttpRequest, record_id: int) -> HttpResponse:
    """One record: verdict, rule, times, and which fields the channel sent; never their values."""
    found = record_for(record_id)
    context = {
        "record": found,
        "look": VERDICT[IntakeRecord.Verdict(found.verdict)],
        "rule": rule_in_words(found.rule),
        "again": found.verdict in AGAIN,
        "fields": field_names(found),
        "revisions": [{"record": other, "look": VERDICT[IntakeRecord.Verdict(other.verdict)]} for other in other_revisions(found)],
        "may_change": membership_of(request).may_change_orders,
    }
    return render(request, "dashboard/orders/record.html", context)


@require_POST
@staff_only(may="may_change_orders")
def decide_again(request: HttpRequest) -> HttpResponse:
    """Let today's rules decide the selected skipped or unreadable records again."""
    ids = [int(text) for text in request.POST.getlist("record") if text.isascii() and text.isdigit() and len(text) < 19][:MOST_SELECTED]
    count = decide_records_again(record_ids=ids) if ids else 0
    if count:
        hint("orders.take_in")
        words = ngettext("%(n)s record is decided again.", "%(n)s records are decided again.", count) % {"n": count}
        messages.success(request, words + " " + _("Reload the page in a few seconds to see the verdict."))
    elif ids:
        messages.info(request, _("Nothing was decided again: only skipped and unreadable records can be."))
    else:
        messages.warning(request, _("No record was selected. Tick skipped or unreadable records first."))
    return back_to(request, "orders:ledger")
