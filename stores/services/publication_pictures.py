"""The pictures of a product that is added: mockups drawn by a worker, a merchant's own, and the public links by which marketplaces fetch them."""

from __future__ import annotations

import secrets
from datetime import timedelta

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.models import Design, Mockup
from catalog.rendering.refusals import Refused
from catalog.rendering.workshop import Unfinished
from catalog.selectors import mockups_of
from catalog.services.mockups import CONTENT_TYPE, DrawnMockup, MockupPlan, draw_mockup, plan_mockup
from pod_hub.core.crash_points import crash_point
from pod_hub.core.hints import hint
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.pictures import Limits, clean_picture, store_picture
from pod_hub.core.tenancy import across_tenants, tenant
from stores.models import Publication, PublicationPicture

log = structlog.get_logger(__name__)

TASK = "stores.product_pictures"
MOST_PICTURES = 9
# What every channel shows, and zooms into: TikTok Shop takes 300 to 4000 pixels of each side, Amazon enlarges from 1000 of the longer side on.
OWN = Limits(most_bytes=10_000_000, most_pixels=40_000_000, fits=(3000, 3000), least=(1000, 500))
LINK_LIFETIME = timedelta(days=14)  # marketplaces fetch within hours, and again after a change
LEASE_S = 75
MOST_TRIES = 3
WAITS_FOR_DESIGN_S = 15


class TooManyPictures(Exception):
    """The product has all the pictures a marketplace takes."""


def plan_pictures(row: Publication) -> None:
    """Have the mockups of a locked publication drawn anew, one for each of its product's; without any, the design alone. Own pictures stay.

    Where there are several variants, the pictures of the first come first, and those of the others after them as far as there is room.
    """
    row.pictures.filter(is_own=False).delete()
    product = row.customer_product
    first = product.model_variant_id
    further = set(row.variants.values_list("customer_product__model_variant", flat=True))
    shown = [one for one in mockups_of(product.product_model) if first is None or one.variant_id in {None, first, *further}]
    mockups = sorted(shown, key=lambda one: one.variant_id not in {None, first}) if further else shown
    room = MOST_PICTURES - row.pictures.count()
    wanted: list[Mockup | None] = [*mockups[:room]]
    if not wanted and room and row.design_id:
        wanted = [None]  # the design alone
    PublicationPicture.objects.bulk_create(
        PublicationPicture(publication=row, mockup=mockup, position=position) for position, mockup in enumerate(wanted)
    )
    for position, picture in enumerate(row.pictures.filter(is_own=True), start=len(wanted)):
        PublicationPicture.objects.filter(pk=picture.pk).update(position=position)
    if wanted:
        hint(TASK)


# --- by people --------------------------------------------------------------------------------------------------------
@transaction.atomic
def add_own_picture(*, publication: Publication, content: bytes) -> PublicationPicture:
    """Add a merchant's own picture at the end. Raises ``BadPicture`` and ``TooManyPictures``."""
    if publication.pictures.count() >= MOST_PICTURES:
        raise TooManyPictures(_("A product has at most %(n)s pictures. Remove one first.") % {"n": MOST_PICTURES})
    cleaned = clean_picture(content, OWN)
    last = publication.pictures.aggregate(last=Max("position"))["last"]
    picture: PublicationPicture = PublicationPicture.objects.create(
        publication=publication,
        position=0 if last is None else last + 1,
        is_own=True,
        storage_name=store_picture(cleaned, folder=f"psp-{publication.psp_id}/product-pictures"),
        content_type="image/png",
        width_px=cleaned.width,
        height_px=cleaned.height,
        delivery=Delivery.CONFIRMED,
    )
    return picture


@transaction.atomic
def remove_picture(*, picture: PublicationPicture) -> None:
    """Take a picture away; its link ends with it. The file stays, since others may be the same."""
    picture.delete()


@transaction.atomic
def make_main(*, picture: PublicationPicture) -> None:
    """Put a picture first: shops show it in their lists."""
    others = picture.publication.pictures.exclude(pk=picture.pk)
    for position, pk in enumerate([picture.pk, *others.values_list("pk", flat=True)]):
        PublicationPicture.objects.filter(pk=pk).update(position=position)


def copy_own_pictures(*, source: Publication, target: Publication) -> None:
    """Give a publication the own pictures of another one of the same customer. They share the stored files and no links."""
    PublicationPicture.objects.bulk_create(
        PublicationPicture(
            publication=target,
            position=position,
            is_own=True,
            storage_name=one.storage_name,
            content_type=one.content_type,
            width_px=one.width_px,
            height_px=one.height_px,
            delivery=Delivery.CONFIRMED,
        )
        for position, one in enumerate(source.pictures.filter(is_own=True, delivery=Delivery.CONFIRMED))
    )


# --- links ------------------------------------------------------------------------------------------------------------
def give_link(picture: PublicationPicture) -> None:
    """Give a picture a public link that works for two weeks from now; the one it has goes on working."""
    picture.link_token = picture.link_token or secrets.token_urlsafe(32)
    picture.link_until = now() + LINK_LIFETIME
    PublicationPicture.objects.filter(pk=picture.pk).update(link_token=picture.link_token, link_until=picture.link_until)


def linked_picture(token: str) -> tuple[str, str] | None:
    """Return storage name and type of the picture behind a link; None when there is no such link (any more). Needs no scope: the link is the right."""
    with across_tenants(reason="show a product's picture to whoever has its link"):
        rows = PublicationPicture.objects.filter(link_token=token, link_until__gt=now(), delivery=Delivery.CONFIRMED)
        return rows.exclude(link_token="").values_list("storage_name", "content_type").first()


def read_picture(storage_name: str) -> bytes:
    """Return a stored picture's content. Raises ``OSError``."""
    with default_storage.open(storage_name) as stored:
        content: bytes = stored.read()
    return content


# --- by workers -------------------------------------------------------------------------------------------------------
def draw_next() -> bool:
    """Draw the mockup that waits longest, over all tenants. False when none is due."""
    with across_tenants(reason="find a mockup to draw"):
        leased = PublicationPicture.lease_next(limit=1, seconds=LEASE_S)
    if not leased:
        return False
    (picture,) = leased
    crash_point("mockup.leased")
    with tenant(picture.psp_id):
        plan = _plan(picture)
    if plan is not None:
        _draw(picture, plan)
    return True


def _plan(picture: PublicationPicture) -> MockupPlan | None:
    publication = Publication.objects.select_related("design").get(pk=picture.publication_id)
    design: Design | None = publication.design
    if design is not None and design.state == Design.State.RENDERING:
        # Its print files are being made; the mockup waits for them, which is no fault.
        picture.settle(not_before=picture.next_try(wait_s=WAITS_FOR_DESIGN_S), attempts=0)
        return None
    if design is not None and design.state == Design.State.FAILED:
        picture.settle(
            delivery=Delivery.PARKED, last_error=_("The print file of the design could not be made. Correct the design, then choose it again.")
        )
        return None
    return plan_mockup(design, picture.mockup, psp_id=picture.psp_id)


def _draw(picture: PublicationPicture, plan: MockupPlan) -> None:
    try:
        drawn = draw_mockup(plan)
        crash_point("mockup.drawn")
    except Refused:
        _give_up(picture, _("This mockup cannot be drawn. Add a picture of your own, or choose another design."))
    except (Unfinished, OSError) as error:
        log.warning("mockup_not_drawn", failure=type(error).__name__, attempts=picture.attempts)
        most = MOST_TRIES if isinstance(error, Unfinished | FileNotFoundError) else MOST_ATTEMPTS
        if picture.attempts >= most:
            _give_up(picture, _("This mockup could not be drawn. Add a picture of your own, or choose the design again."))
            return
        with tenant(picture.psp_id):
            picture.settle(not_before=picture.next_try(longest_s=600), last_error=_("Drawing did not work out; it is tried again."))
    else:
        with tenant(picture.psp_id):
            _keep(picture, drawn)


def _keep(picture: PublicationPicture, drawn: DrawnMockup) -> None:
    picture.settle(
        delivery=Delivery.CONFIRMED,
        storage_name=drawn.storage_name,
        content_type=CONTENT_TYPE,
        width_px=drawn.width_px,
        height_px=drawn.height_px,
        last_error="",
    )


def _give_up(picture: PublicationPicture, words: str) -> None:
    with tenant(picture.psp_id):
        picture.settle(delivery=Delivery.PARKED, last_error=words)
