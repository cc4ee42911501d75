"""What stands on paper and on files: trading names with their logos, names of print files."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pod_hub.accounts.access import member_only, membership_of, staff_only, trading_name_for
from pod_hub.accounts.forms import EditTradingNameForm, FileNamesForm
from pod_hub.accounts.models import Psp, TradingName
from pod_hub.accounts.print_file_names import EXAMPLE, example_name
from pod_hub.accounts.services.customers import save_trading_name
from pod_hub.accounts.services.logos import keep_logo, remove_logo
from pod_hub.core.file_names import BadPattern
from pod_hub.core.pictures import BadPicture
from pod_hub.core.twins import AlreadyThere
from pod_hub.ui.form_pages import Crumb, FormPage

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


@read_or_post
@staff_only(may="may_manage")
def edit_trading_name(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a trading name and the logo on its packing slips."""
    row = trading_name_for(public_id)
    name, back = row.name, reverse("accounts:customer", args=[row.customer.public_id])
    form = EditTradingNameForm(request.POST or None, request.FILES or None, instance=row)
    if request.method == "POST" and form.is_valid() and save_form(form, form.save(commit=False)):
        messages.success(request, _("“%(name)s” was changed. The next packing slips show it.") % {"name": row})
        return redirect(back)
    crumbs = [Crumb(_("Customers"), reverse("accounts:customers")), Crumb(row.customer.name, back), Crumb(name)]
    return FormPage(title=_("Trading name"), submit=_("Save trading name"), cancel=back, crumbs=crumbs).answer(request, form)


def save_form(form: EditTradingNameForm, row: TradingName) -> bool:
    """Store name and logo, or put the reason beside the field that was refused."""
    try:
        save_trading_name(trading_name=row)
        if uploaded := form.cleaned_data["logo"]:
            keep_logo(trading_name=row, content=uploaded.read())
        elif form.cleaned_data["remove_logo"]:
            remove_logo(trading_name=row)
    except AlreadyThere as error:
        form.add_error("name", str(error))
    except BadPicture as error:
        form.add_error("logo", str(error))
    return not form.errors


@require_safe
@member_only()
def logo(_request: HttpRequest, public_id: str) -> HttpResponse:
    """The logo as it is printed: a PNG that the hub itself encoded."""
    row = trading_name_for(public_id)
    if not row.logo_name:
        raise Http404
    try:
        with default_storage.open(row.logo_name) as stored:
            response = HttpResponse(stored.read(), content_type="image/png")
    except OSError:
        raise Http404 from None
    return response


@read_or_post
@staff_only(may="may_set_up")
def file_names(request: HttpRequest) -> HttpResponse:
    """Choose how print files are named when they are downloaded."""
    psp = Psp.objects.get(pk=membership_of(request).psp_id)
    form = FileNamesForm(request.POST or None, instance=psp)
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        form.save()
        messages.success(request, _("Print files are named like “%(name)s” from now on.") % {"name": example_name(psp.print_file_pattern)})
        return redirect("accounts:settings")
    context = {"form": form, "fields": EXAMPLE.items(), **_example(form["print_file_pattern"].value() or "")}
    return render(request, "dashboard/accounts/file_names.html", context, status=422 if form.is_bound and form.errors else 200)


@require_safe
@staff_only(may="may_set_up")
def preview_file_name(request: HttpRequest) -> HttpResponse:
    """What the pattern that is being typed makes of the example."""
    return render(request, "dashboard/accounts/_file_name_example.html", _example(request.GET.get("print_file_pattern", "")))


def _example(pattern: str) -> dict[str, str]:
    try:
        return {"example": example_name(pattern)}
    except BadPattern as error:
        return {"refused": str(error)}
