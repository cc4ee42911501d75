"""Where files are kept (pod_hub/core/storage.py): a folder and a real S3 server, with the same promises."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import httpx
import pytest
import time_machine
from botocore.config import Config
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.test import Client, override_settings
from moto.server import ThreadedMotoServer

from pod_hub.core.storage import INCOMING, PrivateBucket, WholeFiles, signed_link

KEYS = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret", "region_name": "eu-central-1"}
BODY = bytes(range(256)) * 4000


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """An S3 server on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_address: str) -> PrivateBucket:
    """An empty bucket of it, as a storage with a prefix."""
    client = boto3.client("s3", endpoint_url=s3_address, **KEYS)
    name = f"hub-{time.time_ns()}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return PrivateBucket(
        bucket_name=name, endpoint_url=s3_address, region_name="eu-central-1", location="hub/files", access_key="AKIDEXAMPLE", secret_key="secret",
        client_config=Config(signature_version="s3v4", connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}),
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> WholeFiles:
    return WholeFiles(location=tmp_path / "media")


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest) -> Storage:
    """Each of the two."""
    kept: Storage = request.getfixturevalue(request.param)
    return kept


def test_a_file_comes_back_as_it_went_in(storage: Storage) -> None:
    name = storage.save("psp-1/print-files/ab/abc.png", ContentFile(BODY))
    assert name == "psp-1/print-files/ab/abc.png" and storage.exists(name) and storage.size(name) == len(BODY)
    with storage.open(name) as stored:
        assert b"".join(stored.chunks(1000)) == BODY
    assert storage.listdir("psp-1/print-files") == (["ab"], []) and storage.listdir("psp-1/print-files/ab") == ([], ["abc.png"])
    storage.delete(name)
    storage.delete(name)
    assert not storage.exists(name)
    with pytest.raises(FileNotFoundError):
        storage.open(name)


class Breaks(ContentFile[bytes]):
    """A file whose second half never comes."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield BODY[:1000]
        raise OSError("the disc is full")

    def read(self, size: int | None = -1) -> bytes:
        raise OSError("the disc is full")


def test_a_file_that_breaks_off_leaves_no_name(storage: Storage) -> None:
    with pytest.raises(OSError, match="disc is full"):
        storage.save("psp-1/half.png", Breaks(BODY))
    assert not storage.exists("psp-1/half.png")


def test_while_a_file_is_written_nobody_sees_it_and_what_a_dead_process_left_is_swept(folder: WholeFiles) -> None:
    base = Path(folder.base_location)

    class Watched(ContentFile[bytes]):
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            for at in range(0, len(BODY), 100_000):
                assert not (base / "a/b.png").exists() and folder.listdir("a") == ([], [])
                yield BODY[at : at + 100_000]

    folder.save("a/b.png", Watched(BODY))
    assert (base / "a/b.png").read_bytes() == BODY and not list((base / INCOMING).iterdir())
    left = base / INCOMING / "dead"
    left.write_bytes(b"half")
    folder.save("a/c.png", ContentFile(b"c"))
    assert left.exists() and INCOMING not in folder.listdir("")[0]
    os.utime(left, (1, 1))
    folder.save("a/d.png", ContentFile(b"d"))
    assert not left.exists()


def test_an_s3_service_that_is_away_is_an_os_error_and_a_missing_bucket_too(bucket: PrivateBucket) -> None:
    bucket.bucket_name, bucket._bucket = "no-such-bucket", None
    for act in (lambda: bucket.save("a", ContentFile(b"a")), lambda: bucket.listdir("")):
        with pytest.raises(OSError, match="NoSuchBucket"):
            act()
    away = PrivateBucket(bucket_name="b", endpoint_url="http://127.0.0.1:9", access_key="a", secret_key="s", client_config=bucket.client_config)
    for act in (lambda: away.open("a"), lambda: away.exists("a"), lambda: away.save("a", ContentFile(b"a")), lambda: away.delete("a")):
        with pytest.raises(OSError, match="did not answer"):
            act()


def test_nothing_in_a_bucket_is_public(bucket: PrivateBucket, s3_address: str) -> None:
    bucket.save("private.png", ContentFile(b"x"))
    grants = bucket.bucket.Object("hub/files/private.png").Acl().grants
    assert not [grant for grant in grants if "URI" in grant["Grantee"]]


# --- Links ------------------------------------------------------------------------------------------------------------
def test_a_link_of_a_bucket_leads_to_the_bucket_downloads_and_expires(bucket: PrivateBucket, s3_address: str) -> None:
    bucket.save("art.png", ContentFile(BODY))
    with override_settings(STORAGES=settings.STORAGES | {"default": {"BACKEND": "pod_hub.core.storage.PrivateBucket", "OPTIONS": _options(bucket)}}):
        link = signed_link("art.png", file_name="Zoë's art.png", content_type="image/png", lifetime_s=60)
    assert link.startswith(f"{s3_address}/{bucket.bucket_name}/hub/files/art.png?") and "X-Amz-Expires=60" in link and "X-Amz-Signature=" in link
    answer = httpx.get(link)
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-disposition"].startswith("attachment") and answer.headers["content-type"] == "image/png"


def _options(bucket: PrivateBucket) -> dict[str, object]:
    names = ("bucket_name", "endpoint_url", "region_name", "location", "access_key", "secret_key", "client_config")
    return {name: getattr(bucket, name) for name in names}


def test_a_link_of_the_folder_is_the_hubs_downloads_and_expires(client: Client) -> None:
    storages["default"].save("psp-1/art.png", ContentFile(BODY))
    with time_machine.travel("2026-03-01 10:00", tick=False):
        link = signed_link("psp-1/art.png", file_name="art.png", content_type="image/png", lifetime_s=60)
        assert link.startswith(settings.PUBLIC_URL) and "psp-1" not in link
        answer = client.get(urlsplit(link).path)
        assert answer.status_code == 200 and b"".join(answer) == BODY
        assert answer["Content-Disposition"] == 'attachment; filename="art.png"' and answer["Content-Type"] == "image/png"
        assert "sandbox" in answer["Content-Security-Policy"] and answer["X-Content-Type-Options"] == "nosniff"
    with time_machine.travel("2026-03-01 10:02", tick=False):
        gone = client.get(urlsplit(link).path)
        assert gone.status_code == 410 and "not valid any more" in gone.content.decode()


def test_a_link_that_was_changed_opens_nothing(client: Client) -> None:
    storages["default"].save("psp-1/art.png", ContentFile(BODY))
    path = urlsplit(signed_link("psp-1/art.png", file_name="art.png", content_type="image/png")).path
    for wrong in (path[:-3] + "xx/", path.replace("/stored/", "/stored/a"), "/stored/../../etc/passwd/", "/stored/psp-1/"):
        assert client.get(wrong).status_code in {404, 410}


def test_a_link_to_a_file_that_is_gone_is_a_404(client: Client) -> None:
    assert client.get(urlsplit(signed_link("psp-1/none.png", file_name="a", content_type="image/png")).path).status_code == 404
