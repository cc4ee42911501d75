"""What can go wrong while talking to a channel, named after what happens next (docs/architecture.md, "Channels")."""

from __future__ import annotations

from datetime import datetime


class ChannelError(Exception):
    """Base of all channel failures. ``str()`` is safe to show: it holds no token and no buyer data.

    ``request_id`` is the channel's own id for the exchange, where it gave one; ``status`` the HTTP status, or None without an answer.
    """

    def __init__(self, message: str, *, request_id: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.request_id = request_id
        self.status = status


class TryLater(ChannelError):
    """Throttled, timed out, 5xx or out of quota: the same call may be repeated after ``wait_s`` seconds.

    ``ambiguous`` is true when the request may have taken effect (it left us and no answer came back, or the gateway failed): a write
    must then be read back before it is sent again. ``throttled`` is true when quota was the reason, so the wait is not a fault.
    ``ours`` is true when the channel was not even asked, because something of our own is out of order: that says nothing about the channel.
    """

    def __init__(
        self,
        message: str,
        *,
        wait_s: float | None = None,
        ambiguous: bool = False,
        throttled: bool = False,
        ours: bool = False,
        request_id: str = "",
        status: int | None = None,
    ) -> None:
        super().__init__(message, request_id=request_id, status=status)
        self.wait_s = wait_s
        self.ambiguous = ambiguous
        self.throttled = throttled
        self.ours = ours


class ReconnectNeeded(ChannelError):
    """The seller's permission is gone (revoked, expired, role missing): the authorization pauses and the merchant is asked to renew it."""


class Refused(ChannelError):
    """Understood and declined: repeating changes nothing. ``code`` and the message are the channel's own words.

    ``told_at`` is the channel's own clock as it answered, where it said so.
    """

    def __init__(self, message: str, *, code: str = "", request_id: str = "", status: int | None = None, told_at: datetime | None = None) -> None:
        super().__init__(message, request_id=request_id, status=status)
        self.code = code
        self.told_at = told_at


class WishOpen(Refused):
    """The buyer asks to cancel and nobody answered yet; doing this would be the answer. It may be repeated when a person has decided."""


class NotFound(Refused):
    """The channel does not know the object (any more)."""


class Misconfigured(ChannelError):
    """Our own application is refused (wrong client secret, unknown redirect address): all sellers fail and an operator must act."""


class Unreadable(Exception):
    """The channel's answer cannot be read as an order or listing. The message names field and value, never buyer data."""
