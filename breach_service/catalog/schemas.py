"""JSON Schema of the content files, so that an editor completes and checks them while they are written.

Made from the models that read the files and from the facts that they may name: what a schema refuses `check` refuses
too, at the latest. What only the whole content can tell (an example that is not judged as it says, a reference that is
broken) remains for `check`. JSON Schema 2020-12.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from pydantic import BaseModel

from breach_service.catalog.checks import ESTABLISHED_BY, FACTS_THE_SERVICE_READS
from breach_service.catalog.schema_conditions import conditions_on, conditions_on_any_fact, values_of_facts
from breach_service.domain.alert import Signal
from breach_service.domain.deadlines import Authority, Regime
from breach_service.domain.drills import Scenario
from breach_service.domain.facts import FactType
from breach_service.domain.grouping import ALERT_FACTS, Grouping, SignalType
from breach_service.domain.inventory import Inventory
from breach_service.domain.playbook import PLAYBOOK_FACTS, Playbook
from breach_service.domain.precedents import Precedent
from breach_service.domain.reminders import Ladder
from breach_service.domain.rules import Conclusion, Rule
from breach_service.domain.waking import URGENCY_FACTS, Urgencies

Schema: TypeAlias = dict[str, Any]
Facts: TypeAlias = Mapping[str, FactType]
YES_OR_NO = ["yes", "no"]
_CONDITIONS = ("FactLine", "AllLines", "AnyLine", "NotLine")


def schema_of(name: str, facts: Facts) -> Schema:
    """The schema of one kind of file, with the facts that it may name; KeyError for a name that is not in `SCHEMAS`."""
    model, complete = _MAKERS[name]
    schema = _tidy(model.model_json_schema(), [True, False, *YES_OR_NO] if model is Inventory else YES_OR_NO)
    defs: Schema = schema.pop("$defs", {})
    for one in _CONDITIONS:
        defs.pop(one, None)
    if "Text" in defs:  # a text that is there says something
        defs["Text"]["properties"] = {
            "fr": {"type": "string", "pattern": r"\S"}, "en": {"type": ["string", "null"], "pattern": r"\S"},
        }  # fmt: skip
    schema = complete(schema, defs, facts)
    title = f"breach_service: playbooks/{_PLACES.get(name, f'{name}/*.yaml')}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema,
        "$defs": dict(sorted(defs.items())),
    }  # fmt: skip


def schema_text(schema: Schema) -> str:
    """A schema as it is printed, published and kept."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _tidy(part: Any, words: list[Any]) -> Any:
    """What pydantic says, in words of the files: yes and no for true and false, days as they are written."""
    if isinstance(part, list):
        return [_tidy(one, words) for one in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "boolean":
        return {"enum": words}
    if {one.get("$ref") for one in part.get("oneOf", ())} >= {f"#/$defs/{one}" for one in _CONDITIONS}:
        return {"$ref": "#/$defs/Condition"}
    kept = {
        name: _tidy(one, words) for name, one in part.items()
        if not (name == "default" or (name == "title" and isinstance(one, str)))
    }  # fmt: skip
    if isinstance(kept.get("description"), str):
        kept["description"] = kept["description"].split("\n")[0]
    if kept.get("format") == "date":
        kept["pattern"] = r"^\d{4}-\d{2}-\d{2}$"
    return kept


def _rules(schema: Schema, defs: Schema, facts: Facts) -> Schema:
    defs |= conditions_on(facts, may_ask_if_known=False)
    conclusions = [one for one in Conclusion.model_fields if one not in ("loss", "neutralises")]
    levels = [one for one in conclusions if one in ("at_least", "at_most")]
    conclusion = defs["Conclusion"]
    for one in conclusions:
        if one not in levels:
            conclusion["properties"][one] = {"enum": YES_OR_NO}
    conclusion["oneOf"] = [{"required": [one]} for one in conclusions]
    conclusion["if"] = {"anyOf": [{"required": [one]} for one in levels]}
    conclusion["then"] = {"required": ["loss"]}
    conclusion["else"] = {"properties": {"loss": False}}
    named = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    conclusion["properties"]["neutralises"] = {"oneOf": [{"const": "all"}, named]}
    conclusion["dependentRequired"] = {"at_most": ["neutralises"], "neutralises": ["at_most"]}
    defs["Values"] = values_of_facts(facts)
    for group in defs["RuleExamples"]["properties"].values():
        group["items"] = {"$ref": "#/$defs/Values"}
    return schema


def _facts(schema: Schema, defs: Schema, _facts: Facts) -> Schema:
    """The names of the list are open: an entry that is being written names itself."""
    defs |= conditions_on_any_fact()
    entry = _without_id(schema)
    properties = entry["properties"]
    properties["established_by"]["items"] = {"enum": list(ESTABLISHED_BY)}
    properties["restricts"]["items"] = {"type": "string", "not": {"const": "unknown"}}
    properties["choices"] = {
        "type": ["object", "null"], "propertyNames": {"not": {"const": "unknown"}},
        "additionalProperties": {"$ref": "#/$defs/Text"},
    }  # fmt: skip
    entry["allOf"] = [
        _where("type", ["choice"], {"required": ["choices"], "properties": {"choices": {"minProperties": 1}}}),
        _where("type", ["yes_no", "number", "duration_hours"], {"properties": {"choices": {"type": "null"}}}),
    ]
    defs["FactType"] = entry
    needed = {
        name: {"$ref": "#/$defs/FactType", "properties": {"type": {"const": kind}}}
        for name, kind in FACTS_THE_SERVICE_READS.items()
    }
    return {
        "type": "object", "properties": needed, "required": sorted(needed),
        "additionalProperties": {"$ref": "#/$defs/FactType"},
    }  # fmt: skip


def _signals(schema: Schema, defs: Schema, facts: Facts) -> Schema:
    entry = _without_id(schema)
    defs["Values"] = values_of_facts(facts)
    entry["properties"]["establishes"] = {"$ref": "#/$defs/Values"}
    defs["SignalType"] = entry
    defs.pop("Signal", None)
    names = [str(one) for one in Signal]
    return {
        "type": "object", "properties": {one: {"$ref": "#/$defs/SignalType"} for one in names},
        "required": sorted(names), "additionalProperties": False,
    }  # fmt: skip


def _grouping(schema: Schema, defs: Schema, _facts: Facts) -> Schema:
    defs |= conditions_on(ALERT_FACTS, may_ask_if_known=True)
    step = {"$ref": "#/$defs/PatternStep"}
    first = {"properties": {"after_minutes": {"type": "null"}, "absent": {"const": "no"}}}
    steps = defs["Pattern"]["properties"]["steps"]
    steps["prefixItems"] = [{**step, **first}]
    steps["items"] = {**step, "required": ["after_minutes"]}
    return schema


def _responses(schema: Schema, defs: Schema, facts: Facts) -> Schema:
    defs |= conditions_on({**facts, **PLAYBOOK_FACTS}, may_ask_if_known=True)
    known = {"enum": sorted(facts)}
    defs["Step"]["properties"]["answers"]["items"] = known
    defs["Question"]["properties"]["fact"] = known
    defs["Reference"] = {"anyOf": [{"type": "string", "minLength": 1}, defs["Reference"]]}
    schema["oneOf"] = [
        {"properties": {one: {"minItems": 1, "minProperties": 1}}, "required": [one]} for one in ("signals", "when")
    ]
    return schema


def _drills(schema: Schema, defs: Schema, facts: Facts) -> Schema:
    """What an alert of the exercise establishes, and which facts people are expected to record."""
    defs["Values"] = values_of_facts(facts)
    defs["Inject"]["properties"]["facts"] = {"$ref": "#/$defs/Values"}
    defs["Expectation"]["properties"]["fact"] = {"enum": [*sorted(facts), None]}
    return schema


def _precedents(schema: Schema, defs: Schema, facts: Facts) -> Schema:
    """The names of the cases are open; what was weighed is one line on one fact each."""
    defs |= conditions_on(facts, may_ask_if_known=False)
    entry = _without_id(schema)
    entry["properties"]["weighed"] |= {"additionalProperties": {"$ref": "#/$defs/FactLine"}}
    defs["Values"] = values_of_facts(facts)
    for group in defs["PrecedentExamples"]["properties"].values():
        group["items"] = {"$ref": "#/$defs/Values"}
    defs["Outcomes"]["minProperties"] = 1
    defs["Precedent"] = entry
    return {"type": "object", "additionalProperties": {"$ref": "#/$defs/Precedent"}}


def _authorities(schema: Schema, defs: Schema, _facts: Facts) -> Schema:
    defs["Authority"] = _without_id(schema)
    ids = {"propertyNames": {"pattern": "^[a-z0-9][a-z0-9-]*$"}}
    return {"type": "object", **ids, "additionalProperties": {"$ref": "#/$defs/Authority"}}


def _ladders(schema: Schema, defs: Schema, _facts: Facts) -> Schema:
    """The names of the ladders are open; a rung is one of three moments."""
    moments = ("elapsed_percent", "hours_before", "hours_after")
    rung = defs["Rung"]
    rung["oneOf"] = [{"required": [one], "properties": {one: {"type": "number"}}} for one in moments]
    rung["dependentRequired"] = {"again_every_hours": ["hours_after"]}
    defs["Ladder"] = _without_id(schema)
    return {"type": "object", "additionalProperties": {"$ref": "#/$defs/Ladder"}}


def _regimes(schema: Schema, defs: Schema, facts: Facts) -> Schema:
    defs |= conditions_on({**facts, **PLAYBOOK_FACTS}, may_ask_if_known=True)
    given = [
        {"properties": {one: {"type": kind}}, "required": [one]}
        for one, kind in (("hours", "number"), ("months", "integer"))
    ]
    defs["Term"]["not"] = {"allOf": given}
    return schema


def _urgency(schema: Schema, defs: Schema, facts: Facts) -> Schema:
    known = {**facts, **URGENCY_FACTS}
    defs |= conditions_on(known, may_ask_if_known=True)
    defs["Values"] = values_of_facts(known)
    defs["UrgencyExample"]["properties"]["facts"] = {"$ref": "#/$defs/Values"}
    schema["properties"]["otherwise"] = {"enum": ["log", "working_hours"]}
    return schema


def _inventory(schema: Schema, defs: Schema, facts: Facts) -> Schema:
    defs["Values"] = values_of_facts(facts, also=(True, False))
    defs["System"]["properties"]["facts"] = {"$ref": "#/$defs/Values"}
    schema["properties"]["organisations"]["minItems"] = 1
    for fact, place in (
        ("data.categories", (defs["DataCategory"]["properties"], "cnil")),
        ("persons.categories", (defs["ProcessingActivity"]["properties"]["person_kinds"], "items")),
    ):
        known = facts.get(fact)
        if known is not None and known.choices:
            holder, key = place
            holder[key] = {"enum": list(known.choices)}
    return schema


def _without_id(schema: Schema) -> Schema:
    """An entry of a file that maps ids to entries."""
    properties = {name: one for name, one in schema["properties"].items() if name != "id"}
    return {**schema, "properties": properties, "required": [one for one in schema["required"] if one != "id"]}


def _where(field: str, values: Iterable[str], then: Schema) -> Schema:
    return {"if": {"properties": {field: {"enum": list(values)}}, "required": [field]}, "then": then}


_Complete: TypeAlias = Callable[[Schema, Schema, Facts], Schema]
_MAKERS: Mapping[str, tuple[type[BaseModel], _Complete]] = {
    "rules": (Rule, _rules),
    "facts": (FactType, _facts),
    "regimes": (Regime, _regimes),
    "responses": (Playbook, _responses),
    "drills": (Scenario, _drills),
    "grouping": (Grouping, _grouping),
    "signals": (SignalType, _signals),
    "precedents": (Precedent, _precedents),
    "ladders": (Ladder, _ladders),
    "authorities": (Authority, _authorities),
    "urgency": (Urgencies, _urgency),
    "inventory": (Inventory, _inventory),
}
_PLACES = {one: f"{one}.yaml" for one in ("authorities", "facts", "grouping", "precedents", "signals", "urgency")}
SCHEMAS = tuple(_MAKERS)
"""The kinds of files that have a schema; those in folders are called after the folder."""
