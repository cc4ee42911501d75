"""What TikTok does with a product that was submitted: after a while it passes or fails, and webhooks tell of it.

[L] The audit looks for words no shop may use (``fake``, ``replica``, ``counterfeit``) and takes ten minutes; the scenario ``audit_fails`` and the seller
centre decide otherwise. A product that is live stays live, as it was, while an edit of it is audited.
"""

from __future__ import annotations

from typing import Any

from stores.sandbox.tiktok import webhooks
from stores.sandbox.tiktok.records import Audit, Product, ProductStatus, Sku
from stores.sandbox.tiktok.world import AUDIT_S, World
from stores.sandbox.world import NotPossible

FORBIDDEN = ("fake", "replica", "counterfeit")


def submit(world: World, product: Product) -> None:
    """Send a new, drafted, failed or edited product to the audit. The caller keeps the product."""
    product.audit, product.failures = Audit.AUDITING, []
    product.audit_due = world.clock.epoch() + world.clock.shortened(AUDIT_S)
    if not product.was_live:
        product.status = ProductStatus.PENDING


def end_due(world: World) -> None:
    """End every audit whose time has come."""
    for product_id in world.books.due_audits(now=world.clock.epoch()):
        with world.books.transaction():
            product = world.books.product(product_id)
            if product is not None and product.audit_due:
                _end(world, product, at=product.audit_due)


def end_now(world: World, product_id: str, *, reason: str = "") -> Product:
    """End an audit at once: with a ``reason`` it fails, without it passes."""
    with world.books.transaction():
        product = world.books.product(product_id)
        if product is None or not product.audit_due:
            raise NotPossible(f"Product {product_id} is not being audited. Nothing was changed.")
        _end(world, product, at=world.clock.epoch(), verdict=reason)
    return product


def _end(world: World, product: Product, *, at: float, verdict: str | None = None) -> None:
    version = {"title": product.title, "description": product.description, **(product.edited or {})}
    if verdict is None:
        struck = world.scenarios.strike("audit_fails", operation="audit", seller_id=product.shop_id)
        verdict = str(struck["reason"]) if struck else _verdict(f"{version['title']} {version['description']}".lower())
    changed = sorted(set(product.edited or {}))
    first_time = not product.was_live
    product.audit_due = 0
    if verdict:
        product.audit, product.failures, product.edited = Audit.FAILED, [verdict], None
        if not product.was_live:
            product.status = ProductStatus.FAILED
    else:
        product.audit, product.was_live = Audit.APPROVED, True
        before = product.category_id
        apply_edit(product)
        if product.status == ProductStatus.PENDING:
            product.status = ProductStatus.ACTIVATE
        _announce_changes(world, product, changed, before, at=at)
    product.updated = max(int(at), product.updated + 1)
    world.books.keep_product(product)
    world.note(product.shop_id, "product_audited", {"product_id": product.product_id, "audit": product.audit, "reason": verdict}, at=at)
    status = "PRODUCT_AUDIT_FAILURE" if verdict else "PRODUCT_FIRST_PASS_REVIEW" if first_time else "PRODUCT_STATUS_CHANGED"
    number: dict[str, Any] = {"product_id": int(product.product_id)}  # tiktok.md §4: these two send the id as a number
    tell = {**number, "status": status, "suspended_reason": verdict, "update_time": product.updated}
    webhooks.announce(world, "PRODUCT_STATUS_CHANGE", tell, shop_id=product.shop_id, at=at)
    audit = {**number, "audit": {"status": product.audit, "pre_approved_reasons": []}, "update_time": product.updated}
    webhooks.announce(world, "PRODUCT_AUDIT_STATUS_CHANGE", audit, shop_id=product.shop_id, at=at)


def _verdict(text: str) -> str:
    found = next((word for word in FORBIDDEN if word in text), "")
    return f"The product is called {found}. Counterfeit products may not be sold." if found else ""


def apply_edit(product: Product) -> None:
    """Put the edited version in the place of the one before."""
    for name, value in (product.edited or {}).items():
        setattr(product, name, [Sku(**row) for row in value] if name == "skus" else value)
    product.edited = None


def _announce_changes(world: World, product: Product, changed: list[str], category_before: str, *, at: float) -> None:
    if not changed:
        return
    names = [name for name in changed if name != "further"]
    tell = {"product_id": product.product_id, "change_source": "OPEN_API", "changed_fields": names, "update_time": int(at)}
    webhooks.announce(world, "PRODUCT_INFORMATION_CHANGE", tell, shop_id=product.shop_id, at=at)
    if product.category_id != category_before:
        tell = {
            "product_id": product.product_id,
            "previous_category_id": category_before,
            "current_category_id": product.category_id,
            "update_time": int(at),
        }
        webhooks.announce(world, "PRODUCT_CATEGORY_CHANGE", tell, shop_id=product.shop_id, at=at)
