"""Log lines: few and rich, as JSON on standard error; never personal data, secrets or bodies."""

import logging
import sys
from typing import TextIO, cast

import structlog


class StandardError:
    """Standard error as it is when a line is written: whoever replaced it meanwhile may have closed what it was."""

    def write(self, text: str) -> int:
        """Write to it."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush it."""
        sys.stderr.flush()


def configure(level: str, form: str) -> None:
    """Set up structlog once, at start."""
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=cast(TextIO, StandardError())),
    )


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger that says where its lines come from."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger(where=name)
    return bound
