"""Remote file storage (RF-01..10): a customer's storages and what was found in them, for the print provider's staff and for merchants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders import remote_selectors as selectors
from orders.access import found_file_for, storage_for
from orders.models import FileSource
from orders.presentation import found_look, storage_look
from orders.remote_forms import StorageForm
from orders.remote_names import NameReader, check_name_pattern, expected_name
from orders.remote_storage.addresses import NoStorage
from orders.services.remote.setting_up import (
    CannotSetUp,
    ask_for_scan,
    ask_for_test,
    look_again,
    remove_source,
    save_source,
    switch_source,
)
from pod_hub.accounts.access import customer_for, member_only, membership_of
from pod_hub.accounts.models import Customer
from pod_hub.core.file_names import BadPattern
from pod_hub.core.hints import hint
from pod_hub.core.paging import known
from pod_hub.ui.context import Chrome
from pod_hub.ui.progress import answer_progress

TASK = "orders.scan_storages"
NEWS_FOR = timedelta(minutes=15)
EXAMPLES = ("302-1234567-1234567_1.png", "302-1234567-1234567_05015851154158.jpg", "holiday.png")
read_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _under_customers(request: HttpRequest) -> None:
    """Say that the page belongs to a customer, or to a merchant's settings."""
    request.nav_path = reverse("portal:settings" if Chrome(request).is_portal else "accounts:customers")  # type: ignore[attr-defined]


@require_safe
@member_only()
def storages(request: HttpRequest, public_id: str) -> HttpResponse:
    """A customer's storages, and the rules by which files are used."""
    customer = customer_for(public_id)
    rows = [{"source": row, "look": storage_look(row)} for row in selectors.storages_of(customer)]
    context = {"customer": customer, "rows": rows, "may": membership_of(request).may_act_for_customer, "psp": membership_of(request).psp.shown_name}
    _under_customers(request)
    return render(request, "dashboard/orders/storages.html", context)


@read_or_post
@member_only(may="may_act_for_customer")
def add_storage(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add a storage."""
    customer = customer_for(public_id)
    if not customer.remote_files_enabled:
        messages.error(request, _("Remote file storage is not part of this customer's plan."))
        return redirect("orders:storages", public_id)
    return _form_page(request, customer, None)


@read_or_post
@member_only(may="may_act_for_customer")
def edit_storage(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a storage."""
    source = storage_for(public_id)
    return _form_page(request, source.customer, source)


def _form_page(request: HttpRequest, customer: Customer, source: FileSource | None) -> HttpResponse:
    form, status, not_split = StorageForm(request.POST or None, customer=customer, source=source), 200, ""
    if request.method == "POST" and "split" in request.POST:
        try:
            form = StorageForm.with_address_split(request.POST.dict(), customer=customer, source=source)
        except NoStorage as error:
            form = StorageForm(customer=customer, source=source, initial=request.POST.dict())
            not_split = str(error)
    elif request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                row = save_source(customer=customer, settings=form.chosen(), source=source)
            except CannotSetUp as error:
                form.add_error(None, str(error))
            else:
                hint(TASK)
                messages.success(request, _("“%(name)s” was saved. It is tested and looked through now.") % {"name": row})
                return redirect("orders:storage", row.public_id)
    back = reverse("orders:storage", args=[source.public_id]) if source else reverse("orders:storages", args=[customer.public_id])
    context = {"form": form, "customer": customer, "source": source, "back": back, "not_split": not_split, **_example(form["pattern"].value() or "")}
    _under_customers(request)
    return render(request, "dashboard/orders/storage_form.html", context, status=status)


@require_safe
@member_only()
def storage_pattern(request: HttpRequest) -> HttpResponse:
    """What the pattern that is being typed reads from some names."""
    return render(request, "dashboard/orders/_storage_pattern.html", _example(request.GET.get("pattern", "")))


def _example(pattern: str) -> dict[str, Any]:
    try:
        check_name_pattern(pattern)
    except BadPattern as error:
        return {"refused": str(error)}
    reader = NameReader(pattern)
    fitting = expected_name(pattern, order="302-1234567-1234567", item="1")
    names = dict.fromkeys((fitting, *EXAMPLES))
    return {"examples": [{"name": name, "read": reader.read(name)} for name in names]}


@require_safe
@member_only()
def storage(request: HttpRequest, public_id: str) -> HttpResponse:
    """One storage: how it is doing, and the files that were found."""
    source = storage_for(public_id)
    group = known(["", *selectors.GROUPS], request.GET.get("show", ""))
    counts = selectors.group_counts(source)
    page = selectors.files_page(source, group=group, token=request.GET.get("page", ""))
    nearest = selectors.nearest_orders(source, page.rows)
    labels = {
        "": _("All files"), "waiting": _("No order yet"), "working": _("Being attached"), "attached": _("Attached"), "unused": _("Not used"),
    }  # fmt: skip
    membership = membership_of(request)
    order_page = "portal:order" if membership.customer_id or membership.entered else "orders:order"
    context = {
        "source": source,
        "look": storage_look(source),
        "progress": _progress(source, working=counts["working"]),
        "looked": _just_looked(source),
        "tabs": [
            {"label": label, "href": f"?show={name}" if name else "?", "active": name == group, "count": counts[name]}
            for name, label in labels.items()
            if counts[name] or name != "working" or group == name
        ],
        "group": group,
        "page": page,
        "rows": [
            {"file": file, "look": found_look(file), "nearest": nearest.get(file.pk, ()), "may_again": file.state in selectors.GIVEN_UP}
            for file in page.rows
        ],
        "order_page": order_page,
        "may": membership.may_act_for_customer,
        "psp": membership.psp.shown_name,
    }
    _under_customers(request)
    return render(request, "dashboard/orders/storage.html", context)


def _progress(source: FileSource, *, working: int) -> dict[str, Any]:
    """Return what the progress component needs; empty when nothing runs. ``working`` is how many found files are being copied or prepared."""
    poll = reverse("orders:storage_progress", args=[source.public_id])
    if source.test_due_at is not None:
        return {"label": _("Testing the storage"), "text": _("asking for its files"), "poll": poll}
    if source.scan_started_at is not None:
        text = _("%(seen)s files seen, %(new)s new or changed") % {"seen": source.scan_seen, "new": source.scan_new}
        return {"label": _("Looking through the storage"), "text": text, "poll": poll}
    if source.is_looked_through and source.next_scan_at <= now():
        return {"label": _("Looking through the storage"), "text": _("waits for a worker"), "poll": poll}
    if working:
        text = ngettext("%(n)s file is being copied or prepared", "%(n)s files are being copied or prepared", working) % {"n": working}
        return {"label": _("Attaching files to orders"), "text": text, "poll": poll}
    return {}


def _just_looked(source: FileSource) -> str:
    """Return what the last look found while it is news; empty otherwise."""
    if source.scanned_at is None or source.last_error or now() - source.scanned_at > NEWS_FOR:
        return ""
    seen, new = source.scan_result.get("seen", 0), source.scan_result.get("new", 0)
    files = ngettext("%(n)s print file lies there", "%(n)s print files lie there", seen) % {"n": seen}
    return _("%(files)s, %(new)s new or changed since the look before.") % {"files": files, "new": new or _("none")}


@require_safe
@member_only()
def storage_progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """The progress alone; when nothing runs any more the page is told to load itself again."""
    source = storage_for(public_id)
    state = _progress(source, working=selectors.group_counts(source)["working"])
    return answer_progress(request, "dashboard/orders/_storage_progress.html", {"progress": state}, done=not state)


def _done(request: HttpRequest, public_id: str, said: str, what: Callable[[FileSource], object]) -> HttpResponse:
    what(storage_for(public_id))
    hint(TASK)
    messages.success(request, said)
    return redirect("orders:storage", public_id)


@require_POST
@member_only(may="may_act_for_customer")
def test_storage(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask the storage for its first files, and say in words what came."""
    return _done(request, public_id, _("The test runs; its result appears here."), lambda source: ask_for_test(source_id=source.pk))


@require_POST
@member_only(may="may_act_for_customer")
def scan_storage(request: HttpRequest, public_id: str) -> HttpResponse:
    """Look through the storage now instead of at the next hour."""
    source = storage_for(public_id)
    if not source.is_looked_through:
        messages.error(request, _("The storage is paused or not part of the plan, so nothing is looked through. Let it go on first."))
    elif ask_for_scan(source_id=source.pk):
        hint(TASK)
        messages.success(request, _("The storage is looked through now; how far it is and what is found appears here."))
    else:
        messages.info(request, _("The storage is being looked through already; how far it is and what is found appears here."))
    return redirect("orders:storage", public_id)


@require_POST
@member_only(may="may_act_for_customer")
def switch_storage(request: HttpRequest, public_id: str) -> HttpResponse:
    """Pause the hourly scan, or go on with it."""
    active = request.POST.get("active") == "yes"
    said = _("The storage is looked through every hour again.") if active else _("Paused: nothing is looked through until you go on.")
    return _done(request, public_id, said, lambda source: switch_source(source_id=source.pk, active=active))


@require_POST
@member_only(may="may_act_for_customer")
def remove_storage(request: HttpRequest, public_id: str) -> HttpResponse:
    """Forget the storage and its keys."""
    source = storage_for(public_id)
    remove_source(source_id=source.pk)
    messages.success(request, _("“%(name)s” was removed, and its keys with it. What was attached to orders stays.") % {"name": source})
    return redirect("orders:storages", source.customer.public_id)


@require_POST
@member_only(may="may_act_for_customer")
def file_again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Look at one file again with the next scan, which is asked for."""
    file = found_file_for(public_id)
    look_again(file_id=file.pk)
    hint(TASK)
    messages.success(request, _("“%(name)s” is looked at again.") % {"name": file.name})
    return redirect("orders:storage", file.source.public_id)
