"""Lines with a design of their own, chosen for their order alone: they wait while its print file is being made, and go on by themselves."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from catalog.models import Design
from orders.models import ArtworkCause, Hold, HoldKind, OrderLine
from orders.services.filling import UNPRINTED, locked_lines
from orders.services.holds import hold_for_artwork, release_holds
from orders.services.recipes import could_not_be_made
from orders.services.watching_files import watch_files
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import across_tenants, tenant


def own_designs_ready(*, limit: int = 100) -> int:
    """Give lines the print file of their own design that has become ready, over all tenants; tell those whose file failed, once. Returns how many."""
    with across_tenants(reason="find lines whose own design has become ready"):
        told = Hold.objects.filter(line=OuterRef("pk"), kind=HoldKind.ARTWORK, released_at=None, cause=ArtworkCause.FAILED)
        waiting = OrderLine.objects.filter(design__isnull=False, print_file=None, state__in=UNPRINTED)
        due = waiting.filter(Q(design__state=Design.State.READY) | Q(~Exists(told), design__state=Design.State.FAILED))
        found = list(due.values_list("pk", "psp_id")[:limit])
    return sum(_take_file(line_id, psp_id) for line_id, psp_id in found)


def _take_file(line_id: int, psp_id: int) -> int:
    with tenant(psp_id):
        lines = locked_lines(OrderLine.objects.filter(pk=line_id, print_file=None, design__isnull=False, state__in=UNPRINTED))
        for line in lines:
            design = Design.objects.get(pk=line.design_id or 0)
            if design.print_file_id is not None:
                line.print_file_id = design.print_file_id
                line.save(update_fields=["print_file"])
                held = Hold.objects.filter(line=line, kind=HoldKind.ARTWORK, released_at=None)
                release_holds(list(held), actor=HUB, reason=_("its print file has been made"))
                watch_files([line.print_file_id])
            elif design.state == Design.State.FAILED:
                hold_for_artwork(line, could_not_be_made(design))
        return len(lines)
