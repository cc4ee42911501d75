"""What the design editor says, for its scripts (catalog/static/catalog/editor/words.js): sentences in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from catalog.services.preflight import words_of


def words() -> dict[str, str]:
    """Return every sentence by the name under which the scripts say it; ``%(name)s`` is filled in there."""
    return _saving() | _findings() | _deeds() | _labels() | _uploads()


def _saving() -> dict[str, str]:
    return {
        "not_changed": _("Nothing changed yet"),
        "saved_at": _("Saved %(time)s"),
        "saving": _("Saving …"),
        "not_saved": _("Not saved yet. The hub does not answer; it is tried again by itself, and this browser keeps your changes."),
        "signed_out": _("You were signed out. Sign in in another window, then change anything here: nothing is lost."),
        "nothing_to_print": _("There is nothing on the product yet. Place a picture or a text first."),
    }


def _findings() -> dict[str, str]:
    return {
        "dpi_too_low": _(
            "“%(name)s” would be printed at %(dpi)s dpi; at least %(least)s are needed. Make it %(width)s × %(height)s mm or smaller, or upload a larger picture."
        ),
        "dpi_below_target": _("“%(name)s” is printed at %(dpi)s dpi. That is enough; %(target)s look best."),
        "nothing_written": _("A text layer is empty. Write something, or delete it."),
        "no_such_character": _("The font of “%(name)s” does not have %(characters)s. Choose another font, or write it differently."),
        "outside": _("“%(name)s” lies outside the print area and is not printed."),
        "near_edge": _("“%(name)s” reaches %(mm)s mm into the safe zone (%(sides)s) and may be cut off there."),
        "short_of_bleed": _("“%(name)s” ends before the bleed does (%(sides)s), so a blank line may show. Make it reach %(mm)s mm further."),
        "strip_open": _(
            "“%(name)s” leaves a strip of %(mm)s mm unprinted (%(sides)s). Enlarge it or choose a background colour, unless it is meant to stay blank."
        ),
        "type_not_taken": words_of("type_not_taken"),
        "colours_not_taken": words_of("colours_not_taken"),
        "side_left": _("left"),
        "side_top": _("top"),
        "side_right": _("right"),
        "side_bottom": _("bottom"),
        "and": _(", "),
        "checks_empty": _("Nothing on this area yet"),
        "checks_ok": _("Prints well"),
        "checks_warn": _("%(n)s things to look at"),
        "checks_bad": _("%(n)s findings, some prevent printing"),
        "has_findings": _(" (has a finding)"),
    }


def _deeds() -> dict[str, str]:
    return {
        "did_add": _("Added: %(name)s"),
        "did_move": _("Moved"),
        "did_turn": _("Turned"),
        "did_scale": _("Size changed"),
        "did_change": _("Changed"),
        "did_fit": _("Fitted to the area"),
        "did_fill": _("Filled the area"),
        "did_best": _("Size for %(dpi)s dpi"),
        "did_flip": _("Flipped"),
        "did_align": _("Aligned"),
        "did_spread": _("Gaps made equal"),
        "did_order": _("Order changed"),
        "did_duplicate": _("Duplicated"),
        "did_delete": _("Deleted"),
        "did_rename": _("Renamed"),
        "did_visible": _("Shown or hidden"),
        "did_locked": _("Locked or unlocked"),
        "did_background": _("Background changed"),
        "did_restore": _("Went on from what this browser kept"),
        "undone": _("Undone: %(what)s"),
        "redone": _("Done again: %(what)s"),
        "nothing": _("nothing"),
        "chosen": _("%(name)s, layer %(place)s of %(count)s"),
        "stands": _("%(name)s: %(x)s mm from left, %(y)s mm from top, %(width)s × %(height)s mm, turned %(rotation)s°"),
        "is_locked": _("This layer is locked. Unlock it in the list of layers."),
        "select_first": _("Nothing is selected."),
        "nothing_here": _("There is no layer on this area."),
        "too_many_layers": _("An area holds at most %(n)s layers. Remove some first."),
        "snaps": _("Snapping is on"),
        "snaps_not": _("Snapping is off"),
    }


def _labels() -> dict[str, str]:
    return {
        "picture": _("Picture"),
        "text": _("Text"),
        "empty_text": _("Empty text"),
        "your_text": _("Your text"),
        "nothing_selected": _("Nothing selected"),
        "n_layers": _("%(n)s layers"),
        "align_area": _("Align to the area"),
        "align_layers": _("Align to each other"),
        "at_dpi": _("%(dpi)s dpi"),
        "dpi_range": _("at least %(least)s, best %(target)s dpi"),
        "fact_size": _("Print size"),
        "fact_bleed": _("Bleed"),
        "fact_safe": _("Safe zone"),
        "fact_dpi": _("Resolution"),
        "visible_label": _("Hide %(name)s"),
        "locked_label": _("Lock %(name)s"),
        "name_of_layer": _("Name of the layer"),
        "area_filled": _("Something is printed here"),
        "area_empty": _("Nothing is printed here"),
        "mockup_n": _("Picture %(n)s of the product"),
        "dismiss": _("Dismiss"),
    }


def _uploads() -> dict[str, str]:
    return {
        "place_artwork": _("Place %(name)s"),
        "too_large": _("“%(name)s” is larger than 200 MB. Save it with compression and upload it again."),
        "upload_failed": _("“%(name)s” did not arrive. Check your connection and upload it again."),
        "list_failed": _("The list of artwork could not be loaded. Reload the page and try again."),
    }
