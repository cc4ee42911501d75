"""A scripted Amazon: token endpoint and API on one local server, and an account of its own for each test."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test.utils import override_settings

from pod_hub.core import http
from stores.channels.amazon.adapter import AmazonChannel
from stores.channels.types import Account
from tests.channels.tiny_server import Reply, Seen, TinyServer, certificate


class ScriptedAmazon(TinyServer):
    """Gives a new access token with each refresh; everything else answers as ``routes`` says."""

    TOKEN = "/auth/o2/token"

    def run(self) -> ScriptedAmazon:
        numbers = itertools.count(1)

        def token(request: Seen) -> Reply:
            body = {"access_token": f"Atza|access-{next(numbers)}", "token_type": "bearer", "expires_in": 3600, "refresh_token": "Atzr|refresh"}
            return Reply(200, body)

        self.routes[self.TOKEN] = token
        return self

    @property
    def refreshes(self) -> int:
        return len(self.asked(self.TOKEN))


@pytest.fixture
def amazon() -> Iterator[ScriptedAmazon]:
    server = ScriptedAmazon().run()
    with override_settings(AMAZON_SANDBOX_URL=server.url, TIME_FACTOR=1):
        yield server
    server.close()


@pytest.fixture
def tls_amazon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedAmazon]:
    trusted, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    http.forget_client()
    server = ScriptedAmazon(tls=context).run()
    with override_settings(AMAZON_SANDBOX_URL=server.url, TIME_FACTOR=1):
        yield server
    server.close()
    http.forget_client()


@pytest.fixture
def account() -> Account:
    # A seller of its own: buckets and tokens in Redis are named after it, so tests never meet.
    mark = uuid.uuid4().hex[:12]
    return Account(key=f"aut_{mark}", account_id=f"A{mark.upper()}", region="EU", refresh_token=f"Atzr|{mark}")


@pytest.fixture
def channel(amazon: ScriptedAmazon, account: Account) -> AmazonChannel:
    return AmazonChannel(account)
