"""The shelves of the catalog: their tree, order and pictures."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Category
from pod_hub.core.pictures import Limits, clean_picture, store_picture
from pod_hub.core.tenancy import current_psp_id
from pod_hub.core.twins import refuse_twins

PICTURES = Limits(most_bytes=10_000_000, most_pixels=40_000_000, fits=(800, 800))


class Circle(ValueError):
    """A category would stand on a shelf below itself; the message says what to do."""


def save_category(*, category: Category, picture: bytes | None = None, remove_picture: bool = False) -> Category:
    """Store a category; raises ``AlreadyThere`` for a second one of this name on the shelf, ``Circle`` when it would be below itself.

    ``picture`` is an uploaded file in place of the earlier one; raises ``BadPicture``.
    """
    above = category.parent
    while above is not None:
        if above.pk == category.pk:
            raise Circle(_("A category cannot stand below itself. Choose another place."))
        above = above.parent
    if picture is not None:
        category.picture_name = store_picture(clean_picture(picture, PICTURES), folder=f"psp-{current_psp_id()}/catalog")
    elif remove_picture:
        category.picture_name = ""
    with refuse_twins(_("There is a category of this name in this place. Choose another name.")):
        category.save()
    return category


@transaction.atomic
def move_category(*, category_id: int, down: bool) -> bool:
    """Change places with the neighbour on the same shelf, as merchants see them. Returns False at the end of the shelf."""
    category = Category.objects.get(pk=category_id)
    shelf = list(Category.objects.filter(parent=category.parent_id).select_for_update().order_by("position", "name", "pk"))
    place = next(number for number, one in enumerate(shelf) if one.pk == category.pk)
    other = place + (1 if down else -1)
    if not 0 <= other < len(shelf):
        return False
    shelf[place], shelf[other] = shelf[other], shelf[place]
    for number, one in enumerate(shelf, 1):
        one.position = number
    Category.objects.bulk_update(shelf, ["position"])
    return True
