"""The commands and their groups."""

import signal
from typing import Annotated

import typer

from breach_service import __version__
from breach_service.app import open_service, prepare, run_web
from breach_service.cli import (
    access,
    activation,
    content,
    grouping,
    incidents,
    mandates,
    provider,
    rota,
    senders,
    silences,
)
from breach_service.cli.first_start import welcome
from breach_service.cli.output import AsJson, Commands, show
from breach_service.demo import run_demo
from breach_service.errors import ConfigurationError
from breach_service.settings import Settings, settings_from_environment
from breach_service.worker import Worker

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From the first security alert to the filed CNIL notification and the informed clients.",
)
app.add_typer(senders.sources, name="source")
app.add_typer(senders.quarantine, name="quarantine")
app.add_typer(access.users, name="user")
app.add_typer(access.tokens, name="token")
app.add_typer(mandates.mandates, name="mandate")
access.users.command("link")(provider.link)
access.users.command("unlink")(provider.unlink)
access.users.command("let-in")(provider.let_in)
app.add_typer(content.inventory, name="inventory")
app.add_typer(activation.content, name="content")
app.add_typer(grouping.grouping, name="grouping")
app.add_typer(silences.silences, name="silence")
app.add_typer(rota.rota, name="rota")
app.add_typer(incidents.incident, name="incident")
app.add_typer(incidents.register, name="register")
app.command("check")(content.check)
app.command("schema")(content.schema)
app.command("assess")(content.assess_file)
app.command("deadline")(content.deadline)
app.command("dossier")(incidents.dossier)


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
    worker.run()
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
