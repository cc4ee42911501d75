"""How a PSP shows itself to its customers: the page to choose it, its own sign-in page, and the colours and logo that both wear."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.colours import HEX, lit, mixed
from pod_hub.accounts.forms import BrandForm
from pod_hub.accounts.middleware import WANTED_KEY
from pod_hub.accounts.models import Psp
from pod_hub.accounts.own_look import remember_provider
from pod_hub.accounts.services.logos import store_logo
from pod_hub.core.pictures import BadPicture

PAGE, DARK_PAGE = "#ffffff", "#171b22"
KEPT_S = 86400  # the address changes with what it shows


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_set_up")
def brand(request: HttpRequest) -> HttpResponse:
    """Choose name, colour, logo and sender; "Preview" shows them without saving."""
    psp = Psp.objects.get(pk=membership_of(request).psp_id)
    form = BrandForm(request.POST or None, request.FILES or None, instance=psp)
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST and _saved(form, psp):
        messages.success(request, _("Saved. Your customers see it from the next page they open."))
        return redirect("accounts:brand")
    colour = str(form["colour"].value() or "").lower()
    context = {
        "form": form,
        "psp": psp,
        "colour": colour[1:] if HEX.fullmatch(colour) and not form["colour"].errors else "",
        "name": form["display_name"].value() or psp.name,
        "sign_in_address": request.build_absolute_uri(reverse("accounts:sign_in_at", args=[psp.slug])),
    }
    return render(request, "dashboard/accounts/brand.html", context, status=422 if form.is_bound and form.errors else 200)


def _saved(form: BrandForm, psp: Psp) -> bool:
    changed = form.save(commit=False)
    try:
        if uploaded := form.cleaned_data["logo"]:
            changed.logo_name = store_logo(psp_id=psp.pk, content=uploaded.read())
        elif form.cleaned_data["remove_logo"]:
            changed.logo_name = ""
    except BadPicture as error:
        form.add_error("logo", str(error))
        return False
    changed.save(update_fields=[*BrandForm.Meta.fields, "logo_name"])
    return True


def _stylesheet(colour: str, *, scope: str) -> str:
    """Return the style that makes a PSP's colour the accent; only hexadecimal digits of it come from people."""
    light, dark = f"{colour}", lit(colour)
    return (
        f"{scope} {{ --accent: light-dark({light}, {dark}); --accent-solid: {light}; --accent-hover: {mixed(light, '#000000', 0.2)};"
        f" --accent-soft: light-dark({mixed(light, PAGE, 0.9)}, {mixed(light, DARK_PAGE, 0.8)}); --focus: light-dark({light}, {dark}); }}\n"
        f"{scope} .hub-brand-mark {{ background: {light}; }}\n"
        f"{scope} .hub-nav-group a[aria-current] {{ color: var(--text); }}\n"
    )


@require_safe
def provider_colours(_request: HttpRequest, slug: str) -> HttpResponse:
    """The stylesheet of a PSP's colour: served, because the content security policy allows no style inside a page."""
    colour = get_object_or_404(Psp, slug=slug).colour
    content = _stylesheet(colour, scope=":is(:root, [data-bs-theme])") if HEX.fullmatch(colour) else ""
    return _kept(HttpResponse(content, content_type="text/css"))


@require_safe
@staff_only(may="may_set_up")
@cache_control(private=True, max_age=3600)
def preview_colours(_request: HttpRequest, colour: str) -> HttpResponse:
    """The stylesheet of a colour that is being tried out, for the preview alone."""
    if not HEX.fullmatch(f"#{colour}"):
        raise Http404
    return HttpResponse(_stylesheet(f"#{colour}", scope=".hub-look-preview"), content_type="text/css")


@require_safe
def provider_logo(_request: HttpRequest, slug: str) -> HttpResponse:
    """A PSP's logo: a PNG that the hub itself encoded."""
    name = get_object_or_404(Psp, slug=slug).logo_name
    if not name:
        raise Http404
    try:
        with default_storage.open(name) as stored:
            return _kept(HttpResponse(stored.read(), content_type="image/png"))
    except OSError:
        raise Http404 from None


def _kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = f"public, max-age={KEPT_S}"
    return response


class SignInAt(LoginView):  # type: ignore[misc]
    """The hub's sign-in in a PSP's look. The same form, limits and answers; only what stands around it differs."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Find the PSP, and let whoever signs in here come out at its place if they have one there."""
        self.provider = get_object_or_404(Psp, slug=kwargs.pop("slug"))
        request.provider = self.provider  # type: ignore[attr-defined]
        if request.method == "POST":
            request.session[WANTED_KEY] = self.provider.pk
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        remember_provider(answer, self.provider)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Let the form come back to this page."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"sign_in_url": reverse("accounts:sign_in_at", args=[self.provider.slug])}


sign_in_at = SignInAt.as_view()
for _view in (provider_colours, provider_logo, sign_in_at):
    setattr(_view, "audience", "everybody")  # noqa: B010 - functions of several types
