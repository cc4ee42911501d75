"""What must not be written down: secrets by their shape, and the records of libraries that write them.

Buyer data has no shape, so it is kept out by never passing bodies or query strings to a log in the first place (``pod_hub.core.http``).
"""

from __future__ import annotations

import logging
import re

_SECRETS = (
    re.compile(r"At[a-z]{2}\|[\w\-+/=.]+"),  # Amazon's access and refresh tokens: Atza|..., Atzr|...
    re.compile(r"amzn1\.oa2-cs\.[\w.\-]+"),  # Login with Amazon client secrets
    re.compile(r"\b(?:TTP|ROW|GCP)_[\w\-]{12,}"),  # TikTok Shop's tokens and shop ciphers
    re.compile(r"(?i)\bbearer\s+[\w\-.~+/=]+"),
    re.compile(
        r"(?i)((?:x-amz-(?:signature|credential|security-token)|access_token|refresh_token|client_secret|spapi_oauth_code|password|signature"
        r"|app_secret|auth_code|x-tts-access-token|shop_cipher)"
        r"[\"']?\s*[=:]\s*[\"']?)[^&\s\"',}]+"
    ),
    re.compile(r"(/permission/)[\w\-]{20,}"),  # mailed links: the secret stands in the address
    re.compile(r"(/password/reset/key/)[\w\-]+"),
    re.compile(r"\beyJ[\w\-]+\.[\w\-]+\.[\w\-]+"),  # JSON Web Tokens
    re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+"),  # e-mail addresses
)
# These libraries write access tokens, client secrets or signed addresses at DEBUG and INFO (requests_oauthlib the whole token request).
# Django's logs each statement with its values when query logging is on.
# Each name is a logger that is written to itself: a filter is not inherited by loggers below.
_TALKATIVE = (
    "django.db.backends",
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
    "oauthlib.oauth2.rfc6749.clients.base",
    "oauthlib.common",
    "requests_oauthlib.oauth2_session",
    "requests_oauthlib.oauth2_auth",
    "sp_api.auth.access_token_client",
    "sp_api.base.client",
    "urllib3.connectionpool",
)


def redact(text: str) -> str:
    """Return the text with everything that looks like a token, signature, secret or e-mail address replaced."""
    for pattern in _SECRETS:
        text = pattern.sub(r"\1[removed]" if pattern.groups else "[removed]", text)
    return text


class _WarningsOnly(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


def silence_talkative_libraries() -> None:
    """Let libraries that log secrets log warnings only, whatever level somebody sets while hunting a fault.

    Levels in ``settings.LOGGING`` do the same until they are changed; this holds afterwards. Calling it twice changes nothing.
    """
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        if not any(isinstance(existing, _WarningsOnly) for existing in logger.filters):
            logger.addFilter(_WarningsOnly())
