"""A pytest plugin: each process of pytest-xdist talks to the Valkey that was started for it.

Tests empty the broker they use. Loaded by ``-p`` in pyproject.toml, because a conftest comes after pytest-django has read the settings.
"""

from __future__ import annotations

import os

_OWN = os.environ.get(f"REDIS_URL_OF_{os.environ.get('PYTEST_XDIST_WORKER')}")
if _OWN:
    os.environ["REDIS_URL"] = _OWN
