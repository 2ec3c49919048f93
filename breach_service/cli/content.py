"""`check`, `schema`, `assess` and `deadline`."""

from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from breach_service.app import content_on_disk, faults_on_disk
from breach_service.catalog import Catalogue
from breach_service.catalog.cases import case_from
from breach_service.catalog.schemas import SCHEMAS, schema_of, schema_text
from breach_service.cli.deadlines import deadline_out, deadline_words, has_term
from breach_service.cli.output import AsJson, fail, instant, show, text_of
from breach_service.domain.assessment import assess
from breach_service.domain.calendar import Calendar, Language
from breach_service.settings import Settings, settings_from_environment
from breach_service.web.representations import assessment_out


def check(as_json: AsJson = False) -> None:
    """Check every rule, playbook, regime and letter: all faults with file and line."""
    faults = faults_on_disk(settings_from_environment())
    show({"faults": list(faults)}, as_json, lambda: "\n".join(faults) or "no faults")
    if faults:
        raise typer.Exit(1)


def schema(
    name: Annotated[str, typer.Argument(help=f"Which files: {', '.join(SCHEMAS)}.")] = "",
    to: Annotated[Path | None, typer.Option(help="Write all of them into this directory instead.")] = None,
    _as_json: AsJson = True,
) -> None:
    """JSON Schema of the content files, with the facts of this installation, so that an editor completes them."""
    if (name == "") is (to is None):
        fail(f"name one of {', '.join(SCHEMAS)}, or give a directory for all of them: --to playbooks/schemas")
    if name and name not in SCHEMAS:
        fail(f"there is no schema {name}: name one of {', '.join(SCHEMAS)}")
    facts = _catalogue(settings_from_environment()).facts
    if to is None:
        print(schema_text(schema_of(name, facts)), end="")
        return
    try:
        to.mkdir(parents=True, exist_ok=True)
        for one in SCHEMAS:
            (to / f"{one}.json").write_text(schema_text(schema_of(one, facts)), encoding="utf-8")
    except OSError as error:
        fail(f"{to} cannot be written to: {error}")
    print(f"{len(SCHEMAS)} schemas are in {to}")


def _catalogue(settings: Settings) -> Catalogue:
    reading = content_on_disk(settings)
    if reading.catalogue is None:
        fail("\n".join(map(str, reading.faults)))
    return reading.catalogue


def assess_file(file: Path, as_json: AsJson = False) -> None:
    """Assess a case written as facts, offline."""
    settings = settings_from_environment()
    catalogue = _catalogue(settings)
    case = case_from(text_of(file), str(file), catalogue)
    assessment = assess(case.perimeters, case.facts, catalogue.rules, catalogue.facts)
    value = assessment_out(assessment, settings.language)
    show(value, as_json, lambda: _assessment_words(value))


def _assessment_words(value: dict[str, Any]) -> str:
    applied = list(dict.fromkeys(f"  {one['title']}" for one in value["findings"] if one["applies"] == "yes"))
    lines = [f"risk: {value['risk_min']}..{value['risk_max']}", _severity_words(value["severity"])]
    lines += [f"  {name}: {duty}" for name, duty in value["duties"].items()]
    for one in value["perimeters"]:
        lines += ["", f"{one['key']} ({one['our_role']}; owed by: {one['owed_by']})", *_duty_words(one["duty_reasons"])]
    lines += ["", "because:", *(applied or ["  –"])]
    asked = [line for one in value["open_questions"] for line in _question_words(one)]
    against = [_contradiction_words(one) for one in value["contradictions"]]
    lines += ["", "cannot both be so:", *against] if against else []
    return "\n".join([*lines, *(["", "to find out, in this order:", *asked] if asked else [])])


def _severity_words(value: dict[str, Any] | None) -> str:
    if value is None:
        return "severity (ENISA): nothing to score"
    band = " to ".join(dict.fromkeys((value["band_min"], value["band_max"])))
    return f"severity (ENISA): {value['min']}..{value['max']}, {band}"


def _duty_words(duties: dict[str, Any]) -> list[str]:
    return [
        f"  {name}: {one['outcome']}{', notify' if one['advice'] else ''}. "
        f"{' '.join(each['words'] for each in one['reasons'])} ({one['article']})"
        for name, one in duties.items()
    ]


def _question_words(one: dict[str, Any]) -> list[str]:
    effects = [f"    {effect['sentence']}" for effect in one["effects"] if effect["changes"]]
    return [f"  {one['question']} ({one['fact']})", *(effects or ["    it counts together with others"])]


def _contradiction_words(one: dict[str, Any]) -> str:
    return "  " + " against ".join(f"{one[side]['fact']}: {one[side]['value']}" for side in ("first", "second"))


def deadline(
    aware_at: Annotated[str, typer.Option(help="The instant counted from: 2026-11-27T18:30:00+01:00.")],
    regime: Annotated[str | None, typer.Option(help="Only this regime.")] = None,
    zone: Annotated[str, typer.Option(help="Zone that the dates are shown in.")] = "Europe/Paris",
    calendar: Annotated[Calendar, typer.Option(help="Public holidays.")] = Calendar.FR,
    language: Annotated[Language, typer.Option(help="Of the steps.")] = "fr",
    as_json: AsJson = False,
) -> None:
    """The due instants of every regime with a term, with each step of each reading.

    The instant given is that from which each regime counts; each says which that is.
    """
    at = instant(aware_at)
    regimes = [
        one for one in _catalogue(settings_from_environment()).regimes
        if has_term(one) and regime in (None, one.id)
    ]  # fmt: skip
    if not regimes:
        fail(f"there is no regime {regime} with a term")
    local = _zone(zone)
    found = [deadline_out(one, at, local, calendar, language) for one in regimes]
    show(found, as_json, lambda: "\n\n".join(map(deadline_words, found)))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        fail(f"{name!r} is no time zone: write one as Europe/Paris")
