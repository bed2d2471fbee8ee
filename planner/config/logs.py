"""The log of every process: plain on one's own machine, JSON in production, with ids and without secrets."""

import json
import logging
import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog

# Variables whose whole value is secret, and those that carry a password inside an address.
SECRET_NAME = re.compile(r"(SECRET|PASSWORD|PASSWD|TOKEN|CREDENTIAL)|_KEY$")
ADDRESS_NAMES = ("DATABASE_URL", "BROKER_URL", "REDIS_URL")
# Shorter texts would blank ordinary words.
SHORTEST_SECRET = 6
HIDDEN = "[hidden]"
# Our tokens, bearer credentials and passwords in addresses, whoever they belong to.
PATTERNS = (
    re.compile(r"btp_[0-9a-f]{8}_[\w-]{20,}"),
    re.compile(r"(?<=[Bb]earer )[\w.~+/=-]{8,}"),
    re.compile(r"(?<=://)[^/\s:@\"]*:[^/\s@\"]+(?=@)"),
)
_remembered: set[str] = set()


def remember_secret(value: str) -> None:
    """A secret that no variable holds, such as the key kept in the data folder."""
    _remembered.add(value)


def known_secrets(environ: Mapping[str, str] = os.environ) -> set[str]:
    """Every secret that this process was given, as it stands in the environment and as JSON writes it."""
    found = {value for name, value in environ.items() if SECRET_NAME.search(name)} | _remembered
    for name in ADDRESS_NAMES:
        try:
            password = urlsplit(environ.get(name, "")).password
        except ValueError:
            password = None
        if password:
            found |= {password, unquote(password)}
    found |= {key.strip() for key in environ.get("SECRET_KEY_FALLBACKS", "").split(",")}
    found |= {json.dumps(value)[1:-1] for value in found}
    return {value for value in found if len(value) >= SHORTEST_SECRET}


def without_secrets(text: str, secrets: set[str]) -> str:
    """The text with every secret replaced."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for pattern in PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text


class PlainFormatter(logging.Formatter):
    """One line for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the trace of a fault, without secrets."""
        return without_secrets(super().format(record), known_secrets())


class JsonFormatter(structlog.stdlib.ProcessorFormatter):
    """One JSON document per line; request_id, task_id and run_id stand beside the event where there are any."""

    def __init__(self) -> None:
        super().__init__(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=SHARED_PROCESSORS,
        )

    def format(self, record: logging.LogRecord) -> str:
        """The document without secrets."""
        return without_secrets(super().format(record), known_secrets())


def without_request(_logger: Any, _name: str, event: Any) -> Any:
    """Django hands the request itself to its log of faults; its text holds the query, which may hold anything."""
    event.pop("request", None)
    return event


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    without_request,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def log_settings(formatter: str, level: str) -> dict[str, Any]:
    """Settings of Python's logging: everything goes to stderr in one form."""
    formatters: dict[str, dict[str, Any]] = {
        "plain": {"()": PlainFormatter, "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "json": {"()": JsonFormatter},
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {formatter: formatters[formatter]},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": formatter}},
        "root": {"handlers": ["console"], "level": level},
        # It warns that a broker of folders has no host.
        "loggers": {"kombu.connection": {"level": "ERROR"}},
    }
