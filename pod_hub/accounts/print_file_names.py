"""The fields of a PSP's pattern for print file names, and what a pattern makes of an example."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from pod_hub.core.file_names import BadPattern, check_pattern, file_name

# Every field with the value that the preview shows for it.
EXAMPLE = {
    "order_number": "302-1234567-7654321",
    "line": "1",
    "sku": "MUG-11OZ-WHITE",
    "product_uid": "MUG-11",
    "quantity": "2",
    "customer": "Ada & Söhne",
    "ship_by": "2026-11-24",
    "ext": "png",
}


def known_pattern(value: str) -> None:
    """Refuse a pattern that makes no usable names."""
    try:
        check_pattern(value, fields=EXAMPLE)
    except BadPattern as error:
        raise ValidationError(str(error)) from None


def example_name(pattern: str) -> str:
    """Return the name of the example's print file; raises ``BadPattern``."""
    check_pattern(pattern, fields=EXAMPLE)
    return file_name(pattern, EXAMPLE)
