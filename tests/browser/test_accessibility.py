"""Every page of the staff, scanned by axe in light and dark, at a desk, on a tablet and on a phone; nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import uploads
from tests.browser.chromium import DESKTOP, PHONE, TABLET, Watch, axe_findings, sideways, sign_in, tab
from tests.browser.pages import Found, names_of_the_url_table, pages_from
from tests.browser.stage import Stage
from tests.journeys.form_reader import NotOnThePage
from tests.journeys.walk import Walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# What axe is asked: all of its rules at a desk and on a phone; in the dark only those about colour, which are the same on every size.
LOOKS: tuple[tuple[tuple[int, int], Literal["light", "dark"]], ...] = ((DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"))
BETWEEN = (TABLET, (1280, 800), (1024, 768))  # tablets and a small desk: axe finds nothing new there, but wide lists may stick out
# Addresses that show no page of their own. A new one that does is found by its link; one that is neither makes the test fail.
NO_PAGE = {
    "accounts:archive_member": "button on the people's page",
    "accounts:block_member": "button on the people's page",
    "accounts:enter_portal": "button on the customer's page",
    "accounts:invitation": "needs the link of a mail; tests/browser/test_invitation.py walks it",
    "accounts:leave_portal": "button in the portal",
    "accounts:logo": "picture",
    "accounts:preview_colours": "stylesheet",
    "accounts:provider_colours": "stylesheet",
    "accounts:provider_logo": "picture",
    "accounts:resend_invitation": "button on the people's page",
    "accounts:revoke_invitation": "button on the people's page",
    "accounts:sign_in_at": "redirects whoever is signed in; scanned as the invitation is",
    "accounts:unblock_member": "button on the people's page",
    "accounts:preview_file_name": "part of the file-names page",
    "accounts:decide_mail": "button",
    "accounts:revoke_api_key": "button",
    "api:cancel": "API",
    "stores:product_variants": "a step for marketplaces that take variants; test_adding_products.py walks and scans it",
    "portal:add_design": "page of merchants: test_portal.py",
    "portal:add_trading_name": "page of merchants",
    "portal:approve": "button",
    "portal:buyer": "button on the order's page",
    "portal:edit_trading_name": "page of merchants",
    "orders:print_design": "button on the design's page",
    "orders:keep_design": "needs a design that no longer fits; its form page is one of many alike",
    "orders:listing_making": "fragment of the listing's page",
    "orders:order_making": "fragment of the order's page",
    "designs:artwork": "JSON for the design editor",
    "designs:change": "button on the design's page",
    "designs:draft": "JSON of the design editor",
    "catalog:mockup_picture": "picture",
    "catalog:apply_import": "button on an import's page",
    "catalog:delete_mockup": "button on the mockup's page",
    "catalog:delete_print_area": "button on the model's page",
    "catalog:edit_variant": "the form of add_variant, for models that have variants",
    "catalog:export": "file",
    "catalog:move_category": "button",
    "fulfillment:label": "for marketplaces that sell labels; test_tiktok_shipping walks it",
    "fulfillment:label_again": "button on the order's page",
    "fulfillment:label_document": "file",
    "fulfillment:label_left": "button on the order's page",
    "fulfillment:remove_carrier": "button under Carriers",
    "stored_file": "file",
    "stores:notices": "for marketplaces",
    "product_picture": "picture for marketplaces",
    "stores:change_picture": "button",
    "stores:check_product": "button",
    "stores:drop_product": "button",
    "stores:picture_of_product": "picture",
    "stores:product": "redirects to the step that waits",
    "stores:product_again": "button",
    "stores:product_design": "a step of adding a product; scanned in test_adding_products",
    "stores:product_details": "the same",
    "stores:product_pictures": "the same",
    "stores:product_pictures_progress": "part of its page",
    "stores:product_progress": "part of the last step",
    "stores:product_publish": "a step of adding a product; scanned in test_adding_products",
    "stores:product_type": "the same",
    "stores:publish_product": "button",
    "catalog:category_picture": "picture",
    "designs:picture": "picture",
    "designs:place": "form of the design editor",
    "designs:progress": "redirects when print files are made; walked in test_editor",
    "designs:save": "button of the design editor",
    "designs:upload": "JSON of the design editor",
    "portal:home": "page of merchants",
    "system": "page of operators: test_operators.py",
    "portal:invite": "page of merchants",
    "portal:order": "page of merchants",
    "portal:orders": "page of merchants",
    "portal:product": "page of merchants",
    "portal:products": "page of merchants",
    "portal:settings": "page of merchants",
    "api:designs": "API",
    "api:intake_records": "API",
    "api:move_lines": "API",
    "api:nothing": "API",
    "api:order": "API",
    "api:orders": "API",
    "api:packages": "API",
    "api:print_file": "API",
    "api:products": "API",
    "api:publication": "API",
    "api:publications": "API",
    "api:release": "API",
    "api:release_hold": "API",
    "api:schema": "API",
    "api:stores": "API",
    "fulfillment:ask": "button",
    "fulfillment:decline_cancellation": "button",
    "fulfillment:job_tickets": "PDF",
    "fulfillment:packing_slip": "PDF",
    "fulfillment:packing_slip_of_package": "PDF",
    "fulfillment:packing_slips": "PDF",
    "fulfillment:try_all_again": "button",
    "orders:bulk_approve": "button",
    "orders:bulk_apply": "button",
    "orders:bulk_cancel": "button",
    "orders:bulk_export": "download",
    "orders:bulk_progress": "part of the import's page",
    "orders:bulk_result": "download",
    "orders:bulk_undo": "button",
    "orders:file_again": "button",
    "orders:remove_storage": "button",
    "orders:scan_storage": "button",
    "orders:storage_pattern": "part of the storage's form",
    "orders:storage_progress": "part of the storage's page",
    "orders:switch_storage": "button",
    "orders:test_storage": "button",
    "accounts:switch_remote_files": "button on the customer's page",
    "orders:check_now": "button",
    "orders:print_files": "download",
    "orders:reconciliation": "part of the store page",
    "accounts:add_trading_name": "form on the customer's page",
    "accounts:switch_storefronts": "button on the customer's page",
    "catalog:preview": "picture",
    "catalog:print_file": "download",
    "fulfillment:job_ticket": "PDF",
    "fulfillment:try_again": "button",
    "orders:bulk_release": "button",
    "orders:decide_again": "button",
    "orders:file_preview": "picture",
    "orders:import_now": "button",
    "orders:move": "button",
    "orders:personalisation": "button",
    "orders:print_file": "download",
    "orders:release": "button",
    "orders:release_hold": "button",
    "stores:ask_merchant": "form on the store's page",
    "stores:channel_start": "where the marketplace sends people to; redirects",
    "stores:connect": "button on the store's page",
    "stores:delete": "asked for a store that is not connected",
    "stores:pause": "button",
    "stores:permission": "needs the token of a mail; scanned in test_connecting",
    "stores:permission_answer": "follows it",
    "stores:permission_decline": "button",
    "stores:permission_give": "button that leads to the marketplace",
    "stores:test": "button",
    "stores:test_result": "part of the store page",
    "stores:wizard": "redirects to the step that waits",
    "stores:wizard_allow": "button",
    "stores:wizard_authorize": "a step of the wizard; scanned in test_connecting",
    "stores:wizard_cancel": "button",
    "stores:wizard_finish": "a step of the wizard; scanned in test_connecting",
    "stores:wizard_here": "button that leads to the marketplace",
    "stores:wizard_name": "part of the wizard",
    "stores:wizard_reuse": "button",
    "stores:wizard_send": "form of the wizard",
    "stores:wizard_setup": "a step of the wizard; scanned in test_connecting",
    "stores:wizard_start": "button",
    "stores:wizard_state": "part of the wizard",
    "stores:wizard_withdraw": "button",
    "stores:authorize": "button that leads to the marketplace",
    "stores:connect_return": "where the marketplace sends people back to; redirects",
    "stores:sync": "button",
    "stores:cancel_sync": "button",
    "orders:accept_suggestion": "button",
    "orders:ignore_listing": "button",
    "orders:stop_ignoring": "button",
    "orders:disconnect_listing": "button",
    "orders:undo_mapping": "button",
    "orders:restore_mapping": "button",
    "orders:suggestion_run": "there once suggestions were accepted; scanned in test_listings",
    "orders:suggestion_progress": "part of its page",
    "orders:stop_suggestions": "button",
    "orders:undo_suggestions": "button",
    "stores:sync_progress": "part of the store page",
    "ui:styleguide_progress": "part of the style guide",
    "account_logout": "button; its page is for browsers without the menu",
    "account_confirm_email": "404: accounts are made by invitation, so no address is confirmed by mail",
    "account_email_verification_sent": "the same",
    "account_email": "the same",
    "account_set_password": "the same",
    "accounts:second_factor_needed": "where people without a second step are sent; scanned in test_second_step",
    "accounts:end_session": "button",
    "accounts:end_other_sessions": "button",
    "accounts:export_audit_trail": "download",
    "mfa_authenticate": "asked for at sign-in; scanned in test_second_step, as the next ones",
    "mfa_reauthenticate": "asked for before changes of the second step",
    "mfa_reauthenticate_webauthn": "the same",
    "mfa_deactivate_totp": "for people with an app",
    "mfa_view_recovery_codes": "the same",
    "mfa_generate_recovery_codes": "the same",
    "mfa_download_recovery_codes": "download",
    "mfa_list_webauthn": "for people with a passkey",
    "mfa_edit_webauthn": "the same",
    "mfa_remove_webauthn": "the same",
    "mfa_login_webauthn": "button of the sign-in page",
    "account_inactive": "redirected to after signing in with a blocked account",
    "account_reauthenticate": "asked for before changes of the second step; scanned in test_second_step",
    "account_reset_password_from_key": "needs the key of a mail",
    "account_reset_password_from_key_done": "follows it",
}
SIGNED_OUT = ("/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/signup/")


@pytest.fixture(scope="module")
def orders(stage: Stage) -> dict[str, Walk]:
    """Orders in every state that looks different."""
    shipped = stage.packed()
    shipped.ship()
    shipped.see_proof()
    stage.scenario("malformed_order", times=1)
    stage.place()
    stage.place(paid=False)  # seen and not taken in: it stands in the ledger
    return {
        "shipped": shipped,
        "packed": stage.packed(),
        "personalised": stage.personalised(),
        "cancellation requested": stage.asked_to_cancel(),
        "received": stage.walk(),
    }


def pages_of_staff(stage: Stage, orders: dict[str, Walk]) -> list[Found]:
    """All pages that links lead to, each of the prepared orders, and what somebody has uploaded and set up."""
    starts = [walk.order_address for walk in orders.values()]
    staff = stage.reader("Northprint, owner")
    starts += [uploads.bulk_import(stage, staff), uploads.storage(stage, staff), uploads.catalog_table(stage, staff)]
    starts += [f"{stage.hub}/orders/?view=all&state=shipped", f"{stage.hub}/orders/?q=nothing-has-this-number", f"{stage.hub}/styleguide/"]
    return pages_from(stage.reader("Northprint, owner"), stage.hub, *starts)


def scan(page: Page, address: str) -> Iterator[str]:
    """Scan one page in its looks; between their sizes it is only asked whether something sticks out."""
    for (width, height), scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if page.url != address:
            page.goto(address, wait_until="load")
        if scheme == "light" and (too_wide := sideways(page)):
            yield f"{address} at {width} px: {too_wide}"
        yield from (f"{address} at {width} px, {scheme}: {finding}" for finding in axe_findings(page, only_colours=scheme == "dark"))
    for width, height in BETWEEN:
        page.set_viewport_size({"width": width, "height": height})
        if too_wide := sideways(page):
            yield f"{address} at {width} px: {too_wide}"


def test_no_page_of_the_staff_has_an_axe_violation_or_scrolls_sideways(stage: Stage, browser: Browser, orders: dict[str, Walk]) -> None:
    pages = pages_of_staff(stage, orders)
    unseen = (
        names_of_the_url_table() - {page.name for page in pages} - {"account_login", "account_signup", "account_reset_password_done"} - set(NO_PAGE)
    )
    assert not unseen, f"No link leads to {', '.join(sorted(unseen))}. Link them, or name in NO_PAGE what they are."
    watch = Watch()
    findings: list[str] = []
    with tab(browser, watch=watch) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        for found in pages:
            findings += scan(page, found.address)
    assert not findings, f"{len(findings)} findings on {len(pages)} pages:\n" + "\n".join(findings)


def test_pages_without_signing_in_have_no_axe_violation(stage: Stage, browser: Browser) -> None:
    findings: list[str] = []
    with tab(browser) as page:
        for path in SIGNED_OUT:
            findings += scan(page, stage.hub + path)
    assert not findings, "\n".join(findings)


def test_pages_that_refuse_have_no_axe_violation(stage: Stage, browser: Browser) -> None:
    watch = Watch()
    watch.expected = {403, 404}
    findings: list[str] = []
    with tab(browser, watch=watch) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, read only"))
        for path, text in (("/customers/add/", "may not"), ("/orders/ord_0000000000000000/", "not")):
            page.goto(stage.hub + path)
            if text not in page.get_by_role("main").inner_text():
                raise NotOnThePage(f"{path} does not explain itself: {page.get_by_role('main').inner_text()}")
            findings += scan(page, stage.hub + path)
    assert not findings, "\n".join(findings)


def test_pages_of_the_imitation_have_no_axe_violation(stage: Stage, browser: Browser, orders: dict[str, Walk]) -> None:
    findings: list[str] = []
    with tab(browser) as page:
        page.goto(f"{stage.amazon}/shop/")
        product_page = page.get_by_role("link", name="Ceramic mug 11oz, white").first.evaluate("link => link.href")
        paths = ("/", "/shop/", "/seller/", f"/seller/orders/{orders['shipped'].number}/", "/control/")
        for address in [product_page, *(stage.amazon + path for path in paths)]:
            findings += scan(page, address)
    assert not findings, "\n".join(findings)
