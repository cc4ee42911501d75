"""Adding a product to a store (GA-28, GA-29, GT-19, GT-20), step by step; each step is an address of its own and goes on in any browser."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from catalog.design_choice import DesignOrUpload, artwork_posted, design_choice
from catalog.models import Artwork, CustomerProduct
from catalog.selectors import Offer, offer_to, printable_designs
from catalog.services.artwork import BadArtwork
from catalog.services.designs import BadDesign, design_from_upload
from catalog.services.preflight import BadFile
from pod_hub.accounts.access import member_only, membership_of
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.middleware import outside_scope
from pod_hub.core.outbox import Delivery
from pod_hub.core.pictures import BadPicture
from pod_hub.core.tenancy import tenant
from stores.access import publication_for, publication_picture_for, store_for
from stores.channels.registry import capabilities
from stores.models import Listing, Publication, Store
from stores.product_forms import DetailsForm, OwnPictureForm, TypeSearchForm, VariantsForm
from stores.publishing_errors import CannotAdd
from stores.publishing_presentation import WAITING, look_of, steps_of
from stores.publishing_selectors import copyable_listings, offered_variants, units_of
from stores.services import adding_products as adding
from stores.services.product_variants import choose_variants
from stores.services.publication_pictures import TooManyPictures, add_own_picture, make_main, remove_picture
from stores.variant_options import variant_name
from stores.views.pages import reach_channel

read_or_post = require_http_methods(["GET", "HEAD", "POST"])
STEPS = ("variants", "design", "pictures", "type", "details", "publish")


def draw(request: HttpRequest, row: Publication, here: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Draw one step with the frame that all share."""
    request.nav_path = reverse("stores:store", args=[row.store.public_id])  # type: ignore[attr-defined]
    frame = {
        "row": row,
        "store": row.store,
        "steps": steps_of(row, here, lacking=adding.lacking(row) if row.is_open else (), has_variants=_has_variants(row)),
        "look": look_of(row),
        "waiting": waiting(row),
        "channel": capabilities(row.store.kind),
    }
    return reach_channel(render(request, f"dashboard/stores/adding/{here}.html", frame | context, status=status), row.store.kind)


def _has_variants(row: Publication) -> bool:
    return len(units_of(row)) > 1 or (row.is_open and bool(offered_variants(row)))


def waiting(row: Publication) -> dict[str, Any]:
    """Return what the progress component needs while a worker asks for something; empty otherwise."""
    if not row.is_waiting:
        return {}
    return {"label": WAITING[Publication.Asks(row.asks)], "text": row.last_error, "poll": reverse("stores:product_progress", args=[row.public_id])}


def after(row: Publication, here: str) -> str:
    """Return the address of the step after one."""
    names = [name for name in STEPS if name != "design" or row.customer_product.product_model.needs_design]
    return reverse(f"stores:product_{names[names.index(here) + 1]}", args=[row.public_id])


def _closed(request: HttpRequest, row: Publication) -> HttpResponse | None:
    """Lead to how a product stands that cannot be changed now, and say so; None for one that can be."""
    if row.is_open:
        return None
    if request.method == "POST":
        messages.error(request, adding.closed_words(row))
    return redirect("stores:product_publish", row.public_id)


def actor_of(request: HttpRequest) -> Actor:
    """Return who pressed the button."""
    return Actor.person(request.user)  # type: ignore[arg-type]


# --- which product ----------------------------------------------------------------------------------------------------
@read_or_post
@member_only(may="may_act_for_customer")
def add_product(request: HttpRequest, public_id: str) -> HttpResponse:
    """Pick a product of the catalog, or one that another store of the customer sells; POST begins with it."""
    store = store_for(public_id)
    if request.method == "POST":
        row = _begin(request, store)
        if row is not None:
            return redirect("stores:product_variants" if row.copied_from is None and offered_variants(row) else "stores:product", row.public_id)
    words = request.GET.get("q", "").strip()[:100]
    from_stores = request.GET.get("from") == "stores"
    request.nav_path = reverse("stores:store", args=[public_id])  # type: ignore[attr-defined]
    here = reverse("stores:add_product", args=[public_id])
    offer = None if from_stores else offer_to(store.customer, words=words)
    context = {
        "store": store,
        "steps": steps_of(None, "product"),
        "tabs": [
            {"label": _("From the catalog"), "href": here, "active": not from_stores},
            {"label": _("From another store"), "href": f"{here}?from=stores", "active": from_stores},
        ],
        "from_stores": from_stores,
        "q": words,
        "offer": offer,
        "has_siblings": bool(offer and _offers_siblings(offer)),
        "listings": copyable_listings(store, words=words) if from_stores else [],
        "ready": bool(getattr(store, "connection", None) and store.connection.authorization_id),
        "channel": capabilities(store.kind),
    }
    return reach_channel(render(request, "dashboard/stores/adding/product.html", context), store.kind)


def _begin(request: HttpRequest, store: Store) -> Publication | None:
    product, listing = request.POST.get("product", ""), request.POST.get("listing", "")
    try:
        if listing.isidentifier() and (copied := Listing.objects.filter(public_id=listing).first()):
            return adding.copy_listing(store_id=store.pk, listing_id=copied.pk, actor=actor_of(request))
        if product.isidentifier() and (chosen := CustomerProduct.objects.filter(public_id=product).first()):
            return adding.start_publication(store_id=store.pk, customer_product_id=chosen.pk, actor=actor_of(request))
        messages.error(request, _("Nothing was added, because the chosen product is not offered to this customer. Choose one of the list."))
    except CannotAdd as error:
        messages.error(request, str(error))
    return None


def _offers_siblings(offer: Offer) -> bool:
    models = [product.product_model_id for shelf in offer.shelves for product in shelf.products]
    return len(models) > len(set(models))


# --- variants ---------------------------------------------------------------------------------------------------------
@read_or_post
@member_only(may="may_act_for_customer")
def variants(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose the sizes and colours in which a product is made; one alone is a product without variants."""
    row = publication_for(public_id)
    if closed := _closed(request, row):
        return closed
    form = VariantsForm(request.POST if request.method == "POST" else None, products=offered_variants(row))
    if request.method == "POST" and form.is_valid():
        try:
            choose_variants(publication_id=row.pk, product_ids=form.product_ids())
            return redirect(after(row, "variants"))
        except CannotAdd as error:
            form.add_error(None, str(error))
    ticked = set(form.offered) if request.GET.get("tick") == "all" else {unit.customer_product.public_id for unit in units_of(row)}
    if form.is_bound:
        ticked = set(request.POST.getlist("products"))
    options = [{"product": product, "name": variant_name(product), "ticked": public_id in ticked} for public_id, product in form.offered.items()]
    return draw(
        request,
        row,
        "variants",
        status=422 if form.errors else 200,
        form=form,
        options=options,
        next_step=after(row, "variants"),
        has_all=len(ticked) == len(options),
    )


# --- design -----------------------------------------------------------------------------------------------------------
@outside_scope
@read_or_post
@member_only(may="may_act_for_customer")
def design(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose or upload the design, or draw one in the editor, which comes back here with ``?design=``."""
    psp_id = membership_of(request).psp_id
    kept = artwork_posted(request, psp_id=psp_id, customer=lambda: publication_for(public_id).store.customer)
    with tenant(psp_id):
        return _design(request, public_id, kept)


def _design(request: HttpRequest, public_id: str, kept: Artwork | BadArtwork | None) -> HttpResponse:
    row = publication_for(public_id)
    if closed := _closed(request, row):
        return closed
    designs = printable_designs(customer_id=row.store.customer_id, product_model_id=row.customer_product.product_model_id)
    form = DesignOrUpload(request.POST or None, request.FILES or None, designs=designs)
    if request.method == "POST" and form.is_valid():
        try:
            chosen = form.cleaned_data["design"]
            if kept is not None and form.cleaned_data["upload"] is not None:
                chosen = design_from_upload(customer=row.store.customer, product_model=row.customer_product.product_model, kept=kept)
            adding.choose_design(publication_id=row.pk, design_id=chosen.pk)
            return redirect(after(row, "design"))
        except (BadFile, BadDesign) as error:
            form.add_error("upload", str(error))
        except CannotAdd as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "choice": design_choice(
            product_model=row.customer_product.product_model,
            customer=row.store.customer,
            name=row.title,
            back_to=reverse("stores:product_design", args=[public_id]),
            begun_for=row.public_id,
        ),
        "chosen_design": request.POST.get("design") or request.GET.get("design") or (row.design.public_id if row.design else ""),
        "flaw": adding.flaw_of_design(row.design),
    }
    return draw(request, row, "design", status=422 if form.errors else 200, **context)


# --- pictures ---------------------------------------------------------------------------------------------------------
@read_or_post
@member_only(may="may_act_for_customer")
def pictures(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the pictures as they are drawn, and take a merchant's own."""
    row = publication_for(public_id)
    if closed := _closed(request, row):
        return closed
    form = OwnPictureForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_own_picture(publication=row, content=form.cleaned_data["picture"].read())
            adding.pictures_changed(publication_id=row.pk)
            return redirect("stores:product_pictures", public_id)
        except (BadPicture, TooManyPictures) as error:
            form.add_error("picture", str(error))
    shown = list(row.pictures.all())
    drawing = sum(one.delivery == Delivery.PENDING for one in shown)
    progress = {
        "value": len(shown) - drawing,
        "max": len(shown),
        "text": f"{len(shown) - drawing} / {len(shown)}",
        "poll": reverse("stores:product_pictures_progress", args=[public_id]),
    }
    context = {"form": form, "pictures": shown, "drawing": progress if drawing else {}, "next_step": after(row, "pictures")}
    return draw(request, row, "pictures", status=422 if form.errors else 200, **context)


@require_POST
@member_only(may="may_act_for_customer")
def change_picture(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put a picture first, or take it away."""
    picture = publication_picture_for(public_id)
    if closed := _closed(request, picture.publication):
        return closed
    if request.POST.get("do") == "remove":
        remove_picture(picture=picture)
    else:
        make_main(picture=picture)
    adding.pictures_changed(publication_id=picture.publication_id)
    return redirect("stores:product_pictures", picture.publication.public_id)


# --- product type -----------------------------------------------------------------------------------------------------
@read_or_post
@member_only(may="may_act_for_customer")
def product_type(request: HttpRequest, public_id: str) -> HttpResponse:
    """Find the product type: words are asked at the marketplace by a worker, and one of what it knows is chosen."""
    row = publication_for(public_id)
    if closed := _closed(request, row):
        return closed
    form = TypeSearchForm(request.POST or None, initial={"words": row.type_words or row.customer_product.product_model.name})
    if request.method == "POST":
        try:
            if request.POST.get("type"):
                adding.choose_type(publication_id=row.pk, product_type=request.POST["type"])
                return redirect("stores:product_details", public_id)
            if form.is_valid():
                adding.search_types(publication_id=row.pk, words=form.cleaned_data["words"])
                return redirect("stores:product_type", public_id)
        except CannotAdd as error:
            messages.error(request, str(error))
    return draw(request, row, "type", status=422 if form.errors else 200, form=form, next_step=after(row, "type"))


# --- details ----------------------------------------------------------------------------------------------------------
@read_or_post
@member_only(may="may_act_for_customer")
def details(request: HttpRequest, public_id: str) -> HttpResponse:
    """Fill in name, description, price, brand, stock and what the product type asks. "Save for later" takes it unfinished, as does going to the variants."""
    row = publication_for(public_id)
    if request.method != "POST" and (closed := _closed(request, row)):
        return closed
    form = DetailsForm(row=row)
    if request.method == "POST":
        then = request.POST.get("do", "")
        form = DetailsForm(request.POST, row=row, complete=row.is_open and then not in {"later", "variants"})
        if form.is_valid():
            try:
                adding.save_details(publication_id=row.pk, details=form.details())
            except CannotAdd as error:
                form.add_error(error.field or None, str(error))
            else:
                if then == "variants":
                    return redirect("stores:product_variants", public_id)
                if then == "later":
                    messages.success(request, _("Saved. It is in the list of products that are added; go on whenever you like."))
                    return redirect("stores:publications", row.store.public_id)
                return redirect(after(row, "details"))
    else:
        form.show(row.troubles)
    return draw(request, row, "details", status=422 if form.is_bound and form.errors else 200, form=form)
