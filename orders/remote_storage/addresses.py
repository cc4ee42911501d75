"""Splitting a pasted address of a storage into endpoint, region, bucket and folder (RF-08)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.translation import gettext as _

from orders.remote_models import StorageKind

GOOGLE = "https://storage.googleapis.com"
_AMAZON = re.compile(
    r"(?:(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.)??s3(?:\.dualstack)?(?:[.-](?P<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.(?P<domain>amazonaws\.com(?:\.cn)?)"
)
_WEBSITE = re.compile(r".+\.s3-website[.-].+\.amazonaws\.com(?:\.cn)?")
# Services whose hosts begin with the bucket: DigitalOcean, Wasabi, Backblaze, IBM, Scaleway, Linode, OVH …
_VIRTUAL = re.compile(
    r"(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.(?P<host>(?:s3[.-][a-z0-9.-]+|[a-z]{3}\d\.digitaloceanspaces\.com|[a-z0-9-]+\.linodeobjects\.com))"
)
_REGION = re.compile(
    r"s3[.-](?P<region>[a-z0-9-]+?)\.[a-z0-9.-]+|(?P<place>[a-z]{3}\d)\.digitaloceanspaces\.com|(?P<site>[a-z0-9-]+)\.linodeobjects\.com"
)
_AZURE = re.compile(r"[a-z0-9]{3,24}\.blob\.(?:core\.windows\.net|core\.chinacloudapi\.cn|core\.usgovcloudapi\.net|storage\.azure\.net)")


class NoStorage(ValueError):
    """The address names no storage; the message says what one looks like."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where files lie. ``secret`` is a SAS token that stood in the address."""

    kind: StorageKind
    endpoint: str
    region: str
    bucket: str
    prefix: str = ""
    secret: str = ""


def split_address(pasted: str) -> Place:
    """Return what a pasted address names: ``s3://`` and ``gs://`` forms, virtual-host and path style, addresses of the vendors' consoles.

    Raises ``NoStorage``.
    """
    text = pasted.strip()
    if re.match(r"[a-z0-9.-]+\.[a-z]{2,}(?::\d+)?/", text, re.IGNORECASE):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise NoStorage(_("This address cannot be read. It looks like https://my-bucket.s3.eu-central-1.amazonaws.com/folder.")) from None
    path = unquote(parts.path).lstrip("/")
    if parts.scheme in {"s3", "gs"} and host:
        bucket = parts.netloc  # buckets of old may have capitals
        return Place(StorageKind.GOOGLE, GOOGLE, "auto", bucket, path) if parts.scheme == "gs" else Place(StorageKind.S3, "", "", bucket, path)
    if parts.scheme not in {"http", "https"} or not host:
        raise NoStorage(_("An address begins with https:// or s3://, such as https://my-bucket.s3.eu-central-1.amazonaws.com/folder."))
    origin = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    found = _of_console(host, path, parts.query) or _of_amazon(host, path) or _of_google(host, path) or _of_azure(origin, host, path, parts.query)
    found = found or _of_others(origin, host, path)
    if not found.bucket:
        raise NoStorage(_("The address names no bucket. It stands before the endpoint's host or as the first part of the path."))
    return found


def _first(path: str) -> tuple[str, str]:
    bucket, _slash, prefix = path.partition("/")
    return bucket, prefix


def _of_console(host: str, path: str, query: str) -> Place | None:
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    if host.endswith("console.aws.amazon.com") and path.startswith("s3/buckets/"):
        bucket = path.removeprefix("s3/buckets/").partition("/")[0]
        return Place(StorageKind.S3, "", asked.get("region", ""), bucket, asked.get("prefix", ""))
    if host == "console.cloud.google.com" and path.startswith("storage/browser/"):
        bucket, prefix = _first(re.sub(r";.*", "", path.removeprefix("storage/browser/")))
        return Place(StorageKind.GOOGLE, GOOGLE, "auto", bucket, prefix)
    return None


def _of_amazon(host: str, path: str) -> Place | None:
    if _WEBSITE.fullmatch(host):
        raise NoStorage(
            _("This is the address of a bucket's website, which does not list files. Copy the bucket's own address (S3 URI or object URL).")
        )
    found = _AMAZON.fullmatch(host)
    if found is None:
        return None
    bucket, prefix = (found["bucket"], path) if found["bucket"] else _first(path)
    region = found["region"] or ""
    endpoint = "" if found["domain"] == "amazonaws.com" else f"https://s3.{region}.{found['domain']}"
    return Place(StorageKind.S3, endpoint, region, bucket, prefix)


def _of_google(host: str, path: str) -> Place | None:
    if host in {"storage.googleapis.com", "storage.cloud.google.com"}:
        bucket, prefix = _first(path)
        return Place(StorageKind.GOOGLE, GOOGLE, "auto", bucket, prefix)
    if host.endswith(".storage.googleapis.com"):
        return Place(StorageKind.GOOGLE, GOOGLE, "auto", host.removesuffix(".storage.googleapis.com"), path)
    return None


def _of_azure(origin: str, host: str, path: str, query: str) -> Place | None:
    if not _AZURE.fullmatch(host):
        return None
    container, prefix = _first(path)
    return Place(StorageKind.AZURE, origin, "", container, prefix, query if "sig=" in query else "")


def _of_others(origin: str, host: str, path: str) -> Place:
    virtual = _VIRTUAL.fullmatch(host)
    bucket, prefix = (virtual["bucket"], path) if virtual else _first(path)
    endpoint = origin.replace(host, virtual["host"]) if virtual else origin
    region = _REGION.fullmatch(virtual["host"] if virtual else host)
    named = next((text for text in region.groups() if text), "") if region else ""
    return Place(StorageKind.S3, endpoint, named, bucket, prefix)
