"""How stores and connections look: labels, tones, icons and the remedy for each state, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pod_hub.ui.look import Look, Tone
from stores.channels.registry import capabilities
from stores.models import Authorization, Connection, ConnectionWizard, ConsentAttempt, ConsentLink, SelfTestStep, Store

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# CS-13: a new connection usually turns green within seconds; before a minute has passed it is no alarm.
CALM = timedelta(seconds=60)

CONNECTION_LOOK: Mapping[str, Look] = MappingProxyType(
    {
        Connection.State.PENDING.value: Look(gettext_lazy("Connecting"), Tone.ACTIVE, "loader-2"),
        Connection.State.CONNECTED.value: Look(gettext_lazy("Connected"), Tone.OK, "plug-connected"),
        Connection.State.ATTENTION.value: Look(gettext_lazy("Needs attention"), Tone.WARN, "alert-triangle"),
        Connection.State.EXPIRED.value: Look(gettext_lazy("Permission expired"), Tone.BAD, "clock-exclamation"),
        Connection.State.REVOKED.value: Look(gettext_lazy("Permission withdrawn"), Tone.BAD, "plug-connected-x"),
        Connection.State.DISABLED.value: Look(gettext_lazy("Disconnected"), Tone.NEUTRAL, "plug-connected-x"),
    }
)
NOT_CONNECTED = Look(gettext_lazy("Not connected yet"), Tone.INFO, "circle-dashed")
NO_MARKETPLACE = Look(gettext_lazy("Orders by API"), Tone.NEUTRAL, "pencil")
SLOW = Look(gettext_lazy("Still connecting"), Tone.WARN, "hourglass")
RESTING = Look(gettext_lazy("Marketplace does not answer"), Tone.WARN, "hourglass")
DELETED = Look(gettext_lazy("Deleted"), Tone.NEUTRAL, "trash")
PAUSED = Look(gettext_lazy("Paused"), Tone.WARN, "player-pause")
IMPORT_PAUSED = Look(gettext_lazy("Import paused"), Tone.WARN, "player-pause")


_REST_IS_NO_LOSS = gettext_lazy(
    "The hub asks once a minute and goes on by itself at the first answer; orders and confirmations wait and none is lost. "
    "There is nothing to do here. If it lasts, look at the marketplace's own page about its health."
)
_GIVE_AGAIN = gettext_lazy(
    "The seller has to give the permission again: “Reconnect” where you may authorise, else “Send to merchant”, on the store's Connection tab. "
    "Mappings, orders and settings are kept."
)
STEP_LOOK: Mapping[str, Look] = MappingProxyType(
    {
        SelfTestStep.Outcome.OK.value: Look(gettext_lazy("Works"), Tone.OK, "circle-check"),
        SelfTestStep.Outcome.FAILED.value: Look(gettext_lazy("Does not work"), Tone.BAD, "circle-x"),
        SelfTestStep.Outcome.UNKNOWN.value: Look(gettext_lazy("Cannot be told yet"), Tone.NEUTRAL, "help-circle"),
    }
)
TEST_RUNNING = Look(gettext_lazy("Being tested"), Tone.ACTIVE, "loader-2")
TEST_WAITS = Look(gettext_lazy("Waits"), Tone.NEUTRAL, "hourglass")
TEST_LABELS = {
    "permission": gettext_lazy("Permission"),
    "marketplace": gettext_lazy("Marketplace"),
    "listings": gettext_lazy("Products"),
    "orders": gettext_lazy("Orders"),
    "addresses": gettext_lazy("Delivery addresses"),
}
LINK_LOOK: Mapping[str, Look] = MappingProxyType(
    {
        ConsentLink.State.WAITING.value: Look(gettext_lazy("Waiting for the merchant"), Tone.ACTIVE, "hourglass"),
        ConsentLink.State.AUTHORISED.value: Look(gettext_lazy("Authorised"), Tone.OK, "circle-check"),
        ConsentLink.State.DECLINED.value: Look(gettext_lazy("Declined"), Tone.BAD, "circle-x"),
        ConsentLink.State.REVOKED.value: Look(gettext_lazy("Withdrawn"), Tone.NEUTRAL, "ban"),
    }
)
LINK_EXPIRED = Look(gettext_lazy("Expired"), Tone.WARN, "clock-exclamation")
# What whoever opens a mailed link reads above the reason why it opens nothing any more.
LINK_TITLE: Mapping[str, Look] = MappingProxyType(
    {
        ConsentLink.State.WAITING.value: Look(gettext_lazy("This store is no longer being connected"), Tone.NEUTRAL, "ban"),
        ConsentLink.State.AUTHORISED.value: Look(gettext_lazy("The permission was given"), Tone.OK, "circle-check"),
        ConsentLink.State.DECLINED.value: Look(gettext_lazy("You declined"), Tone.NEUTRAL, "circle-x"),
        ConsentLink.State.REVOKED.value: Look(gettext_lazy("This link was withdrawn"), Tone.WARN, "ban"),
    }
)
LINK_TITLE_EXPIRED = Look(gettext_lazy("This link has expired"), Tone.WARN, "clock-exclamation")
LINK_UNKNOWN = Look(gettext_lazy("This link is not known"), Tone.WARN, "help-circle")
LINK_UNUSABLE = Look(gettext_lazy("This link cannot be used"), Tone.WARN, "ban")
PERMISSION_GIVEN = LINK_TITLE[ConsentLink.State.AUTHORISED]
NOTHING_CONNECTED = Look(gettext_lazy("Nothing was connected"), Tone.BAD, "circle-x")
# From so many days before a permission's end on it is worth a look; then it is urgent.
SOON, URGENT = timedelta(days=90), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """A store's connection as people see it. ``error`` and ``remedy`` are empty while all is well.

    ``may_authorize`` is true when a new consent is the way on: "Authorize" for a store that never had one, else "Reconnect".
    """

    look: Look
    error: str = ""
    remedy: str = ""
    may_authorize: bool = False
    was_connected: bool = False


def status_of(store: Store, *, now: datetime) -> StoreStatus:
    """Judge a store's connection; reads ``store.connection.authorization``, so fetch them with the store."""
    if not capabilities(store.kind).needs_consent:
        return StoreStatus(NO_MARKETPLACE)
    connection: Connection | None = getattr(store, "connection", None)
    if store.removed_at is not None:
        return StoreStatus(DELETED, "", _("Nothing is imported or sent. Connect it again and it comes back with its mappings."), True, True)
    if connection is None or (connection.state == Connection.State.PENDING and connection.authorization is None):
        return StoreStatus(NOT_CONNECTED, remedy=_("Press “Connect” to ask the seller's permission."), may_authorize=True)
    authorization = connection.authorization
    error = connection.state_reason or (authorization.last_error if authorization else "")
    state = Connection.State(connection.state)
    look = CONNECTION_LOOK[state]
    if state == Connection.State.PENDING:
        since = connection.connected_at or (authorization.granted_at if authorization else store.created_at)
        late = now - since > CALM
        return StoreStatus(SLOW if late else look, error if late else "", _("The hub keeps trying by itself.") if late else "", was_connected=True)
    if state == Connection.State.DISABLED:
        return StoreStatus(look, "", _("Nothing is imported or sent. Reconnect to go on; mappings are kept."), True, True)
    if state in {Connection.State.EXPIRED, Connection.State.REVOKED}:
        return StoreStatus(look, error, str(_GIVE_AGAIN), True, True)
    if authorization is not None and authorization.state != Authorization.State.ACTIVE:
        return StoreStatus(CONNECTION_LOOK["revoked"], error, str(_GIVE_AGAIN), True, True)
    if authorization is not None and authorization.resting_since is not None:
        said = _rest_of(authorization.resting_since, authorization.last_error, channel=store.get_kind_display(), now=now)
        return StoreStatus(RESTING, said, str(_REST_IS_NO_LOSS), was_connected=True)
    if state == Connection.State.ATTENTION or error:
        remedy = _("The hub tries again by itself. If it goes on for more than an hour, reconnect the store.")
        return StoreStatus(look, error, remedy, state == Connection.State.ATTENTION, True)
    if connection.import_paused and connection.push_paused and connection.inventory_paused:
        return StoreStatus(PAUSED, was_connected=True)
    return StoreStatus(look, was_connected=True)


def _rest_of(since: datetime, last_words: str, *, channel: str, now: datetime) -> str:
    """Say for how long the marketplace has been silent, and what it said last."""
    if now - since < timedelta(minutes=1):
        said = _("%(channel)s has just stopped answering for this seller.") % {"channel": channel}
    else:
        said = _("%(channel)s has not answered for this seller for %(span)s.") % {
            "channel": channel,
            "span": timesince(since, now, depth=1),
        }
    return f"{said} {last_words}".strip()


# What a wizard that was left waits for, in the words of lists.
WIZARD_WAITS: Mapping[str, _StrPromise] = MappingProxyType(
    {
        ConnectionWizard.Step.SETUP.value: gettext_lazy("its set-up"),
        ConnectionWizard.Step.AUTHORIZE.value: gettext_lazy("the seller's permission"),
        ConnectionWizard.Step.FINISH.value: gettext_lazy("the last step"),
    }
)


def link_look(link: ConsentLink) -> Look:
    """Return how far a mailed link got."""
    return LINK_EXPIRED if link.has_expired else LINK_LOOK[link.state]


def link_title(link: ConsentLink) -> Look:
    """Return what stands above the reason why a link opens nothing any more."""
    return LINK_TITLE_EXPIRED if link.has_expired else LINK_TITLE[link.state]


def expiry_tone(authorization: Authorization, *, now: datetime) -> Tone:
    """Return how urgent it is to renew a permission."""
    if authorization.expires_at is None or authorization.expires_at - now > SOON:
        return Tone.NEUTRAL
    return Tone.BAD if authorization.expires_at - now <= URGENT else Tone.WARN


@dataclass(frozen=True, slots=True)
class PermissionEnd:
    """A permission that ends soon: how urgent that is, and when in words, such as “in 12 days”."""

    tone: Tone
    words: str


def permission_end(authorization: Authorization, *, now: datetime) -> PermissionEnd | None:
    """Return what to say of a permission's end; None while it is far away, or where it is lost already."""
    ends = authorization.expires_at
    if ends is None or authorization.state != Authorization.State.ACTIVE or ends - now >= Authorization.ENDS_SOON:
        return None
    days = (ends - now).days
    if ends <= now:
        words = _("has ended")
    elif days < 1:
        words = _("ends within a day")
    else:
        words = ngettext("ends in %(n)s day", "ends in %(n)s days", days) % {"n": days}
    return PermissionEnd(expiry_tone(authorization, now=now), words)


def attempt_look(attempt: ConsentAttempt, *, now: datetime) -> tuple[Look, str]:
    """Return how one trip to the consent page ended, and the sentence that explains it."""
    if attempt.outcome == "connected":
        return Look(_("Connected"), Tone.OK, "check"), ""
    if attempt.outcome:
        return Look(_("Not connected"), Tone.BAD, "circle-x"), attempt.outcome
    if attempt.used_at is not None:
        return Look(_("Interrupted"), Tone.WARN, "alert-triangle"), _("The answer came back but was not finished. Press “Authorize” again.")
    if now - attempt.started_at > ConsentAttempt.LIFETIME:
        return Look(_("No answer"), Tone.NEUTRAL, "clock"), _("Nobody confirmed within thirty minutes.")
    return Look(_("Waiting for the seller"), Tone.ACTIVE, "hourglass"), ""
