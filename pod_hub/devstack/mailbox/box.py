"""The mailbox: one file for each mail that arrived, newest last by name."""

from __future__ import annotations

import email
import email.policy
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

NAME = re.compile(r"^\d{13}-[0-9a-f]{8}$")


@dataclass(frozen=True, slots=True)
class Kept:
    """One mail as it arrived. ``to`` is whom the sender named to the server, which the headers need not say."""

    name: str
    message: EmailMessage

    @property
    def at(self) -> datetime:
        """When it arrived."""
        return datetime.fromtimestamp(int(self.name[:13]) / 1000, tz=UTC)

    @property
    def subject(self) -> str:
        """Its subject, or words that say there is none."""
        return str(self.message["Subject"] or "(no subject)")

    @property
    def to(self) -> str:
        """Whom it was for."""
        return str(self.message["X-Envelope-To"] or self.message["To"] or "")

    @property
    def sender(self) -> str:
        """Who wrote it."""
        return str(self.message["From"] or "")

    def body(self, kind: str) -> str:
        """Return its text (``plain``) or its HTML (``html``); empty when it has none."""
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""


class Box:
    """A folder of mails; also the handler that aiosmtpd asks about each one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail before saying yes to it."""
        head = "".join(f"X-Envelope-To: {address}\r\n" for address in envelope.rcpt_tos[:1])
        name = f"{time.time_ns() // 1_000_000:013d}-{uuid.uuid4().hex[:8]}"
        draft = self.folder / f".{name}"
        draft.write_bytes(head.encode() + envelope.content)
        draft.rename(self.folder / f"{name}.eml")
        return "250 Kept"

    def mails(self) -> Iterator[Kept]:
        """Yield every mail, newest first."""
        for path in sorted(self.folder.glob("*.eml"), reverse=True):
            yield self._read(path)

    def mail(self, name: str) -> Kept | None:
        """Return one mail by its name, or None."""
        path = self.folder / f"{name}.eml"
        return self._read(path) if NAME.match(name) and path.exists() else None

    @staticmethod
    def _read(path: Path) -> Kept:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101 - what the policy makes
        return Kept(path.stem, message)
