"""Reading playbooks/: one value or every fault, whatever stands in the files."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.catalog import Fault, catalogue_from, digest_of, read_catalogue, read_documents, read_inventory
from breach_service.domain.facts import FactType

HERE = Path(__file__).parent
SHIPPED = HERE.parent / "playbooks"
SOUND = HERE / "content" / "sound"
FAULTY = HERE / "content" / "faulty"
DOCUMENTS, _ = read_documents(SOUND)


def test_the_shipped_content_has_no_fault() -> None:
    """What is in the repository can be put in force."""
    reading = read_catalogue(SHIPPED)
    assert [str(fault) for fault in reading.faults] == []
    assert reading.catalogue is not None


def test_a_stored_version_reads_back_as_the_same_catalogue() -> None:
    """The documents are all that is needed to have an old version again."""
    catalogue = read_catalogue(SHIPPED).catalogue
    assert catalogue is not None
    again = catalogue_from(dict(catalogue.documents)).catalogue
    assert again == catalogue


def test_what_was_parsed_before_reads_as_the_same_catalogue() -> None:
    """Parsing is left out, nothing else."""
    reading = read_catalogue(SHIPPED)
    again = read_catalogue(SHIPPED, recall=lambda _: reading.parsed)
    assert again is not reading
    assert again.catalogue == reading.catalogue
    assert again.parsed == reading.parsed


def test_what_another_release_parsed_and_this_one_finds_faulty_is_parsed_again_for_the_places() -> None:
    """Every fault has its line and column, whatever was remembered."""
    faults = catalogue_from({**DOCUMENTS, "rules/sound.yaml": "id: sound\nodd: 1\n"}).faults
    parsed = json.dumps({"rules/sound.yaml": {"id": "sound", "odd": 1}})
    texts = {**DOCUMENTS, "rules/sound.yaml": "id: sound\nodd: 1\n"}
    assert catalogue_from(texts, lambda _: parsed).faults == faults
    assert any(fault.line > 1 for fault in faults)


@given(order=st.permutations(sorted(DOCUMENTS)))
@settings(max_examples=30, deadline=None)
def test_the_digest_does_not_depend_on_the_order_of_reading(order: list[str]) -> None:
    """Neither does anything else of the catalogue."""
    reading = catalogue_from({path: DOCUMENTS[path] for path in order})
    assert reading.catalogue is not None
    assert reading.catalogue.digest == digest_of(DOCUMENTS)
    assert reading.catalogue == catalogue_from(DOCUMENTS).catalogue


@given(path=st.sampled_from(sorted(DOCUMENTS)), added=st.text(min_size=1, max_size=3))
def test_the_digest_changes_with_every_change(path: str, added: str) -> None:
    """A comment counts: what was shown must be what was stored."""
    assert digest_of({**DOCUMENTS, path: DOCUMENTS[path] + added}) != digest_of(DOCUMENTS)


def test_the_digest_tells_a_file_from_its_name() -> None:
    """Moving a text from one file to another is a change."""
    assert digest_of({"rules/a.yaml": "x", "rules/b.yaml": "y"}) != digest_of(
        {"rules/a.yaml": "y", "rules/b.yaml": "x"}
    )
    assert digest_of({"rules/a.yaml": "x"}) != digest_of({"rules/a.yamlx": ""})


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Nobody corrects one fault to be told the next."""
    chosen = ["word-not-in-the-list", "instant-unknown", "role-unknown", "hours-in-words", "weight-beyond-100"]
    expected = []
    for name in chosen:
        shutil.copytree(FAULTY / name, tmp_path, dirs_exist_ok=True)
        expected += [str(fault).removeprefix(f"{name}/") for fault in read_catalogue(SOUND, FAULTY / name).faults]
    shutil.copytree(SOUND, tmp_path / "all")
    for part in tmp_path.iterdir():
        if part.name != "all":
            if part.is_dir():
                shutil.copytree(part, tmp_path / "all" / part.name, dirs_exist_ok=True)
            else:
                shutil.copy(part, tmp_path / "all")
    assert [str(fault) for fault in read_catalogue(tmp_path / "all").faults] == sorted(expected)


def test_several_faults_of_one_file_are_told_in_the_order_of_its_lines() -> None:
    """As one reads it from top to bottom."""
    text = (
        DOCUMENTS["rules/sound.yaml"]
        .replace("reviewed_on: 2026-11-22", "reviewed_on: hier")
        .replace("at_least: risk", "at_least: grave")
        .replace("fact: persons.number", "fact: persons.nombre")
    )
    faults = catalogue_from({**DOCUMENTS, "rules/sound.yaml": text}).faults
    assert [fault.line for fault in faults] == [9, 18]


@pytest.mark.parametrize("path", ["facts.yaml", "grouping.yaml", "signals.yaml"])
def test_a_missing_file_is_a_fault(path: str) -> None:
    """Nothing is assessed without it."""
    reading = catalogue_from({one: text for one, text in DOCUMENTS.items() if one != path})
    assert reading.faults == (Fault(path, 1, 1, "this file is missing: put it back"),)


@pytest.mark.parametrize("folder", ["rules", "regimes"])
def test_a_folder_without_files_is_a_fault(folder: str) -> None:
    """A service without criteria or clocks would call everything harmless."""
    reading = catalogue_from({one: text for one, text in DOCUMENTS.items() if not one.startswith(folder)})
    assert reading.faults == (Fault(folder, 1, 1, f"there are no {folder}: put at least one file there"),)


def test_a_directory_that_is_not_there_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    """The sentence names the path that was given."""
    reading = read_catalogue(tmp_path / "nowhere")
    assert reading.catalogue is None
    assert f"{tmp_path / 'nowhere'}:1:1: there is no such directory: check the path" in map(str, reading.faults)


def test_a_file_of_the_overlay_replaces_the_shipped_one_and_a_new_one_is_added(tmp_path: Path) -> None:
    """By id, since a file is called after its id; everything else stays as shipped."""
    rule = DOCUMENTS["rules/sound.yaml"]
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "sound.yaml").write_text(rule.replace("owner: dpo", "owner: dpo\nstatus: retired"))
    (tmp_path / "rules" / "own.yaml").write_text(rule.replace("id: sound", "id: own"))
    catalogue = read_catalogue(SOUND, tmp_path).catalogue
    assert catalogue is not None
    assert [(one.id, one.status) for one in catalogue.rules] == [("own", "active"), ("sound", "retired")]
    assert [one.id for one in catalogue.regimes] == ["sound"]


def test_a_shipped_file_broken_by_an_overlay_is_told_under_its_own_path(tmp_path: Path) -> None:
    """An operator whose facts lack one that a shipped rule reads learns which rule it is."""
    facts = DOCUMENTS["facts.yaml"]
    (tmp_path / "facts.yaml").write_text(facts.replace("recipients.kind:", "recipients.sort:"))
    assert [(fault.path, fault.line) for fault in read_catalogue(SOUND, tmp_path).faults] == [
        ("rules/sound.yaml", 14),
        ("rules/sound.yaml", 21),
    ]


def test_a_volume_mounted_by_kubernetes_is_read_through_its_links(tmp_path: Path) -> None:
    """`..data` and its dated directory are the mount's own, not content."""
    dated = tmp_path / "..2026_11_22"
    (dated / "rules").mkdir(parents=True)
    (dated / "rules" / "own.yaml").write_text(DOCUMENTS["rules/sound.yaml"].replace("id: sound", "id: own"))
    (tmp_path / "..data").symlink_to(dated.name)
    (tmp_path / "rules").symlink_to("..data/rules")
    catalogue = read_catalogue(SOUND, tmp_path).catalogue
    assert catalogue is not None
    assert [one.id for one in catalogue.rules] == ["own", "sound"]


@pytest.mark.parametrize("name", ["rule.yml", "rule.yaml~", ".rule.yaml.swp", "Thumbs.db", "README.md"])
def test_nothing_in_a_folder_is_passed_over_in_silence(tmp_path: Path, name: str) -> None:
    """A rule saved under another ending would otherwise be missing without a word."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / name).write_text("id: rule\n")
    (fault,) = read_catalogue(SOUND, tmp_path).faults
    assert fault.path == f"{tmp_path.name}/rules/{name}"


def test_a_faulty_fact_does_not_bring_faults_of_those_who_name_it() -> None:
    """One fault, not one more for each rule and example that reads the fact."""
    facts = DOCUMENTS["facts.yaml"].replace("    malicious: {fr: Malveillants}", "    malicious: {fr: 12}")
    (fault,) = catalogue_from({**DOCUMENTS, "facts.yaml": facts}).faults
    assert (fault.path, fault.line, fault.message) == ("facts.yaml", 49, 'fr is a text: put it in quotes, "12"')


@given(path=st.sampled_from(sorted(DOCUMENTS)), text=st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_text_gives_faults_and_never_an_error(path: str, text: str) -> None:
    """A broken file is told, whatever it holds."""
    reading = catalogue_from({**DOCUMENTS, path: text})
    assert (reading.catalogue is None) is bool(reading.faults)


_WORDS = st.sampled_from(
    ["id", "sound", "title", "fr", "when", "all", "any", "not", "fact", "is", "yes", "known", "loss.confidentiality",
     "persons.number", "examples", "applies", "organisations", "type", "choices", "web_shell", "asked_when", "unknown"]
)  # fmt: skip
_DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(
    path=st.sampled_from(sorted(DOCUMENTS)), data=st.dictionaries(_WORDS, _DATA, max_size=5), start=st.integers(0, 9)
)
@settings(max_examples=150, deadline=None)
def test_any_shape_gives_faults_at_a_line_of_the_file(path: str, data: dict[str, object], start: int) -> None:
    """Sound YAML of the wrong shape: every fault points into the file that has it."""
    text = "\n" * start + json.dumps(data)
    for fault in catalogue_from({**DOCUMENTS, path: text}).faults:
        if fault.path == path:
            assert fault.line in (1, start + 1)
            assert 1 <= fault.column <= len(json.dumps(data)) + 1


def test_an_inventory_to_import_may_say_true_and_false() -> None:
    """It often comes from another tool."""
    text = DOCUMENTS["inventory/sound.yaml"].replace("activities: [training]", "is_in_production: true", 1)
    inventory, faults = read_inventory(text, "ours.yaml")
    assert faults == ()
    assert inventory is not None
    assert inventory.systems[0].is_in_production


def test_an_inventory_with_faults_is_refused_with_all_of_them() -> None:
    """Broken references, numbers that lost their leading zero, and words that the facts do not know."""
    text = (
        DOCUMENTS["inventory/sound.yaml"]
        .replace("name: Exemple", "name: Exemple\n    postal_code: 69300")
        .replace("our_role: processor", "our_role: sous-traitant")
    )
    inventory, faults = read_inventory(text, "ours.yaml")
    assert inventory is None
    assert [str(fault) for fault in faults] == [
        'ours.yaml:4:18: postal_code is a text: put it in quotes, "69300"',
        "ours.yaml:18:15: our_role is one of controller, joint, processor, sub_processor, not sous-traitant",
    ]


def test_an_inventory_is_checked_against_the_facts_where_they_are_given() -> None:
    """A fact of a system that nobody could read would only be noticed in the night of an incident."""
    text = DOCUMENTS["inventory/sound.yaml"].replace("loss.availability: no", "loss.availability: nein")
    assert read_inventory(text, "ours.yaml")[1] == ()
    facts = {
        "loss.availability": FactType.model_validate(
            {"id": "loss.availability", "label": {"fr": "x"}, "type": "yes_no"}
        )
    }
    (fault,) = read_inventory(text, "ours.yaml", facts)[1]
    assert (fault.line, fault.message) == (13, "loss.availability is yes, no or unknown, not 'nein'")


def test_an_empty_inventory_is_told_as_such() -> None:
    """No crash on an empty file."""
    assert [fault.line for fault in read_inventory("", "ours.yaml")[1]] == [1]


def test_a_fault_prints_as_an_editor_can_follow_it() -> None:
    """Path, line, column, sentence."""
    assert (
        str(Fault("rules/x.yaml", 12, 3, "title is missing: add it")) == "rules/x.yaml:12:3: title is missing: add it"
    )
