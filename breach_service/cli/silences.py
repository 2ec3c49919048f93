"""`silence`: what nobody is woken by for a while."""

from datetime import datetime, time, timedelta
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from breach_service.acts import silences as acts
from breach_service.acts.silences import NewSilence
from breach_service.app import OPERATOR, Service
from breach_service.cli.audited import write_down_shown
from breach_service.cli.output import AsJson, fail, instant, opened, show, table
from breach_service.domain.conditions import Lines
from breach_service.domain.silences import Matchers, Preview, Recurrence, Silence, lines_of
from breach_service.store import incidents
from breach_service.store import silences as stored
from breach_service.store.sight import FULL
from breach_service.web.silences_api import preview_out, silence_out

silences = typer.Typer(no_args_is_help=True, help="Silences and maintenance windows: what nobody is woken by.")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_LISTED = 15
"""Alerts that a preview names in words."""

Sources = Annotated[list[str] | None, typer.Option("--source", help="Name of a sender; several may be given.")]
Systems = Annotated[list[str] | None, typer.Option("--system", help="Id of a system of the inventory.")]
Entities = Annotated[list[str] | None, typer.Option("--entity", help="Machine, address, account, file… by its name.")]
Signals = Annotated[list[str] | None, typer.Option("--signal", help="A signal, such as scan or unavailability.")]
Rules = Annotated[list[str] | None, typer.Option("--rule", help="The sender's rule, or the title of its alerts.")]
When = Annotated[str | None, typer.Option(help="Conditions as in grouping.yaml, as JSON.")]
Scanners = Annotated[
    list[str] | None,
    typer.Option("--scanner", help="A planned scan or penetration test: an address, network, name or account of it."),
]
Until = Annotated[datetime | None, typer.Option(parser=instant, help="The end: 2026-11-22T14:05:00+01:00.")]
Since = Annotated[datetime | None, typer.Option("--from", parser=instant, help="The beginning; now by default.")]
Hours = Annotated[float | None, typer.Option(min=0.01, max=720, help="Instead of --until: how long it lasts.")]
Every = Annotated[
    str | None,
    typer.Option(help="Recurring windows of local time: mon,thu 22:00-02:00, or mon-fri 03:00-04:00 Europe/Paris."),
]


@silences.command("add")
def add(
    reason: Annotated[str, typer.Option(help="Why; it stands in the chronology.")],
    source: Sources = None, system: Systems = None, entity: Entities = None, signal: Signals = None,
    rule: Rules = None, when: When = None, scanner: Scanners = None, until: Until = None, hours: Hours = None,
    since: Since = None, every: Every = None,
    owner: Annotated[str, typer.Option(help="Who answers for it; you by default.")] = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Silence what matches; it is stored, counted and shown all the same. It ends after 30 days at most."""
    plain = _lines(source, system, entity, signal, rule, when)
    with opened() as service:
        new = _wanted(service, plain, scanner, until, hours, since, every, reason=reason, owner=owner)
        now = service.now()
        made = service.database.write(lambda session: acts.add_silence(session, OPERATOR, new, now))
        words = f"silence {made.id} of {made.owner} until {made.ends_at.isoformat()}"
        show(silence_out(made, now), as_json, lambda: words)


@silences.command("preview")
def preview(
    source: Sources = None, system: Systems = None, entity: Entities = None, signal: Signals = None,
    rule: Rules = None, when: When = None, scanner: Scanners = None, every: Every = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """What a silence would have done to the alerts of the last seven days; nothing is stored."""
    plain = _lines(source, system, entity, signal, rule, when)
    with opened() as service:
        new = _wanted(service, plain, scanner, None, 1, None, every)
        with service.database.reading() as session:
            found = acts.preview_silence(session, OPERATOR, new, service.knowledge(), service.now())
        write_down_shown(service, "silence preview", (one.incident for one in (*found.silenced, *found.waking)))
    show(preview_out(found), as_json, lambda: _in_words(found))


@silences.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    as_json: AsJson = False,
) -> None:
    """Silences, newest first."""
    with opened() as service:
        now = service.now()
        with service.database.reading() as session:
            found = [one for one in stored.newest(session, visibility=FULL) if everything or one.over_at > now]
            made_from = incidents.rows_by_id(session, {one.incident for one in found if one.incident is not None})
        write_down_shown(service, "silence list", (one.reference for one in made_from))
    rows = [
        (
            one.id,
            one.state(now),
            one.owner,
            one.starts_at.isoformat(),
            one.over_at.isoformat(),
            one.silenced,
            about(one),
        )
        for one in found
    ]
    heads = ("number", "state", "owner", "from", "until", "silenced", "about")
    show([silence_out(one, now) for one in found], as_json, lambda: table(rows, heads))


@silences.command("end")
def end(
    number: int, reason: Annotated[str, typer.Option(help="Why; it stands in the chronology.")], as_json: AsJson = False
) -> None:
    """End a silence before its end."""
    with opened() as service:
        service.database.write(lambda session: acts.end_silence(session, OPERATOR, number, reason, service.now()))
    show({"id": number}, as_json, lambda: f"silence {number} is over: what it matched wakes again")


def about(one: Silence) -> str:
    """What a silence matches, in one line."""
    said = stored.lines_as_json(one.when)
    lines = [" ".join(str(part) for part in _flat(line)) for line in said.values()]
    return "; ".join([*lines, *([f"scanners {', '.join(one.scanners)}"] if one.scanners else [])])


def _flat(line: dict[str, object]) -> list[object]:
    return [", ".join(map(str, one)) if isinstance(one, list) else one for one in line.values()]


def _lines(
    source: list[str] | None, system: list[str] | None, entity: list[str] | None, signal: list[str] | None,
    rule: list[str] | None, when: str | None,
) -> Lines:  # fmt: skip
    given = Matchers(*(tuple(one or ()) for one in (source, system, entity, signal, rule)))
    try:
        own: Lines = TypeAdapter(Lines).validate_json(when) if when else {}
    except ValidationError as error:
        fail(f"--when is not a set of conditions: {error.errors()[0]['msg']}")
    return {**lines_of(given), **own}


def _wanted(
    service: Service, lines: Lines, scanner: list[str] | None, until: datetime | None, hours: float | None,
    since: datetime | None, every: str | None, *, reason: str = "", owner: str = "",
) -> NewSilence:  # fmt: skip
    if (until is None) is (hours is None):
        fail("say when it ends: --until, or --hours")
    now = service.now()
    ends_at = until or (since or now) + timedelta(hours=hours or 0)
    zone = service.knowledge().inventory.organisations[0].zone
    recurrence = recurrence_in(every, zone) if every else None
    return NewSilence(ends_at, reason, lines, tuple(scanner or ()), since, owner, recurrence)


def recurrence_in(text: str, zone: str) -> Recurrence:
    """`mon,thu 22:00-02:00` or `mon-fri 03:00-04:00 Europe/Paris` as windows; ends the command where it is not so."""
    words = text.split()
    try:
        days, (since, until) = words[0].lower(), words[1].split("-")
        weekdays: set[int] = set()
        for one in days.split(","):
            first, _, last = one.partition("-")
            begin, end = DAYS.index(first), DAYS.index(last or first)
            weekdays |= {(begin + step) % 7 for step in range((end - begin) % 7 + 1)}
        window = time.fromisoformat(since), time.fromisoformat(until)
    except (IndexError, ValueError):
        fail(f"{text!r} is no recurring window: write it as mon,thu 22:00-02:00")
    return Recurrence(frozenset(weekdays), *window, words[2] if len(words) > 2 else zone)


def _in_words(found: Preview) -> str:
    rows = [
        (one.last_at.isoformat(), one.source, one.alert.signal, one.count, one.incident, one.alert.title)
        for one in found.silenced[:MOST_LISTED]
    ]
    said = [f"{len(found.silenced)} of the {found.looked_at} alerts of the last 7 days, said {found.count} times"]
    if rows:
        said.append(table(rows, ("last", "source", "signal", "times", "incident", "title")))
    if found.waking:
        signals = ", ".join(sorted({str(one.alert.signal) for one in found.waking}))
        said.append(
            f"{len(found.waking)} more would wake all the same: name their signal ({signals}) to silence them too"
        )
    if found.unknown:
        said.append(f"of {found.unknown} it cannot be said: their labels are not kept")
    return "\n".join(said)
