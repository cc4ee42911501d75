"""/operator/system/: how the installation is, for operators. It asks itself again without a script, by a header that browsers obey."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from pod_hub.accounts.middleware import outside_scope
from pod_hub.system_facts import facts

REFRESH_S = 15


@outside_scope
def system(request: HttpRequest) -> HttpResponse:
    """Show the figures of this moment. ``?still=1`` stays as it is, for whoever reads slowly or copies."""
    still = "still" in request.GET
    context = admin.site.each_context(request) | {"title": _("System"), "facts": facts(), "still": still, "refresh_s": REFRESH_S, "is_fullwidth": "1"}
    answer = TemplateResponse(request, "operator/system.html", context)
    if not still:
        answer["Refresh"] = f"{REFRESH_S}; url={reverse('system')}"
    answer["Cache-Control"] = "private, no-store"
    return answer
