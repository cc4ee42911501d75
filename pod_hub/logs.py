"""What is written to the logs, and what never is: one line per event, JSON in production, readable elsewhere.

Everything ends in the standard library's logging, so that Django's, Celery's and other libraries' messages take the same way out as ours.
On that way each line loses fields with known personal or secret names, texts that look like secrets, and the messages of exceptions that
may quote values. Request, task, authorization and order stand on a line wherever they are bound.
"""

from __future__ import annotations

import logging.config
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from pod_hub.core.redaction import redact, silence_talkative_libraries

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

# Names under which code or a library might hand a secret or a buyer's data to a log. The value is dropped, the name stays.
NEVER_LOGGED = frozenset(
    {
        # secrets
        "access_token", "refresh_token", "token", "password", "secret", "client_secret", "code_verifier", "api_key", "cookie", "cookies", "session",
        "headers", "authorization_header", "refresh_token_sealed",
        # buyers
        "buyer", "buyer_name", "buyer_email", "recipient", "name", "surname", "email", "phone", "address", "ship_to", "street", "postcode", "postal_code",
        "gift", "gifts", "gift_message", "personalisation", "text",
        # what may hold either
        "payload", "body", "content", "data", "params", "query", "form", "args", "kwargs", "url",
    }
)  # fmt: skip
REMOVED = "[removed]"

# Whose exception messages are written: our own (their contract: no secret, no buyer data) and those that speak of code and servers, not of
# values. ValueError and its kind quote what they were given.
_OWN = ("pod_hub.", "catalog.", "stores.", "orders.", "fulfillment.", "redis.", "kombu.", "celery.", "django.template.exceptions.")
_ABOUT_CODE = (AttributeError, NameError, ImportError, TypeError, NotImplementedError, RecursionError, MemoryError, TimeoutError, ConnectionError)


def exception_text(exc_info: ExcInfo) -> str:
    """Return the traceback of an exception and its causes, with messages only where they cannot quote a value.

    A database error is told by its code and the names of table, column and constraint, because its message and detail quote the row.
    """
    parts: list[str] = []
    error: BaseException | None = exc_info[1]
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        parts.append("".join(traceback.format_tb(error.__traceback__)) + _told(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n-- caused by or while handling --\n".join(parts)


def _told(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    diagnosis = getattr(error, "diag", None)
    if diagnosis is not None:
        facts = (diagnosis.sqlstate, diagnosis.table_name, diagnosis.column_name, diagnosis.constraint_name)
        return f"{name}: {' '.join(fact for fact in facts if fact)}".rstrip(": ")
    if name.startswith(_OWN) or (isinstance(error, _ABOUT_CODE) and not name.startswith(("django.db.", "psycopg."))):
        return f"{name}: {redact(str(error))}"
    return name


def drop_what_must_not_be_logged(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Remove fields with known personal or secret names and texts that look like secrets, at any depth."""
    for key in list(event):
        event[key] = REMOVED if key in NEVER_LOGGED else _cleaned(event[key])
    return event


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(key): REMOVED if key in NEVER_LOGGED else _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    # Bytes and objects are told by their kind: their text form is anybody's guess.
    return f"<{type(value).__name__}>"


def _explain_exception(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> EventDict:
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if isinstance(found, tuple) and found[1] is not None:
        event["exception"] = exception_text(found)
    return event


def _shorten_task_failure(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Say which task failed; Celery's own sentence repeats the exception and its whole traceback as text."""
    record = event.get("_record")
    if record is not None and record.name == "celery.app.trace" and record.exc_info:
        told = getattr(record, "data", {})
        event["event"] = f"Task {told.get('name', '')}[{told.get('id', '')}] {told.get('description', 'failed')}"
    return event


_PLAIN = re.compile(r"[\w.:/@+\-]+")


def _readable(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """Render for a terminal: time, level, logger, event, then the bound facts; the exception below."""
    when, level, name, what = (event.pop(key, "") for key in ("timestamp", "level", "logger", "event"))
    exception = event.pop("exception", "")
    facts = " ".join(f"{key}={value if _PLAIN.fullmatch(str(value)) else repr(value)}" for key, value in event.items())
    line = f"{when} {str(level).upper()} {name} {what}" + (f" {facts}" if facts else "")
    return f"{line}\n{exception}" if exception else line


def _json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str).decode()


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


# One list for the life of the process: loggers keep the list they were first used with, so a second one would split them into two groups.
_PROCESSORS: list[Processor] = [
    structlog.stdlib.filter_by_level,
    *_SHARED,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]


def formatter(*, json: bool) -> structlog.stdlib.ProcessorFormatter:
    """Return the one formatter, as ``settings.LOGGING`` names it."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, _shorten_task_failure],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _explain_exception,
            drop_what_must_not_be_logged,
            _json if json else _readable,
        ],
    )


def configure(logging_settings: dict[str, Any]) -> None:
    """Configure both logging systems; ``settings.LOGGING_CONFIG`` names this, so every process does it once, in ``django.setup()``."""
    logging.config.dictConfig(logging_settings)
    silence_talkative_libraries()
    structlog.configure(
        processors=_PROCESSORS,
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging_settings(*, json: bool) -> dict[str, Any]:
    """Return ``settings.LOGGING``: one handler on standard error, one formatter, quiet libraries."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"one": {"()": "pod_hub.logs.formatter", "json": json}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "one"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # Django would mail error pages with settings and local variables to ADMINS; here its loggers go the common way.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            # httpx logs whole addresses at INFO, sp_api logs access tokens and the OAuth libraries whole requests at DEBUG.
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "sp_api": {"level": "WARNING"},
            "oauthlib": {"level": "WARNING"},
            "requests_oauthlib": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            "django_structlog.middlewares": {"level": "INFO"},
        },
    }
