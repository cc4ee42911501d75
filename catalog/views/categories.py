"""The shelves of the catalog, and the catalog as a whole."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import selectors
from catalog.access import category_for
from catalog.forms import CategoryForm
from catalog.models import Category
from catalog.services.categories import Circle, move_category, save_category
from catalog.views.crumbs import catalog_crumb
from pod_hub.accounts.access import staff_only
from pod_hub.core.pictures import BadPicture
from pod_hub.core.twins import AlreadyThere
from pod_hub.ui.form_pages import Crumb, FormPage

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@staff_only()
def products(request: HttpRequest) -> HttpResponse:
    """Show the catalog as merchants see it."""
    return render(request, "dashboard/catalog/products.html", {"shelves": selectors.shelves()})


@read_or_post
@staff_only(may="may_set_up")
def add_category(request: HttpRequest) -> HttpResponse:
    """Add a category."""
    return _category(request, Category(), _("Add category"))


@read_or_post
@staff_only(may="may_set_up")
def edit_category(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a category."""
    return _category(request, category_for(public_id), _("Edit category"))


@require_POST
@staff_only(may="may_set_up")
def move(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change places with the neighbour above or below (``to=up`` or ``down``)."""
    row = category_for(public_id)
    move_category(category_id=row.pk, down=request.POST.get("to") == "down")
    return redirect(f"{reverse('catalog:products')}#{row.public_id}")


def _category(request: HttpRequest, row: Category, title: str) -> HttpResponse:
    form = CategoryForm(request.POST or None, request.FILES or None, instance=row)
    if request.method == "POST" and form.is_valid():
        row.parent = form.cleaned_data["parent"]
        picture = form.cleaned_data["picture"]
        try:
            content = picture.read() if picture else None
            save_category(category=row, picture=content, remove_picture=form.cleaned_data.get("remove_picture", False))
        except AlreadyThere as error:
            form.add_error("name", str(error))
        except Circle as error:
            form.add_error("parent", str(error))
        except BadPicture as error:
            form.add_error("picture", str(error))
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": row})
            return redirect("catalog:products")
    page = FormPage(title=title, submit=_("Save category"), cancel=reverse("catalog:products"), crumbs=[catalog_crumb(), Crumb(title)])
    return page.answer(request, form)
