"""Getting a seller's consent, and the start from TikTok's app store, which brings a code that nobody here asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.timezone import now

from stores.channels.consent_types import ConsentAnswer, ConsentStart, Grant
from stores.channels.errors import ReconnectNeeded, Refused, TryLater
from stores.channels.tiktok import tokens
from stores.channels.tiktok.markets import consent_url

_SELLER = 0  # creators are 1, partners 3

# What the hub cannot work without, as the operations it calls want it.
NEEDED_SCOPES = frozenset(
    {
        "seller.authorization.info",
        "seller.product.basic",
        "seller.product.write",  # products that are added here, and stock
        "seller.order.info",
        "seller.fulfillment.basic",
        "seller.logistics",
        "seller.return_refund.basic",
    }
)


class TikTokConsent:
    """Implements ``Consent``.

    The redirect address is fixed in the Partner Center and not part of the request. Its answer holds ``code`` and ``state``; it names nobody: whose
    permission it is, TikTok says when the code is exchanged.
    """

    def consent_url(self, *, marketplace: str, state: str) -> str:
        """Return the address where a seller consents, for all shops of the account."""
        return f"{consent_url()}?{urlencode({'service_id': settings.TIKTOK_SERVICE_ID, 'state': state})}"

    def read_answer(self, query: Mapping[str, str]) -> ConsentAnswer:
        """Read ``state`` and ``code``. A seller who declined comes with ``error``, without a code, or with the word null in its place."""
        error, code = query.get("error", ""), query.get("code", "")
        declined = bool(error) or code == "null"
        return ConsentAnswer(state=query.get("state", ""), code="" if declined else code, account_id="", error=error)

    def exchange(self, *, code: str, account_id: str, region: str) -> Grant:
        """Trade the code for tokens. A code that was used or is older than thirty minutes raises ``ReconnectNeeded``.

        ``Refused`` for accounts that are no seller's, and for permissions that lack a right the hub needs.
        """
        try:
            data = tokens.exchange_code(code)
        except ReconnectNeeded as error:
            raise ReconnectNeeded(
                "TikTok Shop did not accept this consent: its code was used before or is older than thirty minutes. Start connecting again.",
                request_id=error.request_id,
                status=error.status,
            ) from error
        pair = tokens.read_pair(data)
        account = data.get("open_id")
        if not isinstance(account, str) or not account:
            raise TryLater("TikTok Shop's answer names no account. Start connecting again.")
        if data.get("user_type") not in {_SELLER, None}:
            raise Refused("The permission came from an account that is no seller's. Sign in as the seller.", code="NotASeller")
        _refuse_missing(data)
        return Grant(
            account_id=account,
            refresh_token=pair.refresh_token,
            access_token=pair.access_token,
            access_expires_in_s=int((pair.access_ends_at - now()).total_seconds()),
            account_name=str(data.get("seller_name") or ""),
            account_proven=True,
            pair=pair,
        )

    def read_start(self, query: Mapping[str, str]) -> ConsentStart:
        """Read an answer without a state: a seller began in TikTok's app store. Its code attaches nothing until somebody says what for."""
        answer = self.read_answer(query)
        if answer.state or not answer.code:
            raise Refused("TikTok's link is not complete. Start from your store's page in the hub instead.", code="StartIncomplete")
        return ConsentStart(answer_to=settings.TIKTOK_REDIRECT_URI, state="", code=answer.code)

    def answer_start(self, start: ConsentStart, *, state: str) -> str:
        """Return our own redirect address with the code that came and a state of ours: from here on it is a consent like any other."""
        if start.answer_to != settings.TIKTOK_REDIRECT_URI or not start.code:
            raise Refused("This start cannot be used. Start from your store's page in the hub instead.", code="StartIncomplete")
        return f"{start.answer_to}?{urlencode({'code': start.code, 'state': state})}"


def _refuse_missing(data: Mapping[str, Any]) -> None:
    granted = data.get("granted_scopes")
    if not isinstance(granted, list) or not granted:
        return  # not told: the first call that lacks a right says so
    if missing := sorted(NEEDED_SCOPES - {str(one) for one in granted}):
        raise Refused(
            f"It lacks rights that the hub needs ({', '.join(missing)}). The operator must add them to the hub's application at TikTok Shop first.",
            code="ScopeMissing",
        )
