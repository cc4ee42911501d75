"""TikTok Shop's error codes, sorted by what happens next. Codes that are in no table are business refusals, with words for people.

``36009004`` means a dozen things and is decided by its words (``client.failure``).
"""

from __future__ import annotations

from collections.abc import Mapping

OK = 0
TOKEN_EXPIRED = 105002
SCOPE_MISSING = 105005
SIGNATURE_WRONG = 106001
CIPHER_MISSING = 106013
CIPHER_WRONG = 101000  # or a token of another kind
VAGUE = 36009004
THROTTLED = 36009002
INTERNAL_ERROR = 36009003
TIMED_OUT = 36009007
ADDRESS_NOT_ALLOWED = 36009033  # our own address is not on the application's allow list
OTHER_SELLERS = 21008111  # "does not belong to the current seller": an order number that nobody or somebody else has
TOO_MANY_PRODUCTS = 12052180

# The request itself is wrong, so no seller can be served until the code or the settings are mended.
OURS = frozenset({SIGNATURE_WRONG, CIPHER_MISSING, ADDRESS_NOT_ALLOWED, 36009009, 36009010, 36009014, 36009021, 36009022, 36009023})

# The token endpoint's: permission ended; code used, expired or unknown; no record of the permission. Others of its range may be about the application.
PERMISSION_ENDED = frozenset({36004001, 36004004, 36004005})
PERMISSION = range(36004000, 36005000)

# "Try again later", by the error tables of the operations.
AGAIN = frozenset(
    {
        INTERNAL_ERROR, TIMED_OUT,
        10002014, 10002015, 10037002, 10037003, 10037004,  # an order could not be read inside
        11001027, 11001031, 11005010, 11006005, 11006010, 11006026, 21001008, 21001011, 21001029, 21001043, 21001055, 21008300, 21022026,
        21022029, 21022030, 21034006,  # "System process error, please try again later"
        11034023, 11034025, 11034037, 21023022, 21023034,  # the label is not ready yet
        25001028, 25001058, 25007002,  # the after-sales desk is busy
    }
)  # fmt: skip
# What is "not yet", and says nothing of a fault: a label is made within minutes.
NOT_READY = frozenset({11034023, 11034025, 11034037, 21023022, 21023034})

# The goods are marked as shipped already: after a lost answer that is success, once the tracking number has been compared.
SHIPPED_ALREADY = frozenset({21011006, 21011020, 21008099, 21042056})
CANCELLED_ALREADY = frozenset({25001011, 25001051, 25020009})
NO_PRODUCT = frozenset({12052032, 12052048, 12052260, 12052901})  # unknown, another shop's, or deleted
NO_CATEGORY = frozenset({12052023, 12052024, 12052230})
NO_RECOMMENDATION = 12019064
ATTRIBUTE_MISSING = 12052104

# What a refused product is refused for, as the field that a person corrects (publishing_types.OWN_FIELDS and product_types.PACKAGE).
FIELD_OF_PRODUCT: Mapping[int, str] = {
    **dict.fromkeys((12052051, 12052261, 12052262, 12052266), "title"),
    **dict.fromkeys((12019006, 12052013, 12052015, 12052056, 12052340), "description"),
    **dict.fromkeys((12019009, 12052028, 12052300, 12052301, 12052305, 12052306), "pictures"),
    **dict.fromkeys((12019011, 12052181, 12052915), "package.weight"),
    **dict.fromkeys((12052005, 12052116), "package.length"),
    12052004: "package.width",
    12052003: "package.height",
    **dict.fromkeys((12052054, 12052910), "sku"),
    **dict.fromkeys((12052073, 12052084), "price"),
    12052055: "quantity",
    **dict.fromkeys((12052269, 12052490), "handling_days"),
    **dict.fromkeys((12052023, 12052024, 12052217, 12052223, 12052230), "product_type"),
}
# … of a product with variants: names and values of what tells them apart, and their number.
ABOUT_VARIANTS: Mapping[int, str] = dict.fromkeys(
    (12052050, 12052152, 12052153, 12052240, 12052241, 12052242, 12052244, 12052248, 12052249, 12052251, 12052522, 12052525, 12052550, 12052560,
     12052933, 12052934),
    "variants",
)  # fmt: skip
