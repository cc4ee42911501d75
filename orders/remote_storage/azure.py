"""Azure Blob Storage: Microsoft's library makes the shared access signature of an account key, our guard sends the requests."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import BinaryIO
from urllib.parse import quote, urlencode, urlsplit
from xml.etree.ElementTree import Element

from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.remote_storage.asking import ask_xml, fetch_to
from orders.remote_storage.types import PAGE, FilePage, RemoteFile, StorageProblem
from pod_hub.core.foreign_xml import text_of

SIGNED_FOR = timedelta(minutes=5)
CLOCKS_DIFFER_BY = timedelta(minutes=15)


class AzureStorage:
    """One container below one prefix. ``secret`` is an account key or a SAS token with the rights to list and read; without it the container is public."""

    def __init__(self, *, endpoint: str, container: str, prefix: str, secret: str = "") -> None:
        self.container, self.prefix = container, prefix
        self._endpoint = endpoint.rstrip("/")
        self._secret = secret.strip().removeprefix("?")

    @property
    def account(self) -> str:
        """The account's name: the first part of the host, or of the path where the host is an address of one's own."""
        parts = urlsplit(self._endpoint)
        return parts.path.strip("/").partition("/")[0] or (parts.hostname or "").partition(".")[0]

    def page(self, *, after: str = "", most: int = PAGE) -> FilePage:
        """See ``RemoteStorage.page``: List Blobs."""
        query = {"restype": "container", "comp": "list", "maxresults": str(most)}
        query |= {name: value for name, value in (("prefix", self.prefix), ("marker", after)) if value}
        told = ask_xml(self._url("", query), explain=self._explain)
        return FilePage(tuple(_file(item) for item in told.iter("Blob")), text_of(told, "NextMarker"))

    def fetch(self, name: str, *, to: BinaryIO) -> int:
        """See ``RemoteStorage.fetch``: Get Blob."""
        return fetch_to(self._url(f"/{quote(name)}", {}), to=to, explain=self._explain)

    def _url(self, path: str, query: dict[str, str]) -> str:
        parts = [urlencode(query)] if query else []
        if self._secret:
            parts.append(self._secret if "sig=" in self._secret else self._signature())
        return f"{self._endpoint}/{quote(self.container)}{path}" + (f"?{'&'.join(parts)}" if parts else "")

    def _signature(self) -> str:
        from azure.storage.blob import ContainerSasPermissions, generate_container_sas

        try:
            signed: str = generate_container_sas(
                account_name=self.account,
                container_name=self.container,
                account_key=self._secret,
                permission=ContainerSasPermissions(read=True, list=True),
                start=now() - CLOCKS_DIFFER_BY,
                expiry=now() + SIGNED_FOR,
            )
        except (ValueError, TypeError):
            raise StorageProblem(_("This is neither an account key nor a SAS token. Copy it again from the Azure portal.")) from None
        return signed

    def _explain(self, status: int, code: str, words: str) -> str:
        about = {"container": self.container, "code": code or status, "words": words}
        if code == "ContainerNotFound":
            return _("There is no container “%(container)s” in this account. Check both.") % about
        if status == 404:
            return (
                _(
                    "There is nothing at this address (%(code)s). A container that is not public is not shown without a key; check endpoint and container."
                )
                % about
            )
        if code in {"AuthenticationFailed", "InvalidAuthenticationInfo"}:
            return _("The storage does not accept the key or token (%(code)s). It may be over; enter a new one.") % about
        if status in {401, 403, 409}:
            return _("The key or token may not list “%(container)s” (%(code)s). A SAS token needs Read and List.") % about
        return _("The storage refused (%(code)s). %(words)s") % about


def _file(item: Element) -> RemoteFile:
    try:
        changed_at = parsedate_to_datetime(text_of(item, "Properties/Last-Modified"))
    except (ValueError, TypeError):
        changed_at = None
    return RemoteFile(
        name=item.findtext("Name") or "",
        etag=text_of(item, "Properties/Etag").strip('"')[:200],
        size_bytes=int(text_of(item, "Properties/Content-Length") or 0),
        changed_at=changed_at if changed_at and changed_at.tzinfo else None,
    )
