"""`source` and `quarantine`."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from breach_service.acts import expected_senders
from breach_service.acts import senders as acts
from breach_service.acts.senders import Connection, NewSource
from breach_service.app import OPERATOR
from breach_service.catalog.mappings import read_mapping
from breach_service.cli.audited import write_down
from breach_service.cli.output import AsJson, fail, opened, read, show, table
from breach_service.cli.recipes import recipe, recipe_for
from breach_service.clock import utc_now
from breach_service.domain.access import AuditKind
from breach_service.domain.alert import Alert
from breach_service.errors import BreachServiceError
from breach_service.settings import Settings
from breach_service.sources.credentials import AuthKind
from breach_service.sources.mapped.reading import alerts_mapped
from breach_service.sources.registry import SOURCES, source_of
from breach_service.sources.request import Delivery
from breach_service.sources.understanding import understood
from breach_service.store import inbox
from breach_service.store import sources as stored_sources
from breach_service.web.representations import normal_form

sources = typer.Typer(no_args_is_help=True, help="Senders of alerts.")
quarantine = typer.Typer(no_args_is_help=True, help="Requests that could not be understood.")
sources.command("recipe")(recipe)


class _Expecting(TyperCommand):
    """Its help names what each kind of sender may carry: all are read for it, and only for it."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help, with every kind."""
        told = (
            f"{kind.kind}: " + "; ".join(f"{one.name} ({one.title.en or one.title.fr})" for one in kind.expectations)
            for kind in SOURCES.values()
            if kind.expectations
        )
        self.help = "\n\n".join((_EXPECT_HELP, *told))
        super().format_help(ctx, formatter)


_EXPECT_HELP = (
    "Say what each message of a sender must carry besides its credential (replaces what was said before), or how often "
    "it must be heard."
)
Expect = Annotated[
    list[str] | None,
    typer.Option(help="What each message must carry, as name=value; `source expect --help` says what."),
]

Kind = Annotated[str, typer.Option(help=f"Kind of sender: {', '.join(sorted(SOURCES))}.")]
SecretFrom = Annotated[
    Path | None,
    typer.Option(help="File that holds a secret which the sender made (Sentry, PagerDuty, …); - is standard input."),
]


@sources.command("add")
def add(
    name: str,
    kind: Kind,
    auth: Annotated[
        str | None, typer.Option(help="bearer, hmac or url; the safest that the sender can by default.")
    ] = None,
    secret_from: SecretFrom = None,
    header: Annotated[str | None, typer.Option(help="Header of the secret or signature, where it is a choice.")] = None,
    expect: Expect = None,
    live: Annotated[bool, typer.Option("--live", help="Tell people at once instead of observing first.")] = False,
    with_recipe: Annotated[
        bool, typer.Option("--recipe", help="Print the sender's side of the configuration as well, with the secret.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Connect a sender; its secret is shown once. It is observed first: nothing is sent because of it for a while."""
    with opened() as service:
        observe = timedelta(0 if live else service.settings.observe_hours / 24)
        wanted = Connection(name, kind, auth, _secret_in(secret_from), header, observe, _expected_in(expect or []))
        new = service.database.write(
            lambda session: acts.add_source(session, OPERATOR, wanted, service.cipher, service.now())
        )
        word = kind.strip().lower().replace("_", "-")
        recipe_text = recipe_for(service.settings, word, name, new.secret, new.auth) if with_recipe else ""
        _show_new(new, service.settings, as_json, recipe_text)


@sources.command("rotate")
def rotate(
    name: str,
    secret_from: SecretFrom = None,
    force: Annotated[bool, typer.Option("--force", help="End a former secret that is still in use.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give a sender a new secret; the former one stays valid until it has been unused for 24 hours."""
    with opened() as service:
        secret = _secret_in(secret_from)
        new = service.database.write(
            lambda session: acts.rotate_source(
                session, OPERATOR, name, service.cipher, service.now(), secret=secret, is_forced=force
            )
        )
        _show_new(new, service.settings, as_json)


@sources.command("release")
def release(name: str, as_json: AsJson = False) -> None:
    """End the observation of a sender: people are told of what it says from now on."""
    with opened() as service:
        service.database.write(lambda session: acts.release_source(session, OPERATOR, name, service.now()))
    show({"name": name}, as_json, lambda: f"people are told of what {name} says from now on")


@sources.command("expect", cls=_Expecting, help=_EXPECT_HELP)
def expect(
    name: str,
    values: Annotated[list[str] | None, typer.Argument(help="name=value, as many as there are.")] = None,
    nothing: Annotated[bool, typer.Option("--nothing", help="Expect nothing besides the credential.")] = False,
    every: Annotated[str | None, typer.Option(help="How often it must be heard: 15m, 2h, 1d, off, or learn.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what each message must carry, or how often it must be heard."""
    if every is not None and (values or nothing):
        fail("say how often it must be heard (--every), or what each message must carry: one at a time")
    if every is not None:
        _expect_every(name, every, as_json)
        return
    if bool(values) is nothing:
        fail("give name=value, or --nothing, or --every 15m")
    expected = _expected_in(values or [])
    with opened() as service:
        service.database.write(
            lambda session: acts.set_expected(session, OPERATOR, name, expected, service.cipher, service.now())
        )
    done = f"every message of {name} must carry: {', '.join(sorted(expected)) or 'its credential only'}"
    show({"name": name, "expected": sorted(expected)}, as_json, lambda: done)


def _expect_every(name: str, every: str, as_json: bool) -> None:
    with opened() as service:
        kept = service.database.write(
            lambda session: expected_senders.expect_every(session, OPERATOR, name, every, service.now())
        )
    done = {
        "off": f"the silence of {name} is never an alarm",
        "learn": f"how often {name} is heard is learned anew from its heartbeat",
    }.get(kept, f"{name} must be heard every {kept}: a longer silence is an alarm")
    show({"name": name, "every": kept}, as_json, lambda: done)


@sources.command("test")
def play_test(name: str, as_json: AsJson = False) -> None:
    """Put the test message of its kind in, in the place of a sender; only its own test shows that it reaches us."""
    with opened() as service:
        service.database.write(
            lambda session: expected_senders.play_test(session, OPERATOR, name, service.cipher, service.now())
        )
    done = f"a test message waits in the inbox: it stands among the alerts of {name} a moment later"
    show({"name": name}, as_json, lambda: done)


def _expected_in(given: list[str]) -> dict[str, str]:
    """`name=value` as a mapping; ends the command where one is not so."""
    parts = [one.partition("=") for one in given]
    if not all(equals and value for _, equals, value in parts):
        fail("what is expected is written as name=value")
    return {name.strip(): value for name, _, value in parts}


@sources.command("map")
def map_(
    name: str,
    file: Annotated[Path | None, typer.Argument(help="The mapping as YAML; - is standard input.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Go back to what its kind says.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say where the parts of an alert stand in a sender's own format."""
    if (file is None) is not remove:
        fail("give the file of the mapping, or --remove")
    text = None if file is None else _text_in(file)
    with opened() as service:
        service.database.write(lambda session: acts.set_mapping(session, OPERATOR, name, text, service.now()))
    done = f"{name} is read as its kind says" if remove else f"{name} is read by its mapping from now on"
    show({"name": name, "has_mapping": not remove}, as_json, lambda: done)


@sources.command("try")
def try_(
    kind: str,
    file: Path,
    header: Annotated[list[str] | None, typer.Option(help="A header of the request, as name: value.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="A mapping, as YAML, to read it by.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a body becomes, offline: nothing is stored or sent."""
    headers = dict(_header_of(one) for one in header or [])
    try:
        delivery = Delivery(file.read_bytes(), headers, "", utc_now())
    except OSError as error:
        fail(f"{file} cannot be read: {error}")
    try:
        found = _mapped(_text_in(mapping), kind, delivery) if mapping else understood(source_of(kind), kind, delivery)
    except BreachServiceError as error:
        fail(str(error))
    rows = [(one.title, one.signal, one.severity, one.status, one.occurred_at or "", _named(one)) for one in found]
    heads = ("title", "signal", "severity", "status", "occurred", "names")
    show([normal_form(one) for one in found], as_json, lambda: table(rows, heads))


def _mapped(text: str, name: str, delivery: Delivery) -> list[Alert]:
    """The alerts of a body by a mapping; ends the command with every fault of it."""
    mapping, faults = read_mapping(text)
    if mapping is None:
        fail("\n".join(faults))
    return alerts_mapped(mapping, name, delivery)


def _header_of(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip().lower(), value.strip()


def _named(alert: Alert) -> str:
    return ", ".join(f"{one.kind} {one.value}" for one in alert.entities)


def _secret_in(file: Path | None) -> str | None:
    return None if file is None else _text_in(file).strip()


def _text_in(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read: {error}")


def _show_new(new: NewSource, settings: Settings, as_json: bool, recipe_text: str = "") -> None:
    url = f"{settings.public_url.rstrip('/') or f'http://127.0.0.1:{settings.port}'}{new.path}"
    how = how_to_send(new)
    value = {"name": new.name, "kind": new.kind, "auth": str(new.auth), "url": url, "secret": new.secret}
    lines = [
        f"send alerts by POST to  {url}", f"with                    {how}", "This is shown once.",
    ]  # fmt: skip
    if recipe_text:
        value["recipe"] = recipe_text
    else:
        lines.append(f"Its side of the configuration: breach-service source recipe {new.kind} --name {new.name}")
    if new.kind == "firewall":
        lines.append(
            f"By syslog instead: set BREACH_SYSLOG_SOURCE={new.name} and BREACH_SYSLOG_TLS, _TCP or _UDP, and restart"
        )
    if new.observed_until is not None:
        lines.append(
            f"Observed until {new.observed_until:%Y-%m-%d %H:%M} UTC: until then nothing is sent because of it"
        )
        lines.append(
            "(except exfiltration, a web shell, malware or exposed data); that ends with"
            f" breach-service source release {new.name}"
        )
    if recipe_text:
        lines += ["", recipe_text.rstrip()]
    show(value, as_json, lambda: "\n".join(lines))


def how_to_send(new: NewSource) -> str:
    """How the sender proves itself, in one line."""
    kind = source_of(new.kind)
    match new.auth:
        case AuthKind.URL:
            return "nothing more: the secret is the last part of the address"
        case AuthKind.HMAC if kind.secret_is_theirs:
            return (
                f"its own signature in the header {kind.signings[0].header.title()}, made with the secret that you gave"
            )
        case AuthKind.HMAC:
            signing = kind.signings[0]
            written = f"{signing.prefix}<HMAC of the raw body with the key {new.secret}>"
            return f"the header {signing.header.title()}: {written}"
        case _ if kind.secret_headers:
            return f"the header {kind.secret_headers[0].title()}: {new.secret}"
        case _:
            return f"the header Authorization: Bearer {new.secret}"


@sources.command("list")
def list_(as_json: AsJson = False) -> None:
    """Senders: last seen, received, refused and why."""
    with opened() as service:
        found = read(service, stored_sources.summaries)
    rows = [
        (
            one.name,
            one.kind,
            one.auth,
            f"{one.last_seen_at or 'never'}{', silent' if one.silent_since else ''}",
            one.expectation.interval if one.expectation else "",
            one.received,
            one.quarantined,
            one.refused,
            one.last_refusal,
        )
        for one in found
    ]
    heads = ("name", "kind", "auth", "last seen", "every", "received", "quarantined", "refused", "last refusal")
    values = [{**vars(one), "refusals": [vars(two) for two in one.refusals]} for one in found]
    show(values, as_json, lambda: table(rows, heads))


@quarantine.command("list")
def list_quarantined(as_json: AsJson = False) -> None:
    """What could not be understood, newest first."""
    with opened() as service:
        found = read(service, inbox.quarantined)
    rows = [(one.id, one.source, one.received_at, one.replayed_at or "", one.reason) for one in found]
    show([vars(one) for one in found], as_json, lambda: table(rows, ("id", "source", "received", "replayed", "reason")))


@quarantine.command("show")
def show_quarantined(item: int, as_json: AsJson = False) -> None:
    """One request as it came: headers and body (it may hold personal data)."""
    with opened() as service:
        found = read(service, lambda session: inbox.quarantined_body(session, service.cipher, item))
        if found is not None:
            write_down(service, AuditKind.READ_EVIDENCE, f"quarantine:{item}")
    if found is None:
        fail(f"there is no request number {item} in quarantine")
    head, headers, _, body = found
    text = body.decode("utf-8", "backslashreplace")
    value = {**vars(head), "headers": headers, "body": text}
    lines = [f"{key}: {name}" for key, name in headers.items()]
    show(value, as_json, lambda: "\n".join([f"# {head.reason}", *lines, "", text]))


@quarantine.command("replay")
def replay(item: int, as_json: AsJson = False) -> None:
    """Play a request again; the running service takes it within a second."""
    with opened() as service:
        service.database.write(
            lambda session: acts.replay_quarantined(session, OPERATOR, item, service.cipher, service.now())
        )
    show({"item": item}, as_json, lambda: f"request {item} waits in the inbox again")
