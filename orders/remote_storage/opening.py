"""From a customer's storage row to something that can be asked."""

from __future__ import annotations

from orders.remote_models import FileSource, StorageKind
from orders.remote_storage.addresses import GOOGLE
from orders.remote_storage.azure import AzureStorage
from orders.remote_storage.s3 import S3Storage
from orders.remote_storage.types import RemoteStorage
from pod_hub.core.sealing import sealed_field


def opened(source: FileSource) -> RemoteStorage:
    """Return the storage of a row, with its keys unsealed; asks nothing yet."""
    keys = sealed_field(FileSource, "keys_sealed").open_from(source) or {}
    key_id, secret = str(keys.get("id", "")), str(keys.get("secret", ""))
    if source.kind == StorageKind.AZURE:
        return AzureStorage(endpoint=source.endpoint, container=source.bucket, prefix=source.prefix, secret=secret)
    google = source.kind == StorageKind.GOOGLE
    return S3Storage(
        endpoint=source.endpoint or (GOOGLE if google else ""),
        region=source.region or ("auto" if google else ""),
        bucket=source.bucket,
        prefix=source.prefix,
        key_id=key_id,
        secret=secret,
    )
