"""The second factor: its secrets, sealed; who must have one; and the door that stays shut until they do.

allauth's ``mfa`` does the rest: authenticator apps, passkeys, recovery codes, and asking for one of them at sign-in.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pod_hub.accounts.models import Membership, User
from pod_hub.accounts.services.audit import note_for_person
from pod_hub.core.sealing import open_text, seal_text

# Recovery codes alone are no factor: they are made with the first one and deleted with the last.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# One place for all of them: allauth hands over the secret without saying whose it is.
CONTEXT = "mfa_authenticator.data"
# What somebody without the second factor may open: their own account, and the API, which knows keys and no sessions.
OPEN_NAMES = frozenset({"accounts:second_factor_needed", "accounts:sessions", "accounts:end_session", "accounts:end_other_sessions", "admin:logout"})
OPEN_PREFIXES = ("account_", "mfa_", "api:", "ui:")


class SealedSecrets(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps what authenticators share with us under the key ring, and says why somebody may not switch theirs off."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _(
            "Your print provider asks for two-step sign-in, so the last step cannot be removed. Add a passkey first, then remove the app."
        ),
        "incorrect_code": _("This code is not right. Codes change every 30 seconds: wait for the next one and check your device's clock."),
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return sealed_secret(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret; ``CannotOpen`` when its key left the ring."""
        return open_text(base64.b64decode(encrypted_text), context=CONTEXT)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Return False for the last factor of somebody who must have one."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS).exclude(pk=authenticator.pk)
        return others.exists() or not is_required_of_person(authenticator.user)


def sealed_secret(text: str) -> str:
    """Return a secret as the authenticators' table keeps it."""
    return base64.b64encode(seal_text(text, context=CONTEXT)).decode()


def has_factor(user_reference: str = "user_id") -> Exists:
    """Return an annotation: whether the user of a row has a second factor."""
    return Exists(Authenticator.objects.filter(user_id=OuterRef(user_reference), type__in=FACTORS))


def for_buyer_data() -> bool:
    """Return whether this installation demands a second factor of everybody who sees buyers' data, whatever the PSP says."""
    return bool(settings.SECOND_FACTOR_FOR_BUYER_DATA)


def sees_buyer_data(membership: Membership) -> bool:
    """Return whether a membership opens pages with buyers' names and addresses; a role that is not known to be blind does."""
    return bool(getattr(membership, "may_see_buyers", True))


def is_required(membership: Membership) -> bool:
    """Return whether this membership is of no use without a second factor."""
    return membership.psp.second_factor_for_all or (for_buyer_data() and sees_buyer_data(membership))


def is_required_of_person(user: User) -> bool:
    """Return whether any of somebody's memberships, or being an operator, requires a second factor."""
    if user.is_superuser and for_buyer_data():
        return True
    return any(is_required(one) for one in Membership.objects.filter(user_id=user.pk, is_active=True).select_related("psp"))


class SecondFactorMiddleware:
    """Sends who must have a second factor and has none to the page that explains and sets it up.

    Everything is shut but what ``OPEN_NAMES`` and ``OPEN_PREFIXES`` list, Django admin included. Costs no query: the membership says whether
    its person has one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> HttpResponse | None:
        """Let the view answer, or send the person to set their second factor up."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in OPEN_NAMES or name.startswith(OPEN_PREFIXES) or not lacks_factor(request):
            return None
        address = reverse("accounts:second_factor_needed")
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": address})
        return HttpResponseRedirect(address)


def lacks_factor(request: HttpRequest) -> bool:
    """Return whether who asks must have a second factor and has none."""
    if not request.user.is_authenticated:
        return False
    membership: Membership | None = getattr(request, "membership", None)
    if membership is not None and is_required(membership):
        known: bool | None = getattr(membership, "has_second_factor", None)
        return not (person_has_factor(request.user) if known is None else known)
    if request.user.is_superuser and for_buyer_data():
        return not person_has_factor(request.user)
    return False


def person_has_factor(user: Any) -> bool:
    """Return whether somebody has a second factor."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists())


WORDS = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


def note_changes() -> None:
    """Write into the audit trail what allauth says about factors: added, removed, recovery codes made anew."""
    for signal, words in ((authenticator_added, "added"), (authenticator_removed, "removed"), (authenticator_reset, "renewed")):
        signal.connect(partial(_note, words), weak=False, dispatch_uid=f"audit second step {words}")


def _note(words: str, *, user: User, authenticator: Authenticator, **_more: Any) -> None:
    note_for_person(user, text=f"second step {words}: {WORDS[authenticator.type]}")
