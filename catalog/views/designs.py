"""A design's life for people: begun, worked on in the editor, saved to print files, shown, changed later."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from catalog import selectors
from catalog.access import design_for, designable_model_for
from catalog.forms import StartDesignForm, StartOwnDesignForm
from catalog.models import Design
from catalog.services.designs import BadDesign, left_open, revise, save_design
from catalog.services.drafts import start_design
from catalog.services.fitting import told_misfits
from catalog.services.rendering import progress_of
from catalog.views import editor
from catalog.views.design_addresses import leaving, with_return
from pod_hub.accounts.access import member_only, portal_customer
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import wanted_return, with_query
from pod_hub.ui.context import Chrome
from pod_hub.ui.form_pages import Crumb, FormPage

LONGEST_ID = 40


@require_http_methods(["GET", "HEAD", "POST"])
@member_only(may="may_act_for_customer")
def start(request: HttpRequest) -> HttpResponse:
    """Begin a design for the product model in ``?model=``, or go on with the draft that was begun for what ``?for=`` names.

    What the address names (customer, name), a form that posts here need not.
    """
    customer = portal_customer(request) if Chrome(request).is_portal else None
    model = designable_model_for(request.GET.get("model", ""), customer=customer)
    named = {"name": request.GET.get("name", "") or model.name, "customer": request.GET.get("customer", "")}
    given = named | request.POST.dict() if request.method == "POST" else None
    form = StartDesignForm(given, initial=named) if customer is None else StartOwnDesignForm(given, initial=named)
    if given is not None and form.is_valid():
        wanted_for = request.GET.get("for", "")
        design = start_design(
            customer=customer or form.cleaned_data["customer"],
            model=model,
            name=form.cleaned_data["name"],
            begun_for=wanted_for if wanted_for.isidentifier() and len(wanted_for) <= LONGEST_ID else "",
        )
        return redirect(with_return(request, "designs:design", design))
    cancel = wanted_return(request) or leaving(request, model.public_id)
    page = FormPage(
        title=_("New design"),
        submit=_("Open the design editor"),
        cancel=cancel,
        crumbs=[Crumb(model.name, cancel), Crumb(_("New design"))],
        lead=_("For %(model)s.") % {"model": model},
    )
    return page.answer(request, form)


@require_safe
@member_only(may="may_act_for_customer")
def design(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a design: a draft in its editor, any other with what its print files look like."""
    row = design_for(public_id)
    if row.state == Design.State.DRAFT:
        return editor.page(request, row)
    return _shown(request, row)


@require_POST
@member_only(may="may_act_for_customer")
def change(request: HttpRequest, public_id: str) -> HttpResponse:
    """Open a saved design again: as a draft that replaces it; one that was begun or saved already is gone on with."""
    row = design_for(public_id)
    if row.state == Design.State.DRAFT:
        return redirect(with_return(request, "designs:design", row))
    # Of one that no longer fits, a changed one that is saved already is the way on: its page offers to print it from now on.
    states = [Design.State.DRAFT, *((Design.State.RENDERING, Design.State.READY) if row.misfits else ())]
    begun = row.replaced_by.filter(state__in=states, misfits=[]).order_by("-pk").first()
    return redirect(with_return(request, "designs:design", begun or revise(row)))


@require_POST
@member_only(may="may_act_for_customer")
def save(request: HttpRequest, public_id: str) -> HttpResponse:
    """Have the print files made, and show how far they are."""
    row = design_for(public_id)
    try:
        save_design(design=row, actor=Actor.person(request.user))  # type: ignore[arg-type]
    except BadDesign as error:
        messages.error(request, str(error))
        return redirect(with_return(request, "designs:design", row))
    for one in left_open(row):
        messages.warning(request, str(one))
    return redirect(with_return(request, "designs:progress", row))


@require_safe
@member_only(may="may_act_for_customer")
def progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show how far the print files are; when they are done, go back to where the design was wanted."""
    row, wanted = design_for(public_id), wanted_return(request)
    if row.state != Design.State.RENDERING:
        to = with_query(wanted, design=row.public_id) if wanted and row.state == Design.State.READY else with_return(request, "designs:design", row)
        if row.state == Design.State.READY:
            messages.success(request, _("The print files of “%(design)s” are ready.") % {"design": row})
        return HttpResponseClientRedirect(to) if request.htmx else redirect(to)  # type: ignore[attr-defined]
    template = "designs/_progress.html" if request.htmx else "designs/progress.html"  # type: ignore[attr-defined]
    context = {
        "design": row,
        "made": progress_of(row),
        "poll": with_return(request, "designs:progress", row),
        "go_on": with_query(wanted, design=row.public_id) if wanted else "",
        "away": leaving(request, row.product_model.public_id),
    }
    return render(request, template, context)


def _shown(request: HttpRequest, row: Design) -> HttpResponse:
    wanted = wanted_return(request)
    sheets = list(row.sheets.select_related("print_area", "print_file").order_by("print_area__position", "pk"))
    context = {
        "design": row,
        "sheets": sheets,
        "misfits": told_misfits(row) if row.state == Design.State.READY else [],
        "left_open": left_open(row),
        "may_keep": not Chrome(request).is_portal,
        "troubled": next((sheet.print_file.trouble for sheet in sheets if sheet.print_file and sheet.print_file.trouble), ""),
        "why": progress_of(row).why if row.state == Design.State.FAILED else "",
        "printing": selectors.listings_printing([row.pk]),
        "printing_earlier": selectors.listings_printing(selectors.earlier_versions(row)) if row.state == Design.State.READY else 0,
        "newer": row.replaced_by.exclude(state=Design.State.DRAFT).order_by("-pk").first(),
        "next": wanted,
        "go_on": with_query(wanted, design=row.public_id) if wanted else "",
        "away": leaving(request, row.product_model.public_id),
    }
    return render(request, "designs/design.html", context)
