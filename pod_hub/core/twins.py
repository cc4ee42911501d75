"""Saying "there is one already" by the database's own unique constraints, so that two people at the same moment hear it too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation


class AlreadyThere(ValueError):
    """Something with this name or number exists; the message says what to do. Nothing was changed."""


@contextmanager
def refuse_twins(message: str) -> Iterator[None]:
    """Run the body in a savepoint and turn the breach of a unique constraint into ``AlreadyThere``."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise AlreadyThere(message) from None
        raise
