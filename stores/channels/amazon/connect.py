"""Getting a seller's consent (website workflow and the start from Amazon's Appstore)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from django.conf import settings

from stores.channels.amazon import lwa
from stores.channels.amazon.marketplaces import BY_ID, consent_base, is_seller_central
from stores.channels.consent_types import ConsentAnswer, ConsentStart, Grant
from stores.channels.errors import Misconfigured, ReconnectNeeded, Refused

SELLER_ID = re.compile(r"[A-Za-z0-9]{1,64}")


class AmazonConsent:
    """Implements ``Consent``.

    The answer comes to ``AMAZON_REDIRECT_URI`` with ``state``, ``selling_partner_id`` and ``spapi_oauth_code`` (not ``code``). It does not
    tell the region: whoever makes the state keeps the marketplace with it.
    """

    def consent_url(self, *, marketplace: str, state: str) -> str:
        """Return the Seller Central address where sellers of this marketplace consent, for all marketplaces of its region."""
        if marketplace not in BY_ID:
            raise Refused(f"Amazon has no marketplace {marketplace!r} that the hub knows. Choose one of the list.", code="MarketplaceUnknown")
        query = {"application_id": settings.AMAZON_APPLICATION_ID, "state": state, "redirect_uri": settings.AMAZON_REDIRECT_URI}
        return f"{consent_base(marketplace)}/apps/authorize/consent?{urlencode(query | _draft())}"

    def read_answer(self, query: Mapping[str, str]) -> ConsentAnswer:
        """Read ``state``, ``selling_partner_id`` and ``spapi_oauth_code``. A seller who declined comes without a code."""
        return ConsentAnswer(
            state=query.get("state", ""),
            code=query.get("spapi_oauth_code", ""),
            account_id=query.get("selling_partner_id", ""),
            # Not documented by Amazon; OAuth's own name (RFC 6749, 4.1.2.1).
            error=query.get("error", ""),
        )

    def exchange(self, *, code: str, account_id: str, region: str) -> Grant:
        """Trade the code for tokens. A code that was used or is older than five minutes raises ``ReconnectNeeded``."""
        if not SELLER_ID.fullmatch(account_id):
            raise Refused("Amazon's answer names no seller. Start connecting again.", code="SellerUnknown")
        try:
            given = lwa.exchange_code(code)
        except ReconnectNeeded as error:
            raise ReconnectNeeded(
                "Amazon did not accept this consent: its code was used before or is older than five minutes. Start connecting again.",
                request_id=error.request_id,
                status=error.status,
            ) from error
        if not given.refresh_token:
            raise Misconfigured(
                "Login with Amazon gave no refresh token, so the store could be used for one hour only. An operator must check the application."
            )
        return Grant(
            account_id=account_id,
            refresh_token=given.refresh_token,
            access_token=given.access_token,
            access_expires_in_s=given.expires_in_s,
        )

    def read_start(self, query: Mapping[str, str]) -> ConsentStart:
        """Read ``amazon_callback_uri``, ``amazon_state`` and ``selling_partner_id``, with which Amazon opens the login address."""
        start = ConsentStart(
            answer_to=query.get("amazon_callback_uri", ""), state=query.get("amazon_state", ""), account_id=query.get("selling_partner_id", "")
        )
        self.answer_start(start, state="")
        if not start.state or (start.account_id and not SELLER_ID.fullmatch(start.account_id)):
            raise Refused("Amazon's link is not complete. Start from your store's page in the hub instead.", code="StartIncomplete")
        return start

    def answer_start(self, start: ConsentStart, *, state: str) -> str:
        """See ``appstore_url``."""
        return self.appstore_url(amazon_callback_uri=start.answer_to, amazon_state=start.state, state=state)

    def appstore_url(self, *, amazon_callback_uri: str, amazon_state: str, state: str) -> str:
        """Return where to send a seller who started in Amazon's Appstore, after signing in to the hub.

        ``amazon_callback_uri`` came with the visit: anything but a Seller Central host is refused, or the hub would forward anybody
        anywhere.
        """
        if not is_seller_central(amazon_callback_uri):
            raise Refused(
                "This link did not come from Amazon Seller Central. Start from your store's page in the hub instead.", code="CallbackUnknown"
            )
        query = {"redirect_uri": settings.AMAZON_REDIRECT_URI, "amazon_state": amazon_state, "state": state}
        joint = "&" if "?" in amazon_callback_uri else "?"
        return f"{amazon_callback_uri}{joint}{urlencode(query | _draft())}"


def _draft() -> dict[str, str]:
    # Without it Amazon answers MD1000 while the application is a draft.
    return {"version": "beta"} if settings.AMAZON_DRAFT_APP else {}
