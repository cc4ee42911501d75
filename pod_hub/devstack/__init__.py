"""The development stack: embedded PostgreSQL and Valkey, and the supervisor behind ``make demo``, ``make journey`` and ``make test``.

Nothing in this package imports Django or the product: it only starts programs, so that a fault in the product cannot keep it from stopping them.
``docs/devstack.md`` describes it for people who use it.
"""
