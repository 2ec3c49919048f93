"""The JSON Schemas of playbooks/schemas: what is sound passes, and of what is faulty they see what one file shows."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError

from breach_service.catalog import Catalogue, read_catalogue
from breach_service.catalog.schemas import SCHEMAS, schema_of, schema_text

HERE = Path(__file__).parent
PLAYBOOKS = HERE.parents[1] / "playbooks"
FAULTY = sorted((HERE / "faulty").iterdir())
NEED_MORE_THAN_A_SCHEMA = {
    "ladder-of-qualification-without-end", "ladder-rung-twice", "ladder-unknown", "ladder-without-end",
    # how it is judged
    "precedent-example-not-alike", "precedent-example-not-unlike",
    "example-that-applies-after-all", "example-that-does-not-apply", "example-that-is-not-known-yet",
    # what stands beside it
    "file-named-otherwise", "file-that-is-no-content", "unexpected-directory", "unexpected-file", "id-used-twice",
    "inventory-reference-broken", "inventory-special-category-not-marked", "step-written-twice",
    "grouping-sort-unknown", "grouping-two-rules-of-one-name", "urgency-two-rules-of-one-name",
    "urgency-example-judged-otherwise",
    "playbook-evidence-not-described", "playbook-evidence-that-nobody-keeps", "playbook-pattern-unknown",
    "drill-written-twice",
    "regime-authority-unknown", "regime-follows-nothing", "regime-within-nothing", "drill-decision-of-a-deed",
    "playbook-question-asked-twice", "ceiling-over-an-unknown-rule",
    # reckoning
    "grouping-around-too-long", "grouping-quiet-too-long", "regime-that-ends-before-it-begins", "no-such-day",
    "inventory-network-that-is-none",
    # YAML that is read otherwise than it was meant
    "anchor",
}  # fmt: skip


def kind_of(file: Path) -> str:
    """The name of the schema of a file."""
    return file.parent.name if file.parent.name in SCHEMAS else file.stem


class WithoutDays(SafeConstructor):
    """The core schema of YAML 1.2, in which a day is a text."""


WithoutDays.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_scalar)


def as_an_editor_reads_it(text: str) -> Any:
    """YAML 1.2 as plain JSON values."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = WithoutDays
    return yaml.load(text)


def facts_of(root: Path) -> Any:
    catalogue = read_catalogue(root).catalogue
    assert catalogue is not None
    return catalogue.facts


def complaints(file: Path, facts: Any) -> list[str]:
    """What an editor would underline in a file."""
    try:
        data = as_an_editor_reads_it(file.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        return [str(error)]
    found = Draft202012Validator(schema_of(kind_of(file), facts)).iter_errors(data)
    return [f"{file.name}: {one.json_path}: {one.message}" for one in found]


def files_in(root: Path) -> list[Path]:
    return [one for one in sorted(root.rglob("*.yaml")) if kind_of(one) in SCHEMAS]


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_copy_is_the_schema_of_today(name: str, catalogue: Catalogue) -> None:
    """After a change: `breach-service schema --to playbooks/schemas`."""
    copy = (PLAYBOOKS / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    assert copy == schema_text(schema_of(name, catalogue.facts))


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_is_a_schema(name: str, catalogue: Catalogue) -> None:
    """JSON Schema 2020-12, checked against its own."""
    schema = schema_of(name, catalogue.facts)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


def test_what_ships_passes(catalogue: Catalogue) -> None:
    """Every file, with the facts that ship."""
    files = files_in(PLAYBOOKS)
    assert len(files) > 20
    assert [one for file in files for one in complaints(file, catalogue.facts)] == []


def test_what_is_sound_passes() -> None:
    """The smallest content."""
    facts = facts_of(HERE / "sound")
    assert [one for file in files_in(HERE / "sound") for one in complaints(file, facts)] == []


@pytest.mark.parametrize("directory", FAULTY, ids=lambda directory: directory.name)
def test_an_editor_sees_what_one_file_shows(directory: Path) -> None:
    """Everything but what takes the judging of examples, other files or reckoning; `check` tells the rest."""
    facts = facts_of(HERE / "sound")
    files = files_in(directory)
    is_seen = any(complaints(file, facts) for file in files)
    assert is_seen is (directory.name not in NEED_MORE_THAN_A_SCHEMA)


@pytest.mark.parametrize("file", files_in(PLAYBOOKS), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_each_file_names_its_schema_in_its_first_line(file: Path) -> None:
    """By a relative path that leads there, as the language server for YAML reads it."""
    first = file.read_text(encoding="utf-8").splitlines()[0]
    mark, _, path = first.partition("$schema=")
    assert mark == "# yaml-language-server: "
    assert (file.parent / path).resolve() == (PLAYBOOKS / "schemas" / f"{kind_of(file)}.json").resolve()


def test_an_editor_completes_the_names_of_facts(catalogue: Catalogue) -> None:
    """With their labels beside them."""
    line = schema_of("rules", catalogue.facts)["$defs"]["FactLine"]["properties"]["fact"]
    assert set(line["enum"]) == set(catalogue.facts)
    assert len(line["enum"]) == len(line["enumDescriptions"])


def test_a_new_fact_may_ask_for_another_new_one(catalogue: Catalogue) -> None:
    """While the list is being written its names are open."""
    schema = schema_of("facts", catalogue.facts)
    data = as_an_editor_reads_it((PLAYBOOKS / "facts.yaml").read_text(encoding="utf-8"))
    data["new.one"] = {
        "label": {"fr": "Nouveau"}, "type": "yes_no", "asked_when": {"autre": {"fact": "new.two", "is": "yes"}},
    }  # fmt: skip
    assert list(Draft202012Validator(schema).iter_errors(data)) == []
