"""What other apps' pages need where a design is chosen: the form, keeping what is uploaded with the page, what there is to choose from, and the way
into the editor and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from catalog.forms import ARTWORK_TYPES, offer
from catalog.models import Artwork, Design, ProductModel
from catalog.selectors import DESIGNS_SHOWN, DRAFTS_SHOWN, drafts_of, printable_designs
from catalog.services.artwork import BadArtwork, kept_upload
from pod_hub.accounts.models import Customer
from pod_hub.accounts.returning import with_query
from pod_hub.core.tenancy import tenant
from pod_hub.ui.field_words import InOurWords


class DesignOrUpload(InOurWords, forms.Form):
    """One of a customer's designs, or a new file. A subclass may ask for more; ``needs_artwork`` is False where neither is wanted."""

    design: forms.ModelChoiceField[Design] = forms.ModelChoiceField(
        label=_("Design"), queryset=None, required=False, empty_label=None, to_field_name="public_id"
    )
    upload = forms.FileField(
        label=_("Or upload a new file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ARTWORK_TYPES}),
        help_text=_("PNG, JPEG, PDF or SVG."),
    )
    lacks_both: str | Promise = _("Choose a design, or upload a picture.")

    def __init__(self, *args: Any, designs: QuerySet[Design], needs_artwork: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs_artwork = needs_artwork
        if needs_artwork:
            offer(self, "design", designs)
        else:
            del self.fields["design"], self.fields["upload"]

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.needs_artwork and not (cleaned.get("design") or cleaned.get("upload") or self.errors):
            self.add_error("upload", str(self.lacks_both))
        return cleaned


def artwork_posted(request: HttpRequest, *, psp_id: int, customer: Callable[[], Customer]) -> Artwork | BadArtwork | None:
    """Keep what was posted as ``upload``, or return why it cannot be kept; None where nothing was posted. Call outside any scope:
    decoding a picture may take seconds.

    ``customer`` is asked in the tenant's scope whose artwork it will be, and raises ``Http404`` for whoever may not see that.
    """
    upload = request.FILES.get("upload")
    if request.method != "POST" or upload is None:
        return None
    with tenant(psp_id):
        owner = customer()
    return kept_upload(upload, customer=owner)


@dataclass(frozen=True, slots=True)
class Draft:
    """A design that is not saved for print yet, with the address at which it is gone on with."""

    design: Design
    href: str


@dataclass(frozen=True, slots=True)
class DesignChoice:
    """What a page offers to choose from (``designs/_choice.html``).

    ``editor`` is where a design is begun, or the one gone on with that was begun for the same thing (``begun``, not among the ``drafts``), by POST.
    Whoever saves a design there comes back with ``?design=``.
    """

    designs: list[Design]
    drafts: list[Draft]
    editor: str
    begun: Design | None


def design_choice(*, product_model: ProductModel, customer: Customer, name: str, back_to: str, begun_for: str) -> DesignChoice:
    """Return a customer's designs and drafts for a product model. ``begun_for`` is the public id of what the design is wanted for. Two queries."""
    of = {"customer_id": customer.pk, "product_model_id": product_model.pk}
    drafts = list(drafts_of(**of)[:DRAFTS_SHOWN])
    about = {"model": product_model.public_id, "customer": customer.public_id, "name": name[:100], "for": begun_for, "next": back_to}
    return DesignChoice(
        designs=list(printable_designs(**of)[:DESIGNS_SHOWN]),
        drafts=[
            Draft(one, with_query(reverse("designs:design", args=[one.public_id]), next=back_to)) for one in drafts if one.begun_for != begun_for
        ],
        editor=f"{reverse('designs:start')}?{urlencode(about)}",
        begun=next((one for one in drafts if one.begun_for == begun_for), None),
    )
