"""How listings, syncs and suggestions are said to people: labels, tones, icons and sentences, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pod_hub.core.outbox import Delivery
from pod_hub.ui.look import Look, Tone
from stores.channels.registry import capabilities
from stores.listing_selectors import ShownListing
from stores.matching import Reason
from stores.models import Listing, ListingChange, ListingSync
from stores.suggestions import Suggestion

SHOW_LABELS = {
    "": gettext_lazy("All products"),
    "unmapped": gettext_lazy("Not connected"),
    "mapped": gettext_lazy("Connected"),
    "wrong": gettext_lazy("With errors"),
    "ignored": gettext_lazy("Ignored"),
    "gone": gettext_lazy("Gone"),
}
CHANGE_LABELS = {
    ListingChange.Kind.ADDED: gettext_lazy("new"),
    ListingChange.Kind.CHANGED: gettext_lazy("changed"),
    ListingChange.Kind.GONE: gettext_lazy("gone"),
}
# What a change says of the columns it touches.
CHANGED_LABELS = {
    "sku": gettext_lazy("SKU"),
    "product_id": gettext_lazy("product id"),
    "title": gettext_lazy("title"),
    "channel_state": gettext_lazy("state there"),
    "problem": gettext_lazy("errors"),
    "image_url": gettext_lazy("picture"),
}
SYNC_LOOK: Mapping[str, Look] = MappingProxyType(
    {
        Delivery.PENDING.value: Look(gettext_lazy("Running"), Tone.ACTIVE, "loader-2"),
        Delivery.CONFIRMED.value: Look(gettext_lazy("Products synced"), Tone.OK, "check"),
        Delivery.PARKED.value: Look(gettext_lazy("Sync stopped"), Tone.BAD, "circle-x"),
        Delivery.WITHDRAWN.value: Look(gettext_lazy("Sync cancelled"), Tone.NEUTRAL, "ban"),
    }
)
MAPPED = Look(gettext_lazy("Connected"), Tone.OK, "link")
UNMAPPED = Look(gettext_lazy("Not connected"), Tone.WARN, "circle-dashed")
IGNORED = Look(gettext_lazy("Not made here"), Tone.NEUTRAL, "building-store")
GONE = Look(gettext_lazy("Gone from the store"), Tone.NEUTRAL, "ban")
VARIANTS = Look(gettext_lazy("Has variants"), Tone.NEUTRAL, "layout-grid")
WRONG_THERE = Look(gettext_lazy("Error on the marketplace"), Tone.BAD, "alert-triangle")
FILE_FAILED = Look(gettext_lazy("Print file failed"), Tone.BAD, "circle-x")
FILE_PENDING = Look(gettext_lazy("Print file being made"), Tone.ACTIVE, "loader-2")


def listing_looks(shown: ShownListing) -> list[Look]:
    """Return how a listing stands; being gone from the store says more than what is made of it, and trouble stands beside it."""
    listing = shown.listing
    if listing.gone_at is not None:
        return [GONE]
    if listing.state == Listing.State.IGNORED:
        looks = [IGNORED]
    elif listing.state == Listing.State.MAPPED:
        looks = [MAPPED]
    else:
        looks = [VARIANTS] if listing.is_parent else [UNMAPPED]
    wrong = [WRONG_THERE] if listing.problem else []
    return looks + wrong + ([FILE_FAILED] if shown.failed else [FILE_PENDING] if shown.pending else [])


def state_there(kind: str, state: str) -> str:
    """Return how a listing stands at its marketplace, in our words; in its own where we have none."""
    return str(capabilities(kind).listing_states.get(state, state))


def sync_look(sync: ListingSync) -> Look:
    """Return how a sync ended, or that it runs."""
    return SYNC_LOOK[sync.delivery]


def change_words(change: ListingChange, *, kind: str) -> str:
    """Return what one sync found different about a listing of a kind of store, in sentences."""
    if change.kind == ListingChange.Kind.ADDED:
        return _("New in the store.")
    if change.kind == ListingChange.Kind.GONE:
        return _("Gone from the store.")
    before = dict(change.before)
    said = [_("Back in the store.")] if before.pop("gone_at", None) else []
    for name, label in CHANGED_LABELS.items():
        if name in before:
            said_before = state_there(kind, str(before[name])) if name == "channel_state" else str(before[name])
            shown, what = said_before.strip()[:120], str(label)
            words = _("%(what)s was “%(before)s”.") if shown and name != "image_url" else _("%(what)s is different.")
            said.append(words % {"what": what[:1].upper() + what[1:], "before": shown})
    return " ".join(said)


def why_suggested(suggestion: Suggestion) -> str:
    """Return the reason of a suggestion in words, and where its design comes from."""
    said = {
        Reason.UID: _("The SKU is the product UID."),
        Reason.UID_SPELLING: _("The SKU is the product UID “%(detail)s”, written differently."),
        Reason.SAME_SKU: _("The same SKU is connected to it in “%(detail)s”."),
        Reason.SAME_PRODUCT: _("The very same thing of the marketplace is connected to it: “%(detail)s”."),
        Reason.SIBLING: _("“%(detail)s”, another variant of the same product, is connected to its kind."),
        Reason.UID_INSIDE: _("The SKU holds the product UID “%(detail)s”."),
        Reason.TITLE: _("The titles are %(detail)s %% alike."),
        Reason.SIMILAR_CHOICE: _("“%(detail)s” is much like it and connected to it."),
    }[suggestion.reason] % {"detail": suggestion.detail}
    design = suggestion.parts[0].design
    if design is None:
        return said if suggestion.is_ready else f"{said} {_('Its design is to be chosen.')}"
    words = {
        "name": _("Design “%(design)s”: the listing names it."),
        "only": _("Design “%(design)s”: the only one for this product."),
        "there": _("Design “%(design)s”, as there."),
    }[suggestion.design_reason]
    return f"{said} {words % {'design': design.name}}"
