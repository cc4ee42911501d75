"""Who did something, for events and histories: a person, or the hub itself by a named rule."""

from __future__ import annotations

from dataclasses import dataclass

from pod_hub.accounts.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (``user_id`` set) or a part of the hub; ``label`` is what timelines show."""

    user_id: int | None
    label: str

    @classmethod
    def person(cls, user: User) -> Actor:
        """Return the actor for a signed-in person."""
        return cls(user.pk, str(user))


HUB = Actor(None, "hub")
