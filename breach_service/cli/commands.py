"""The commands and their groups."""

import signal
from typing import Annotated, Any, cast

import typer

from breach_service import __version__
from breach_service.app import beside_the_loop, open_service, prepare, run_web
from breach_service.cli.first_start import welcome
from breach_service.cli.output import AsJson, Commands, show
from breach_service.cli.reading import WhenAsked
from breach_service.errors import ConfigurationError
from breach_service.settings import Settings, settings_from_environment
from breach_service.worker import Worker

READ_WHEN_ASKED = {
    "source": "senders:sources",
    "quarantine": "senders:quarantine",
    "user": "provider:users",
    "token": "access:tokens",
    "mandate": "mandates:mandates",
    "inventory": "inventory:inventory",
    "content": "activation:content",
    "grouping": "grouping:grouping",
    "silence": "silences:silences",
    "provider": "providers:providers",
    "rota": "rota:rota",
    "playbook": "playbooks:playbooks",
    "drill": "drills:drills",
    "incident": "incidents:incident",
    "register": "incidents:register",
    "check": "content:check",
    "schema": "content:schema",
    "assess": "content:assess_file",
    "deadline": "content:deadline",
    "dossier": "incidents:dossier",
    "backup": "backups:backup",
    "restore": "backups:restore",
}
"""Commands and groups of commands that stand in modules of their own: where, as `module:name`."""


class All(Commands):
    """All commands: those of this module, and those that are read when they are asked for."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.commands = cast(Any, WhenAsked({**self.commands, **READ_WHEN_ASKED}))


app = typer.Typer(
    cls=All,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From the first security alert to the filed CNIL notification and the informed clients.",
)


@app.callback(invoke_without_command=True)
def version(show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Common to all commands."""
    if show_version:
        print(__version__)
        raise typer.Exit


@app.command()
def serve() -> None:
    """Web and worker in one process; makes and migrates its database."""
    _run(settings_from_environment(), with_worker=True)


@app.command()
def web() -> None:
    """The web half, for several machines; needs PostgreSQL."""
    settings = settings_from_environment()
    _refuse_sqlite(settings, "web")
    _run(settings, with_worker=False)


@app.command()
def work() -> None:
    """The worker half, for several machines; needs PostgreSQL."""
    settings = settings_from_environment()
    _refuse_sqlite(settings, "work")
    service = open_service(settings)
    prepare(service)
    worker = service.worker()
    _stop_on_signals(worker)
    beside = beside_the_loop(service)
    worker.run()
    for one in beside:
        one.stop()
    service.close()


@app.command()
def migrate(as_json: AsJson = False) -> None:
    """Bring the database to the newest schema and put the shipped content in force at the first start."""
    service = open_service(settings_from_environment())
    prepare(service)
    service.close()
    show({"is_ready": True}, as_json, lambda: "the database is ready")


@app.command()
def demo() -> None:
    """The service with an example inventory, and an attack played into its own webhooks."""
    from breach_service.demo import run_demo  # only here: no other command plays an attack

    run_demo(settings_from_environment())


def _run(settings: Settings, *, with_worker: bool) -> None:
    service = open_service(settings)
    prepare(service)
    run_web(service, with_worker=with_worker, on_ready=welcome(service))


def _refuse_sqlite(settings: Settings, command: str) -> None:
    if settings.is_sqlite:
        raise ConfigurationError(
            f"`{command}` needs PostgreSQL (BREACH_DATABASE_URL): with SQLite one process does both, `serve`"
        )


def _stop_on_signals(worker: Worker) -> None:
    """SIGINT and SIGTERM end the worker after its current turn."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: worker.stop())


def main() -> None:
    """Entry point."""
    app()
