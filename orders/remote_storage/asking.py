"""Asking a storage over HTTP, through the guard of typed addresses: the endpoint is something that somebody typed (pod_hub/core/typed_addresses.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO
from xml.etree.ElementTree import Element

import httpx
from django.utils.translation import gettext as _

from orders.remote_storage.types import FETCH_S, LIST_S, MOST_FILE_BYTES, PORTS, StorageProblem
from pod_hub.core.foreign_xml import LARGEST_BYTES, BadXml, read_xml, text_of
from pod_hub.core.http import UnsafeAddress
from pod_hub.core.typed_addresses import asked

ERROR_BYTES = 64 * 1024
LONGEST_URL = 8192  # a signed address holds a name of a thousand bytes, percent-encoded
Explain = Callable[[int, str, str], str]


def ask_xml(url: str, *, explain: Explain) -> Element:
    """Return the XML that a storage answers. ``explain`` makes a sentence of a status, an error code and the storage's own words."""
    content = bytearray()
    try:
        with asked("GET", url, service="storage", total_s=LIST_S, ports=PORTS, longest=LONGEST_URL) as response:
            _require_success(response, explain)
            for chunk in response.iter_raw():
                content += chunk
                if len(content) > LARGEST_BYTES:
                    raise StorageProblem(_("The storage's listing is larger than any page of it should be. Is the endpoint right?"))
        return read_xml(bytes(content))
    except BadXml:
        raise StorageProblem(_("The endpoint answered with something that is no listing of files. Check the endpoint and the bucket.")) from None
    except (UnsafeAddress, httpx.HTTPError) as error:
        raise _problem(error) from None


def fetch_to(url: str, *, to: BinaryIO, explain: Explain) -> int:
    """Write the content behind an address into ``to``; return its size."""
    size = 0
    try:
        with asked("GET", url, service="storage", total_s=FETCH_S, ports=PORTS, longest=LONGEST_URL) as response:
            _require_success(response, explain)
            if response.headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
                raise StorageProblem(_("The file is stored packed (Content-Encoding). Upload it as it is."))
            for chunk in response.iter_raw():
                size += len(chunk)
                if size > MOST_FILE_BYTES:
                    raise StorageProblem(_("The file is larger than %(n)s MB.") % {"n": MOST_FILE_BYTES // 1024**2})
                to.write(chunk)
    except (UnsafeAddress, httpx.HTTPError) as error:
        raise _problem(error) from None
    return size


def _require_success(response: httpx.Response, explain: Explain) -> None:
    if response.status_code == 200:
        return
    start = bytearray()
    for chunk in response.iter_raw():
        start += chunk
        if len(start) > ERROR_BYTES:
            break
    code = words = ""
    try:
        told = read_xml(bytes(start[:ERROR_BYTES])) if start else None
    except BadXml:
        told = None
    if told is not None:
        code, words = text_of(told, "Code"), text_of(told, "Region") or text_of(told, "Endpoint") or text_of(told, "Message")
    status = response.status_code
    raise StorageProblem(explain(status, code[:80], words[:200]), again=status in {408, 425, 429} or status >= 500)


def _problem(error: Exception) -> StorageProblem:
    if isinstance(error, UnsafeAddress):
        return StorageProblem(str(error))
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return StorageProblem(_("The endpoint's certificate is not valid for this host. Check the endpoint's spelling."))
    if isinstance(error, httpx.TimeoutException):
        return StorageProblem(_("The storage did not answer in time. Check the endpoint, or try again later."), again=True)
    if isinstance(error, httpx.ConnectError):
        return StorageProblem(_("The endpoint could not be reached. Check the endpoint, or try again later."), again=True)
    return StorageProblem(_("The storage broke off before its answer was complete. Try again later."), again=True)
