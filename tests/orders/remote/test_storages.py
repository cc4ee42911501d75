"""Addresses, names and what storages answer: without a database."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from pytest_django import Settings

from orders.remote_models import STANDARD_PATTERN, StorageKind
from orders.remote_names import NameReader, check_name_pattern
from orders.remote_storage.addresses import GOOGLE, NoStorage, Place, split_address
from orders.remote_storage.azure import AzureStorage
from orders.remote_storage.s3 import S3Storage
from orders.remote_storage.types import StorageProblem
from pod_hub.core.file_names import BadPattern
from tests.channels.tiny_server import Reply, TinyServer
from tests.core import tripwire

S3, GCS, AZURE = StorageKind.S3, StorageKind.GOOGLE, StorageKind.AZURE
AWS_DOMAIN = "amazonaws.com"


@pytest.mark.parametrize(
    ("pasted", "place"),
    [
        ("s3://my-bucket/prints/2026/", Place(S3, "", "", "my-bucket", "prints/2026/")),
        ("s3://My_Old_Bucket", Place(S3, "", "", "My_Old_Bucket", "")),
        (f"https://my-bucket.s3.eu-central-1.{AWS_DOMAIN}/prints/", Place(S3, "", "eu-central-1", "my-bucket", "prints/")),
        (f"https://my.bucket.s3-eu-west-1.{AWS_DOMAIN}/a%20b", Place(S3, "", "eu-west-1", "my.bucket", "a b")),
        (f"https://my-bucket.s3.{AWS_DOMAIN}", Place(S3, "", "", "my-bucket", "")),
        (f"https://my-bucket.s3.dualstack.us-west-2.{AWS_DOMAIN}/x", Place(S3, "", "us-west-2", "my-bucket", "x")),
        (f"https://s3.us-west-2.{AWS_DOMAIN}/my-bucket/x/y", Place(S3, "", "us-west-2", "my-bucket", "x/y")),
        (f"http://s3.{AWS_DOMAIN}/my-bucket", Place(S3, "", "", "my-bucket", "")),
        (f"my-bucket.s3.eu-central-1.{AWS_DOMAIN}/prints", Place(S3, "", "eu-central-1", "my-bucket", "prints")),
        ("https://eu-central-1.console.aws.amazon.com/s3/buckets/my-bucket?region=eu-central-1&prefix=prints/", Place(S3, "", "eu-central-1", "my-bucket", "prints/")),
        ("gs://my-bucket/prints", Place(GCS, GOOGLE, "auto", "my-bucket", "prints")),
        ("https://storage.googleapis.com/my-bucket/prints", Place(GCS, GOOGLE, "auto", "my-bucket", "prints")),
        ("https://my-bucket.storage.googleapis.com/prints", Place(GCS, GOOGLE, "auto", "my-bucket", "prints")),
        ("https://console.cloud.google.com/storage/browser/my-bucket/prints;tab=objects?project=x", Place(GCS, GOOGLE, "auto", "my-bucket", "prints")),
        ("https://shop.blob.core.windows.net/prints/2026", Place(AZURE, "https://shop.blob.core.windows.net", "", "prints", "2026")),
        (
            "https://shop.blob.core.windows.net/prints?sv=2024-01-01&sp=rl&sig=abc",
            Place(AZURE, "https://shop.blob.core.windows.net", "", "prints", "", "sv=2024-01-01&sp=rl&sig=abc"),
        ),
        ("https://my-space.fra1.digitaloceanspaces.com/prints", Place(S3, "https://fra1.digitaloceanspaces.com", "fra1", "my-space", "prints")),
        ("https://fra1.digitaloceanspaces.com/my-space/prints", Place(S3, "https://fra1.digitaloceanspaces.com", "fra1", "my-space", "prints")),
        ("https://s3.eu-central-1.wasabisys.com/my-bucket/p", Place(S3, "https://s3.eu-central-1.wasabisys.com", "eu-central-1", "my-bucket", "p")),
        ("https://my-bucket.s3.us-west-004.backblazeb2.com/", Place(S3, "https://s3.us-west-004.backblazeb2.com", "us-west-004", "my-bucket", "")),
        ("https://s3.eu-de.cloud-object-storage.appdomain.cloud/b/p", Place(S3, "https://s3.eu-de.cloud-object-storage.appdomain.cloud", "eu-de", "b", "p")),
        ("https://minio.example.com:9000/prints/today/", Place(S3, "https://minio.example.com:9000", "", "prints", "today/")),
        ("https://abc123.r2.cloudflarestorage.com/prints", Place(S3, "https://abc123.r2.cloudflarestorage.com", "", "prints", "")),
    ],
)  # fmt: skip
def test_a_pasted_address_is_split(pasted: str, place: Place) -> None:
    assert split_address(pasted) == place


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "prints",
        "ftp://host/x",
        "https://",
        "https://minio.example.com:9000/",
        "https://[::1",
        f"http://b.s3-website.eu-central-1.{AWS_DOMAIN}/",
        "s3://",
    ],
)
def test_an_address_that_names_no_bucket_says_what_one_looks_like(pasted: str) -> None:
    with pytest.raises(NoStorage, match=r"\.$"):
        split_address(pasted)


@pytest.mark.parametrize(
    ("pattern", "name", "order", "item"),
    [
        (STANDARD_PATTERN, "302-1234567-1234567_1.png", "302-1234567-1234567", "1"),
        (STANDARD_PATTERN, "302-1234567-1234567_05015851154158.JPG", "302-1234567-1234567", "05015851154158"),
        (STANDARD_PATTERN, "deep/er/576_2.pdf", "576", "2"),
        (STANDARD_PATTERN, "WEB_2026_17_3.jpeg", "WEB_2026_17", "3"),
        ("{order_number}/{order_item_number}.{ext}", "prints/302-1/4.png", "302-1", "4"),
        ("{order_number}.{ext}", "302-1.png", "302-1", ""),
        ("print-{any}-{order_number}_{order_item_number}.{ext}", "print-front side-77_1.png", "77", "1"),
    ],
)  # fmt: skip
def test_names_are_read_by_the_pattern(pattern: str, name: str, order: str, item: str) -> None:
    check_name_pattern(pattern)
    found = NameReader(pattern, prefix="").read(name)
    assert found is not None and (found.order, found.item) == (order, item)


@pytest.mark.parametrize(
    "name", ["holiday.png", "302-1.png", "302-1_1.gif", "302-1_1", "_1.png", "302-1_.png", "x" * 300 + "_1.png", "302-1_1.png.exe"]
)
def test_names_that_do_not_fit_are_not_guessed(name: str) -> None:
    assert NameReader(STANDARD_PATTERN).read(name) is None


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{order_item_number}.{ext}", "needs {order_number} once"), ("{order_number}_{order_number}.{ext}", "needs {order_number} once"),
        ("{order_number}{order_item_number}.{ext}", "side by side"), ("{order_number}_{size}.{ext}", "not a field"), ("{order_number}", "must end with"),
        ("{order_number}_{order_item_number}_{order_item_number}.{ext}", "stands twice"), ("({order_number}).{ext}", "holds signs"),
    ],
)  # fmt: skip
def test_a_pattern_that_cannot_work_says_why(pattern: str, why: str) -> None:
    with pytest.raises(BadPattern, match=why.replace("{", r"\{")):
        check_name_pattern(pattern)


@pytest.fixture
def server(settings: Settings) -> Iterator[TinyServer]:
    made = TinyServer()
    settings.TYPED_ADDRESSES_ALSO = [made.url.removeprefix("http://")]
    yield made
    made.close()


def s3(server: TinyServer, **given: str) -> S3Storage:
    return S3Storage(**({"endpoint": server.url, "region": "eu-central-1", "bucket": "b", "prefix": "p/", "key_id": "AK", "secret": "SK"} | given))


def test_requests_are_signed_by_boto_and_arrive_as_they_were_signed(server: TinyServer) -> None:
    storage = s3(server)
    server.routes["/b"] = Reply(200, b"x" * 10)
    name = "p/a b+ü#1?.png"
    assert storage.fetch(name, to=io.BytesIO()) == 10
    target = server.seen[0].target
    assert target.startswith("/b/p/a%20b%2B%C3%BC%231%3F.png?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    # Signed for exactly what was sent: boto makes the same address again.
    query = dict(parse_qsl(urlsplit(target).query))
    assert query["X-Amz-SignedHeaders"] == "host" and len(query["X-Amz-Signature"]) == 64
    assert server.seen[0].headers["host"] == server.url.removeprefix("http://")
    public = s3(server, key_id="", secret="")
    public.fetch(name, to=io.BytesIO())
    assert "X-Amz" not in server.seen[1].target


def test_botocore_never_looks_for_keys_of_its_own(server: TinyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "canary")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    server.routes["/b"] = Reply(200, b"<ListBucketResult/>")
    with tripwire.armed(server_port=int(server.url.rpartition(":")[2]), names={}) as wire:
        wire_server = server.url  # the server of the setting is the only one that may be connected
        with pytest.raises(StorageProblem):
            S3Storage(endpoint="http://127.0.0.1:9", region="", bucket="b", prefix="").page()
        assert wire_server and wire.breaches == []
    assert s3(server, key_id="", secret="").page().files == ()
    assert "canary" not in server.seen[0].target


@pytest.mark.parametrize(
    ("status", "code", "extra", "why", "again"),
    [
        (404, "NoSuchBucket", "", "There is no bucket “b”", False),
        (403, "InvalidAccessKeyId", "", "does not accept the keys", False),
        (403, "SignatureDoesNotMatch", "", "does not accept the keys", False),
        (400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>", "another region than “eu-central-1”. The storage says: eu-west-3", False),
        (301, "PermanentRedirect", "<Endpoint>x</Endpoint>", "another region", False),
        (403, "AccessDenied", "", "They need s3:ListBucket and s3:GetObject", False),
        (503, "SlowDown", "<Message>later</Message>", "The storage refused (SlowDown). later", True),
        (500, "", "", "The storage refused (500)", True),
    ],
)  # fmt: skip
def test_what_a_storage_refuses_is_said_in_words(server: TinyServer, status: int, code: str, extra: str, why: str, again: bool) -> None:
    server.routes["/b"] = Reply(status, f"<Error><Code>{code}</Code>{extra}</Error>".encode() if code else b"<html>")
    with pytest.raises(StorageProblem) as told:
        s3(server).page()
    assert why in str(told.value) and told.value.again is again


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"not xml",
        b'<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult>&a;</ListBucketResult>',
        b"<a>" * 100,
        b"{}",
        b"<ListBucketResult>" + b" " * 9_000_000,
    ],
    ids=["empty", "page", "text", "entities", "deep", "json", "large"],
)
def test_an_answer_that_is_no_listing_is_refused(server: TinyServer, answer: bytes) -> None:
    server.routes["/b"] = Reply(200, answer)
    with pytest.raises(StorageProblem):
        s3(server).page()


def test_a_redirect_of_a_storage_is_not_followed(server: TinyServer) -> None:
    server.routes["/b"] = Reply(302, b"", {"Location": "http://169.254.169.254/"})
    with pytest.raises(StorageProblem):
        s3(server).page()
    assert len(server.seen) == 1


def test_a_file_above_the_limit_is_not_read_to_its_end(server: TinyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.remote_storage.asking.MOST_FILE_BYTES", 1000)
    server.routes["/b"] = Reply(200, b"x" * 5000)
    with pytest.raises(StorageProblem, match="larger than"):
        s3(server).fetch("p/a.png", to=io.BytesIO())


# --- Azure ------------------------------------------------------------------------------------------------------------
AZURITE = os.environ.get("AZURITE_BLOB", "") or shutil.which("azurite-blob") or ""
ACCOUNT, KEY = "devstoreaccount1", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def test_azure_is_asked_with_a_signature_of_the_key_or_the_token_as_it_is(server: TinyServer) -> None:
    blob = b"<Name>p/1_1.png</Name><Properties><Etag>0x8D</Etag><Content-Length>12</Content-Length><Last-Modified>Fri, 27 Nov 2026 10:00:00 GMT</Last-Modified></Properties>"
    server.routes["/acc/c"] = Reply(
        200, b"<EnumerationResults><Blobs><Blob>" + blob + b"</Blob></Blobs><NextMarker>m2</NextMarker></EnumerationResults>"
    )
    storage = AzureStorage(endpoint=f"{server.url}/acc", container="c", prefix="p/", secret=KEY)
    page = storage.page(after="m1")
    assert [(file.name, file.etag, file.size_bytes) for file in page.files] == [("p/1_1.png", "0x8D", 12)] and page.next_page == "m2"
    assert server.seen[0].query["sp"] == "rl" and server.seen[0].query["marker"] == "m1" and "sig" in server.seen[0].query
    AzureStorage(endpoint=f"{server.url}/acc", container="c", prefix="", secret="?sv=1&sig=abc").page()
    assert server.seen[1].query["sig"] == "abc"
    AzureStorage(endpoint=f"{server.url}/acc", container="c", prefix="").page()
    assert "sig" not in server.seen[2].query
    with pytest.raises(StorageProblem, match="neither an account key nor a SAS token"):
        AzureStorage(endpoint=f"{server.url}/acc", container="c", prefix="", secret="not base64!").page()


@pytest.mark.skipif(not AZURITE, reason="AZURITE_BLOB names no azurite-blob (npm install azurite): Azure is not tested against a server here")
def test_azurite_lists_pages_and_gives_files(tmp_path: Path, settings: Settings) -> None:
    from azure.storage.blob import BlobServiceClient

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [AZURITE, "--silent", "--skipApiVersionCheck", "--location", str(tmp_path), "--blobPort", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    settings.TYPED_ADDRESSES_ALSO = [f"127.0.0.1:{port}"]
    try:
        for _second in range(60):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.5)
        container = BlobServiceClient(endpoint, credential=KEY).create_container("prints")
        for number in range(5):
            container.upload_blob(f"in/302-{number}_1.png", b"x" * number)
        container.upload_blob("other/1_1.png", b"x")
        storage = AzureStorage(endpoint=endpoint, container="prints", prefix="in/", secret=KEY)
        first = storage.page(most=3)
        second = storage.page(after=first.next_page, most=3)
        assert [file.name for file in (*first.files, *second.files)] == [f"in/302-{number}_1.png" for number in range(5)]
        assert [file.size_bytes for file in first.files] == [0, 1, 2] and second.next_page == "" and all(file.etag for file in first.files)
        kept = io.BytesIO()
        assert storage.fetch("in/302-4_1.png", to=kept) == 4 and kept.getvalue() == b"xxxx"
        with pytest.raises(StorageProblem, match="no container “nothing”"):
            AzureStorage(endpoint=endpoint, container="nothing", prefix="", secret=KEY).page()
        with pytest.raises(StorageProblem, match="key or token may not list"):
            AzureStorage(endpoint=endpoint, container="prints", prefix="", secret=KEY.replace("Eby8", "Aby8")).page()
    finally:
        server.terminate()
        server.wait(timeout=20)
