"""How fast one key may ask: a token bucket in Redis, shared by all web workers."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from pod_hub.accounts.api.keys import Caller
from pod_hub.core.buckets import BucketsUnavailable, bucket_key, take

RATE_PER_S = 10.0
BURST = 100.0


class KeyThrottle(BaseThrottle):
    """Ten requests a second, a hundred at once.

    Without Redis everybody passes, writing too: the bucket keeps a program from harming others by mistake, while a refused package would
    be lost work. The hub's pages work without Redis as well.
    """

    wait_s: float = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Take a token of the caller's bucket."""
        if not isinstance(request.auth, Caller):
            return True
        try:
            self.wait_s = take(bucket_key(application="api", seller=request.auth.public_id, operation="all"), rate=RATE_PER_S, burst=BURST)
        except BucketsUnavailable:
            return True
        return self.wait_s <= 0

    def wait(self) -> float:
        """Return the seconds until a token will be there."""
        return self.wait_s
