"""A real SMTP server on this machine, which takes mails or refuses them as a test says."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings as hub_settings
from pytest_django import Settings

from pod_hub.devstack.ports import any_free


@dataclass
class PostOffice:
    """What has arrived, and what the server says next to recipients and to content."""

    arrived: list[EmailMessage] = field(default_factory=list)
    to_recipient: str = "250 OK"
    to_content: str = "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient.format(address=address)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.to_content.startswith("250"):
            assert isinstance(envelope.content, bytes)
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.arrived.append(message)
        return self.to_content


@pytest.fixture
def post_office(settings: Settings) -> Iterator[PostOffice]:
    """The server, named by the settings as EMAIL_URL would."""
    office = PostOffice()
    (port,) = any_free(1)
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    assert port == hub_settings.EMAIL_PORT
    yield office
    controller.stop()
