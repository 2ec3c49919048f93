"""`backup` and `restore`."""

from pathlib import Path
from typing import Annotated

import typer

from breach_service import __version__
from breach_service.acts import backups as acts
from breach_service.app import OPERATOR, check_key, secret_key
from breach_service.cli.output import AsJson, opened, show
from breach_service.clock import utc_now
from breach_service.settings import settings_from_environment
from breach_service.store.cipher import Cipher

NOT_IN_IT = "The key (BREACH_SECRET_KEY, or the key file in BREACH_DATA_DIR) is not in it: keep it elsewhere."


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it takes the place of an older one of that name.")],
    as_json: AsJson = False,
) -> None:
    """Back the database up into one file that is checked; the service may go on meanwhile."""
    with opened() as service:
        made = acts.back_up(service.database, OPERATOR, file, __version__, service.now())
    value = {
        "file": str(made.file), "sha256": made.digest, "bytes": made.size, "seals": made.manifest.seals,
        "head": made.manifest.head, "made_at": made.manifest.made_at, "key_is_in_it": False,
    }  # fmt: skip
    lines = [
        f"{made.file}: {made.size} bytes, {made.manifest.seals} seals, nothing was altered; sha256 {made.digest}",
        NOT_IN_IT,
    ]
    show(value, as_json, lambda: "\n".join(lines))


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of what is there.")] = False,
    send_waiting: Annotated[
        bool, typer.Option("--send-waiting", help="Send what waited to be sent when the backup was made.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the database, SQLite or PostgreSQL; the service must not run."""
    settings = settings_from_environment()
    if settings.is_sqlite:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    cipher = Cipher(secret_key(settings))
    done = acts.restore(
        settings.sqlalchemy_url(), OPERATOR, file, lambda session: check_key(session, cipher), utc_now(),
        replaces=replace, sends_waiting=send_waiting,
    )  # fmt: skip
    value = {
        "made_at": done.manifest.made_at, "seals": done.manifest.seals, "messages_given_up": done.given_up,
        "former": str(done.former) if done.former else None,
    }  # fmt: skip
    lines = [f"restored as of {done.manifest.made_at:%Y-%m-%d %H:%M} UTC: {done.manifest.seals} seals, nothing altered"]
    if done.former is not None:
        lines.append(f"What was there before is kept: {done.former}")
    if done.given_up:
        lines.append(
            f"{done.given_up} messages that waited then are given up, since they may have gone out; what falls due from"
            " now on is told as usual."
        )
    lines += [
        "Everybody signs in again. Accounts, tokens and sources are as they were then: end again what was ended since.",
        "Next: breach-service register verify, then start the service.",
    ]
    show(value, as_json, lambda: "\n".join(lines))
