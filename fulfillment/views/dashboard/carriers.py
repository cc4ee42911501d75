"""Settings > Carriers: which carrier of a marketplace is meant by one of ours."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fulfillment.access import mapping_for
from fulfillment.forms import CarrierMappingForm
from fulfillment.selectors import stores_with_carriers
from fulfillment.services.carriers import CannotMap, map_carrier, unmap_carrier
from pod_hub.accounts.access import staff_only
from pod_hub.accounts.actors import Actor
from stores.channels.registry import capabilities


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_manage")
def carriers(request: HttpRequest) -> HttpResponse:
    """Show every store's carriers and take one more mapping (``store`` says whose)."""
    rows = stores_with_carriers()
    wanted = request.POST.get("store", "") if request.method == "POST" else ""
    shown, refused = [], False
    for row in rows:
        mine = row.store.public_id == wanted
        form = CarrierMappingForm(request.POST if mine else None, options=row.options, auto_id=f"{row.store.public_id}_%s")
        if mine and form.is_valid():
            try:
                mapping = map_carrier(store_id=row.store.pk, actor=Actor.person(request.user), **form.cleaned_data)  # type: ignore[arg-type]
            except CannotMap as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("From now on %(ours)s is told as %(theirs)s.") % {"ours": mapping.carrier, "theirs": mapping.option_name})
                return redirect("fulfillment:carriers")
        refused = refused or bool(form.errors)
        shown.append({"store": row.store, "mappings": row.mappings, "options": row.options, "form": form, "channel": capabilities(row.store.kind)})
    return render(request, "dashboard/fulfillment/carriers.html", {"stores": shown}, status=422 if refused else 200)


@require_POST
@staff_only(may="may_manage")
def remove(request: HttpRequest, public_id: str) -> HttpResponse:
    """Forget a mapping."""
    mapping = mapping_for(public_id)
    unmap_carrier(mapping_id=mapping.pk)
    messages.success(request, _("%(ours)s is no longer mapped: its name decides again.") % {"ours": mapping.carrier})
    return redirect("fulfillment:carriers")
