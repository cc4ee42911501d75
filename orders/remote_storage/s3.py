"""S3 and what speaks like it, Google Cloud Storage's interoperability included: boto3 writes and signs the addresses, our guard sends them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, BinaryIO
from urllib.parse import unquote_plus, urlsplit
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from orders.remote_storage.asking import ask_xml, fetch_to
from orders.remote_storage.types import PAGE, FilePage, RemoteFile, StorageProblem
from pod_hub.core.foreign_xml import text_of

SIGNED_FOR_S = 300
DEFAULT_REGION = "us-east-1"
AMAZON = ".amazonaws.com"


class S3Storage:
    """One bucket below one prefix. Without keys the bucket is asked as a public one."""

    def __init__(self, *, endpoint: str, region: str, bucket: str, prefix: str, key_id: str = "", secret: str = "") -> None:
        self.bucket, self.prefix = bucket, prefix
        self._region = region or DEFAULT_REGION
        self._endpoint = endpoint or f"https://s3.{self._region}{AMAZON}"
        self._keys = (key_id, secret)
        self._signer: Any = None

    def _url(self, operation: str, **params: Any) -> str:
        from botocore.exceptions import BotoCoreError

        try:
            if self._signer is None:
                self._signer = self._make_signer()
            url: str = self._signer.generate_presigned_url(operation, Params={"Bucket": self.bucket, **params}, ExpiresIn=SIGNED_FOR_S)
        except (BotoCoreError, ValueError):
            raise StorageProblem(_("No address can be made of this endpoint, region and bucket. Check their spelling.")) from None
        return url

    def _make_signer(self) -> Any:
        # Half a second to import, which only scans need.
        from boto3.session import Session
        from botocore import UNSIGNED
        from botocore.config import Config

        key_id, secret = self._keys
        amazon = (urlsplit(self._endpoint).hostname or "").endswith(AMAZON)
        config = Config(
            signature_version="s3v4" if key_id else UNSIGNED,
            s3={"addressing_style": "auto" if amazon else "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        # Keys are always given, so that botocore looks for none in files, the environment or the cloud's metadata.
        session = Session(aws_access_key_id=key_id or "none", aws_secret_access_key=secret or "none", region_name=self._region)
        return session.client("s3", endpoint_url=self._endpoint, config=config)

    def page(self, *, after: str = "", most: int = PAGE) -> FilePage:
        """See ``RemoteStorage.page``: ListObjectsV2."""
        params: dict[str, Any] = {"Prefix": self.prefix, "MaxKeys": most}
        if after:
            params["ContinuationToken"] = after
        told = ask_xml(self._url("list_objects_v2", **params), explain=self._explain)
        encoded = text_of(told, "EncodingType") == "url"
        files = tuple(_file(item, encoded=encoded) for item in told.iter("Contents"))
        more = text_of(told, "IsTruncated") == "true"
        return FilePage(files, text_of(told, "NextContinuationToken") if more else "")

    def fetch(self, name: str, *, to: BinaryIO) -> int:
        """See ``RemoteStorage.fetch``: GetObject."""
        return fetch_to(self._url("get_object", Key=name), to=to, explain=self._explain)

    def _explain(self, status: int, code: str, words: str) -> str:
        about = {"bucket": self.bucket, "code": code or status, "words": words, "region": self._region}
        if code == "NoSuchBucket":
            return _("There is no bucket “%(bucket)s” at this endpoint. Check both.") % about
        if code == "NoSuchKey" or status == 404:
            return _("There is nothing at this address of “%(bucket)s” (%(code)s). Check endpoint, bucket and folder.") % about
        if code in {"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken"}:
            return _("The storage does not accept the keys (%(code)s). Enter access key and secret again.") % about
        if code in {
            "AuthorizationHeaderMalformed",
            "AuthorizationQueryParametersError",
            "PermanentRedirect",
            "IllegalLocationConstraintException",
        } or status in {301, 307}:
            return _("The bucket “%(bucket)s” is in another region than “%(region)s”. The storage says: %(words)s") % about
        if status == 403:
            if self._keys[0]:
                return _("The keys may not list “%(bucket)s” (%(code)s). They need s3:ListBucket and s3:GetObject on it.") % about
            return _("“%(bucket)s” is not public (%(code)s). Allow everybody to list and read it, or enter keys.") % about
        return _("The storage refused (%(code)s). %(words)s") % about


def _file(item: Element, *, encoded: bool) -> RemoteFile:
    name = item.findtext("Key") or ""
    return RemoteFile(
        name=unquote_plus(name) if encoded else name,
        etag=text_of(item, "ETag").strip('"')[:200],
        size_bytes=int(text_of(item, "Size") or 0),
        changed_at=_moment(text_of(item, "LastModified")),
    )


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
