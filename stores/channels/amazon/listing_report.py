"""Reading the report GET_MERCHANT_LISTINGS_ALL_DATA: tab-separated text without quoting, in one of several encodings.

Everything is streamed: memory holds one chunk, one line and the page that is being filled.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterable, Iterator
from email.message import Message

from stores.channels.amazon.mapper import decimal, fulfilled_by_code, listing_key
from stores.channels.errors import Unreadable
from stores.channels.types import Amount, IncomingListing

_CHUNK = 64 * 1024
_LONGEST_LINE = 1024 * 1024
_LARGEST = 1024 * 1024 * 1024
# The report has no column for issues nor for relationships; this status is all it says of either.
INCOMPLETE = "Amazon lists this product as incomplete. Complete it in Seller Central."


class BrokenReport(Exception):
    """The report as a whole cannot be read; the message says why."""


def charset(content_type: str) -> str:
    """Return the Python codec that a Content-Type names (Cp1252, Windows-31J, UTF-8, ...), or an empty text."""
    message = Message()
    message["content-type"] = content_type
    named = message.get_param("charset")
    if not isinstance(named, str):
        return ""
    try:
        return codecs.lookup(named).name
    except LookupError:
        return ""


def gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack a gzip stream piece by piece; raises ``BrokenReport`` when it is damaged or ends early."""
    unpacker = zlib.decompressobj(wbits=31)
    fresh = True
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                fresh = False
                yield unpacker.decompress(rest, _CHUNK)
                rest = unpacker.unconsumed_tail
                if unpacker.eof:  # a gzip file may consist of several members
                    rest, unpacker, fresh = unpacker.unused_data, zlib.decompressobj(wbits=31), True
        yield unpacker.flush()
    except zlib.error:
        raise BrokenReport("its compression is damaged") from None
    if not fresh and not unpacker.eof:
        raise BrokenReport("it ends in the middle")


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split into lines without their ends. The line feed is never part of a character in the encodings Amazon uses."""
    held, total = b"", 0
    for chunk in chunks:
        total += len(chunk)
        if total > _LARGEST:
            raise BrokenReport("it is larger than 1 GiB")
        *whole, held = (held + chunk).split(b"\n")
        if len(held) > _LONGEST_LINE:
            raise BrokenReport("it has a line longer than 1 MiB")
        yield from (line.rstrip(b"\r") for line in whole)
    if held.strip(b"\r"):
        yield held.rstrip(b"\r")


def decode(line: bytes, *, encoding: str, country: str) -> str:
    """Decode one line: by the named encoding, else UTF-8 strictly, else what the marketplace's old systems write (cp932 in Japan, cp1252)."""
    attempts = [encoding] if encoding else ["utf-8", *(["cp932"] if country == "JP" else []), "cp1252"]
    for attempt in attempts:
        try:
            return line.decode(attempt)
        except UnicodeDecodeError:
            continue
    raise Unreadable(f"is not text in {' or '.join(attempts)}")


class ListingRows:
    """The listings of a report, one by one, from line ``skip`` on (0 is the first after the header)."""

    def __init__(self, chunks: Iterable[bytes], *, encoding: str, country: str, currency: str, skip: int = 0) -> None:
        self._lines = lines(chunks)
        self._encoding, self._country, self._currency, self._skip = encoding, country, currency, skip

    def __iter__(self) -> Iterator[IncomingListing | str]:
        """Yield a listing, or a sentence about a row that cannot be read. Blank lines yield a blank sentence, so that counting stays true."""
        columns = self._header()
        for number, line in enumerate(self._lines):
            if number < self._skip:
                continue
            if not line.strip():
                yield ""
                continue
            try:
                cells = decode(line, encoding=self._encoding, country=self._country).split("\t")
                yield self._listing(dict(zip(columns, cells, strict=False)))
            except Unreadable as error:
                yield f"Line {number + 2} of the listing report {error}."

    def _header(self) -> list[str]:
        first = next(self._lines, b"").removeprefix(codecs.BOM_UTF8)
        if not first.strip():
            return []
        try:
            columns = [name.strip().lower() for name in decode(first, encoding=self._encoding, country=self._country).split("\t")]
        except Unreadable as error:
            raise BrokenReport(f"its header {error}") from None
        if "seller-sku" not in columns:
            raise BrokenReport(f"it has no column seller-sku but {', '.join(columns)[:300]}")
        return columns

    def _listing(self, row: dict[str, str]) -> IncomingListing:
        def cell(name: str) -> str:
            return row.get(name, "").strip()

        sku = cell("seller-sku")
        # product-id-type 1 is an ASIN; 2, 3 and 4 are ISBN, UPC and EAN.
        asin = cell("asin1") or (cell("product-id") if cell("product-id-type") == "1" else "")
        key = listing_key(sku, asin)
        if not key:
            raise Unreadable("names neither a SKU nor an ASIN")
        quantity = cell("quantity")
        if quantity and not quantity.isdecimal():
            raise Unreadable(f"({key}) has the quantity {quantity[:20]!r}, which is no whole number")
        price = cell("price")
        try:
            # The report has no currency column: it is the marketplace's.
            amount = Amount(value=decimal(price, "price"), currency=self._currency) if price else None
        except Unreadable:
            raise Unreadable(f"({key}) has the price {price[:20]!r}, which is no amount") from None
        return IncomingListing(
            key=key,
            sku=sku,
            product_id=asin,
            title=cell("item-name"),
            state=cell("status"),
            image_url=cell("image-url"),
            price=amount,
            quantity=int(quantity) if quantity else None,
            fulfilled_by=fulfilled_by_code(cell("fulfillment-channel")),
            problems=(INCOMPLETE,) if cell("status") == "Incomplete" else (),
        )
