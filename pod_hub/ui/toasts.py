"""A short note in the corner after a partial update; a whole page uses ``django.contrib.messages`` instead."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpResponseBase
from django_htmx.http import trigger_client_event

from pod_hub.ui.look import Tone

ResponseT = TypeVar("ResponseT", bound=HttpResponseBase)


def with_toast(response: ResponseT, text: str, *, tone: Tone = Tone.OK) -> ResponseT:
    """Add a toast to an htmx answer. ``ui/toast.js`` shows it and a screen reader hears it; without JavaScript nothing happens."""
    return trigger_client_event(response, "toast", {"text": text, "tone": str(tone)})
