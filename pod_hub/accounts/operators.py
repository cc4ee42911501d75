"""Django admin for the hub's operators: superusers only, signed in like everybody else, looking at the PSP they chose.

The tenant middleware opens the scope of the operator's choice (``operator_choice``). Rows of tenants are read only there: a change
belongs to the PSP's own pages and services, which keep histories. Sealed columns have no place in it at all; a buyer is shown on one page,
for a reason that is recorded on the order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar, cast

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, gettext_lazy
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from pod_hub.accounts.models import Psp, User
from pod_hub.accounts.operator_choice import ALL, ChoiceForm, choice_of, choose, chosen_first, leave, next_address
from pod_hub.accounts.operator_lists import UncountedList

Row = TypeVar("Row", bound=models.Model)
_ = gettext_lazy
# Beside binary columns, which hold what is sealed. Pages of a marketplace's answer are its words for us, and may open them.
SECRET_NAMES = re.compile(r"(^|_)(sealed|hash|lease|secret|token|password|page|key_hash|storage_name)$")


def is_secret(field: models.Field[Any, Any]) -> bool:
    """Return whether a column is for no page: sealed, a keyed hash, a lease, or anything else that opens something."""
    return isinstance(field, models.BinaryField) or SECRET_NAMES.search(field.name) is not None


class OperatorPage(ModelAdmin[Row]):  # type: ignore[misc]  # the theme is published without types
    """A model's pages in our shape: uncounted lists, exact search, no bulk actions, no secret columns.

    ``search_fields`` names columns that are compared exactly and must each lead an index (alone, or after the PSP).
    """

    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_filter_sheet = False
    list_fullwidth = True
    sortable_by: tuple[str, ...] = ()
    ordering: tuple[str, ...] = ("-pk",)

    @property
    def search_help_text(self) -> str:
        """Name the columns that a search looks at."""
        names = [str(self.model._meta.get_field(name).verbose_name) for name in self.search_fields]
        return gettext("Exact %(columns)s") % {"columns": ", ".join(names)} if names else ""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Lists that count nothing."""
        return UncountedList

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet[Row], search_term: str) -> tuple[models.QuerySet[Row], bool]:
        """Compare the whole term with each column, exactly: that is what indexes answer and row-level security lets through."""
        wanted = search_term.strip()
        if not wanted:
            return queryset, False
        condition = Q(pk__in=[])
        for name in self.search_fields:
            condition |= Q(**{str(name): wanted})
        return queryset.filter(condition), False


class TenantAdmin(OperatorPage[Row]):
    """Read-only pages about tenants' rows, open only after a choice. In a choice of all, every list names the PSP first.

    ``order_in_psp`` is the order of one PSP's rows, served by an index that begins with the PSP; over all PSPs the newest rows come first and
    filters are away, because no index serves them.
    """

    order_in_psp: tuple[str, ...] = ("-pk",)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Put the PSP first where there are several."""
        shown = super().get_list_display(request)
        return ("psp", *shown) if _looks_at_all(request) else shown

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        """Link what names the row, not the PSP."""
        return super().get_list_display_links(request, [name for name in list_display if name != "psp"])

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Filters need one PSP."""
        return () if _looks_at_all(request) else super().get_list_filter(request)

    def get_ordering(self, request: HttpRequest) -> Any:
        """An order that an index serves."""
        return ("-pk",) if _looks_at_all(request) else self.order_in_psp

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet[Row], search_term: str) -> tuple[models.QuerySet[Row], bool]:
        """Search over all PSPs by naming each of them: their indexes begin with the PSP."""
        if search_term.strip() and _looks_at_all(request):
            queryset = queryset.filter(psp_id__in=list(Psp.objects.values_list("pk", flat=True)))
        return super().get_search_results(request, queryset, search_term)

    def get_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """Show every column but the secret ones."""
        return [field.name for field in self.model._meta.concrete_fields if not is_secret(field) and field.name not in (self.exclude or ())]

    def get_readonly_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """All of them."""
        return self.get_fields(request, obj)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Row]:
        """Fetch what a list shows with each row, and leave secret columns in the database."""
        shown = set(self.get_list_display(request))
        related = [field.name for field in self.model._meta.concrete_fields if field.is_relation and field.name in shown]
        rows: models.QuerySet[Row] = (
            super().get_queryset(request).defer(*(field.name for field in self.model._meta.concrete_fields if is_secret(field)))
        )
        return rows.select_related(*related) if related else rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is made here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Nothing is deleted here."""
        return False


def _looks_at_all(request: HttpRequest) -> bool:
    choice = choice_of(request)
    return choice is not None and choice.is_all


class OperatorSite(UnfoldAdminSite):  # type: ignore[misc]
    """The admin site. Being Django "staff" is not enough: its pages show every tenant."""

    site_header = site_title = _("Hub operators")
    index_title = _("Overview")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take only pages in our shape: a library's own page would show columns that nobody has looked at."""
        if admin_class is not None and issubclass(admin_class, OperatorPage):
            super().register(model_or_iterable, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send visitors to the hub's own sign-in, with its limits on guessing; who is signed in and no operator gets a 403."""
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return answer

    def has_permission(self, request: HttpRequest) -> bool:
        """Operators are active superusers."""
        return bool(request.user.is_active and request.user.is_superuser)

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Open pages about tenants' rows only after a choice."""
        needs_choice = isinstance(getattr(view, "__self__", None), TenantAdmin)
        guarded: Callable[..., HttpResponse] = super().admin_view(chosen_first(view) if needs_choice else view, cacheable)
        return guarded

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the choice, which stands above every page."""
        context: dict[str, Any] = super().each_context(request)
        return context | {"choice": choice_of(request) if self.has_permission(request) else None}

    def get_urls(self) -> list[URLPattern]:
        """Add the choosing, and leave out the theme's search over everything, which would cache what one operator found for another."""
        ours = [path("choose/", self.admin_view(self.choose), name="choose")]
        return ours + [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") != "search"]

    def choose(self, request: HttpRequest) -> HttpResponse:
        """Ask whose rows to show, record the answer, and go on to the page that was asked for."""
        form = ChoiceForm(request.POST if request.method == "POST" else None, initial={"psp": request.GET.get("psp", "")})
        if request.method == "POST" and "leave" in request.POST:
            leave(request)
            return HttpResponseRedirect(next_address(request))
        if form.is_valid():
            choose(request, operator=cast("User", request.user), psp=form.cleaned_data.get("found"), reason=form.cleaned_data["reason"])
            return HttpResponseRedirect(next_address(request))
        context = self.each_context(request) | {
            "title": gettext("Whose rows?"),
            "form": form,
            "psps": Psp.objects.order_by("name", "pk"),
            "all": ALL,
            "next": next_address(request),
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "operator/choose.html", context, status=status)
