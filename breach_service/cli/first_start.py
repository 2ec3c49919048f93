"""The first start on an empty database: one link, by which the first administrator makes their account.

It is shown on a terminal, never in a log: what is printed anywhere else is kept. A file that only the service's own
account may read holds it in either case; the service takes it away once the link was used.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from breach_service.acts.people import links
from breach_service.app import Service, first_link_file
from breach_service.logs import logger

REMEDY = "breach-service user add EMAIL --role admin"

log = logger(__name__)


def welcome(service: Service) -> Callable[[str], None]:
    """What to do once the service listens: make the link where it is needed, and say where it is."""

    def on_ready(address: str) -> None:
        file = first_link_file(service.settings)
        link = service.database.write(lambda session: links.first_link(session, service.now()))
        if link is None:
            _say_where(service, file)
            return
        url = f"{(service.settings.public_url or address).rstrip('/')}{link.path}"
        is_written, is_shown = _is_written(file, url), sys.stdout.isatty()
        if is_shown:
            print(f"\n  make the first administrator (once, within 24 hours):\n  {url}\n", flush=True)
        if is_written:
            log.warning("no_administrator", first_link_in=str(file), until=link.until.isoformat())
        elif not is_shown:  # nobody will ever see it
            service.database.write(lambda session: links.end_first_links(session, service.now()))
            log.warning("no_administrator", remedy=REMEDY)

    return on_ready


def _say_where(service: Service, file: Path) -> None:
    with service.database.reading() as session:
        is_needed = links.is_first_link_needed(session, service.now())
    if is_needed:
        log.warning("no_administrator", first_link_in=str(file) if file.exists() else "another replica", remedy=REMEDY)


def _is_written(file: Path, url: str) -> bool:
    """Write the file with mode 0600; False where the directory cannot be written to."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.unlink(missing_ok=True)  # of a link that has expired; its mode may be another one
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        log.warning("first_link_not_written", file=str(file), error=type(error).__name__)
        return False
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(url + "\n")
    return True
