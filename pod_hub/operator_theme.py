"""What django-unfold is told about the operators' pages: names, the left navigation, and which parts of the theme are off.

Its scripts are off altogether: they need ``unsafe-eval``, and the pages work without them (docs/decisions/0007-operators-without-alpine.md).
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

# Title of a group -> (app, model, words, icon of the theme's icon font).
_GROUPS: tuple[tuple[Any, tuple[tuple[str, str, Any, str], ...]], ...] = (
    (
        _("Orders"),
        (
            ("orders", "order", _("Orders"), "receipt_long"),
            ("orders", "orderline", _("Lines"), "format_list_bulleted"),
            ("orders", "hold", _("Holds"), "front_hand"),
            ("orders", "orderevent", _("Events"), "history"),
            ("orders", "buyerdata", _("Buyer data"), "lock_person"),
            ("orders", "personalisation", _("Personalisations"), "edit_note"),
            ("orders", "buyerlook", _("Looks at buyers"), "visibility"),
            ("orders", "purgerecord", _("Removed buyer data"), "delete_history"),
        ),
    ),
    (
        _("Intake"),
        (
            ("orders", "intakerecord", _("Intake records"), "move_to_inbox"),
            ("orders", "reconciliation", _("Reconciliations"), "balance"),
        ),
    ),
    (
        _("Shipping"),
        (
            ("fulfillment", "shipment", _("Shipments"), "local_shipping"),
            ("fulfillment", "package", _("Packages"), "package_2"),
            ("fulfillment", "packageitem", _("Package contents"), "inventory_2"),
            ("fulfillment", "push", _("Pushes"), "send"),
            ("fulfillment", "pushattempt", _("Attempts of pushes"), "sync_alt"),
            ("fulfillment", "pushbatch", _("Push batches"), "stacks"),
        ),
    ),
    (
        _("Stores"),
        (
            ("stores", "store", _("Stores"), "storefront"),
            ("stores", "connection", _("Connections"), "link"),
            ("stores", "authorization", _("Authorizations"), "key"),
            ("stores", "consentattempt", _("Consent attempts"), "approval_delegation"),
            ("stores", "connectionwizard", _("Connection wizards"), "steps"),
            ("stores", "consentlink", _("Mailed consent links"), "forward_to_inbox"),
            ("stores", "consentbystaff", _("Consents by staff"), "verified_user"),
            ("stores", "connectedperiod", _("Billable periods"), "payments"),
            ("stores", "selftest", _("Self-tests"), "checklist"),
            ("stores", "selfteststep", _("Steps of self-tests"), "check_small"),
            ("stores", "listing", _("Listings"), "sell"),
            ("stores", "listingmapping", _("Mappings"), "conversion_path"),
        ),
    ),
    (
        _("Catalog"),
        (
            ("catalog", "category", _("Categories"), "category"),
            ("catalog", "productmodel", _("Product models"), "checkroom"),
            ("catalog", "customerproduct", _("Customer products"), "inventory"),
            ("catalog", "productgrant", _("Who may use what"), "how_to_reg"),
            ("catalog", "productfacility", _("What is made where"), "factory"),
            ("catalog", "design", _("Designs"), "palette"),
            ("catalog", "printfile", _("Print files"), "image"),
        ),
    ),
    (
        _("Merchants and plants"),
        (
            ("accounts", "customer", _("Customers"), "groups"),
            ("accounts", "tradingname", _("Trading names"), "badge"),
            ("accounts", "facility", _("Facilities"), "factory"),
            ("accounts", "membership", _("Memberships"), "assignment_ind"),
            ("accounts", "invitation", _("Invitations"), "mail"),
            ("accounts", "portalvisit", _("Looks into portals"), "door_open"),
            ("accounts", "apikey", _("API keys"), "vpn_key"),
            ("accounts", "keptanswer", _("Kept API answers"), "cached"),
        ),
    ),
    (
        _("The installation"),
        (
            ("accounts", "psp", _("Print service providers"), "domain"),
            ("accounts", "user", _("People"), "person"),
            ("account", "emailaddress", _("E-mail addresses"), "alternate_email"),
            ("axes", "accessattempt", _("Failed sign-ins"), "no_accounts"),
            ("accounts", "operatorvisit", _("Operators' visits"), "visibility"),
            ("accounts", "auditentry", _("Audit trail"), "history"),
            ("mail", "mail", _("Mails"), "outgoing_mail"),
            ("orders", "digestsetting", _("Digests"), "summarize"),
        ),
    ),
)


def _navigation() -> list[dict[str, Any]]:
    system = {"title": _("System"), "icon": "monitor_heart", "link": reverse_lazy("system")}
    return [
        {"title": "", "items": [{"title": _("Overview"), "icon": "home", "link": reverse_lazy("admin:index")}, system]},
        *(
            {
                "title": title,
                "items": [
                    {"title": words, "icon": icon, "link": reverse_lazy(f"admin:{app}_{model}_changelist")} for app, model, words, icon in entries
                ],
            }
            for title, entries in _GROUPS
        ),
    ]


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Hub operators"),
    "SITE_HEADER": _("Hub operators"),
    "SITE_SYMBOL": "shield_person",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "SIDEBAR": {"show_search": False, "command_search": False, "show_all_applications": False, "navigation": _navigation()},
}
