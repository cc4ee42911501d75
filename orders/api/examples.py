"""Examples for the API's description."""

from __future__ import annotations

from typing import Any

STORE = {"id": "sto_3c5e7g9j2m4p6r8t", "name": "Ada Amazon.de", "kind": "amazon"}
LINE = {
    "id": "lin_6q8s1v3x5z7b9d2f", "external_line_id": "40000000000001", "sku": "MUG-11OZ-WHITE", "title": "Ceramic mug 11oz, white",
    "product_uid": "MUG-11", "state": "packing", "quantity": 1, "quantity_shipped": 0, "pieces": 1, "is_personalised": False,
    "print_file_sha256": "7b1e6cfe0a1f4f0b2e9d6f6a5f0c1f1f6d1c3f0c7a2b4d5e6f708192a3b4c5d6",
    "print_files": [
        {
            "mark": "", "product_uid": "MUG-11", "print_area": "wrap", "width_mm": 210, "height_mm": 90, "bleed_mm": 3, "pieces": 1, "content_type": "image/png",
            "sha256": "7b1e6cfe0a1f4f0b2e9d6f6a5f0c1f1f6d1c3f0c7a2b4d5e6f708192a3b4c5d6",
        }
    ],
}  # fmt: skip
ORDER: dict[str, Any] = {
    "id": "ord_7m3k9x2a5c8e1g4j", "order_number": "302-1234567-1234567", "store": STORE,
    "customer": {"id": "cus_2a4c6e8g1j3m5p7r", "name": "Ada"}, "facility": "fac_9b7d5f3h1k8m6p4r", "state": "packing",
    "channel_state": "unshipped", "channel_status": "UNSHIPPED", "marketplace": "A1PA6795UKMFR9", "placed_at": "2026-11-20T18:22:07Z",
    "ship_by": "2026-11-23T22:59:59Z", "deliver_by": "2026-11-26T22:59:59Z", "service_level": "STANDARD", "total": "14.90", "currency": "EUR",
    "ship_to_country": "DE", "open_holds": 0, "imported_at": "2026-11-20T18:31:40Z", "lines": [LINE],
}  # fmt: skip
PUSH = {
    "id": "psh_5r7t9w2y4a6c8e1g", "kind": "package_shipped", "package": "pkg_1d3f5h7k9n2q4s6v", "delivery": "confirmed",
    "created_at": "2026-11-21T09:12:00Z", "accepted_at": "2026-11-21T09:12:04Z", "read_back_at": "2026-11-21T09:14:31Z", "last_error": "",
}  # fmt: skip
FULL_ORDER: dict[str, Any] = ORDER | {
    "state": "shipped",
    "lines": [LINE | {"state": "shipped", "quantity_shipped": 1}],
    "holds": [],
    "packages": [
        {
            "id": "pkg_1d3f5h7k9n2q4s6v", "number": 1, "carrier_code": "DHL", "carrier_name": "", "shipping_method": "",
            "tracking_number": "00340434161094042557", "shipped_at": "2026-11-21T09:12:00Z",
            "contents": [{"line": "lin_6q8s1v3x5z7b9d2f", "quantity": 1}],
        }
    ],
    "pushes": [PUSH],
    "timeline": [
        {"at": "2026-11-20T18:31:40Z", "kind": "imported", "line": None, "actor": "hub", "summary": "Imported from Ada Amazon.de by poll. It passed every rule of the store."}
    ],
    "buyer": {
        "name": "Bea Buyer", "email": "bea@marketplace.amazon.de",
        "ship_to": {
            "name": "Bea Buyer", "company": "", "lines": ["Lindenstraße 12"], "city": "Köln", "district": "", "region": "", "postcode": "50674",
            "country": "DE", "phone": "+49 221 000000", "instructions": "",
        },
        "gifts": [], "texts": [],
    },
}  # fmt: skip
RECORD = {
    "order_number": "302-1234567-1234567", "revision": "2026-11-20T18:30:02Z", "store": "sto_3c5e7g9j2m4p6r8t", "marketplace": "A1PA6795UKMFR9",
    "road": "poll", "seen_at": "2026-11-20T18:31:38Z", "verdict": "imported", "rule": "accepted", "reason": "It passed every rule of the store.",
    "decided_at": "2026-11-20T18:31:40Z", "order": "ord_7m3k9x2a5c8e1g4j",
}  # fmt: skip
NEW_ORDER = {
    "store": "sto_4d6f8h1k3n5q7s9v", "order_number": "WEB-1001", "email": "bea@example.com",
    "ship_to": {"name": "Bea Buyer", "lines": ["Lindenstraße 12"], "city": "Köln", "postcode": "50674", "country": "DE"},
    "lines": [{"product_uid": "MUG-11", "quantity": 2, "design": "des_8d2f5h7j9k1m3n4p"}],
}  # fmt: skip
ENTERED = ORDER | {
    "order_number": "WEB-1001", "store": {"id": "sto_4d6f8h1k3n5q7s9v", "name": "Ada by hand", "kind": "manual"}, "state": "received",
    "channel_status": "entered by hand", "marketplace": "", "total": None, "currency": "", "service_level": "", "deliver_by": None,
    "lines": [LINE | {"external_line_id": "1", "sku": "MUG-11", "title": "Mug 11 oz", "state": "received", "quantity": 2, "pieces": 2}],
}  # fmt: skip
