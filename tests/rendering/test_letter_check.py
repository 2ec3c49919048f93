"""Every fault of a letter is found before it is sent, with its file and line."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from breach_service.domain.drafts import notice_for
from breach_service.errors import ContentError
from breach_service.rendering import Renderer, letter_faults
from breach_service.rendering.letter_check import facts_read
from breach_service.rendering.letter_variables import variables_of
from tests.dossier_builders import NOW, a_dossier, fact_types, obligation_to, signal_words

TEMPLATES = Path(__file__).parents[2] / "templates"
Edit = Callable[[str, str], int]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the shipped letters."""
    shutil.copytree(TEMPLATES / "letters", tmp_path / "letters")
    return tmp_path


@pytest.fixture
def edit(root: Path) -> Edit:
    """Replace a passage of the French letter to a client; gives the line where the new passage starts."""

    def replace(old: str, new: str) -> int:
        path = root / "letters" / "client" / "fr" / "letter.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return replace


def test_the_shipped_letters_have_no_fault_and_read_only_known_facts() -> None:
    assert letter_faults(TEMPLATES, known_facts=fact_types()) == ()


def test_a_name_that_does_not_exist_is_a_fault_even_where_it_would_rarely_be_read(root: Path, edit: Edit) -> None:
    line = edit('{% if fact("incident.contained").is_no %}', '{% if fact("incident.contained").is_no and instants %}')
    (fault,) = letter_faults(root)
    assert (fault.path.parts[-3:], fault.line) == (("client", "fr", "letter.yaml"), line)
    assert "instants" in fault.message


def test_an_attribute_that_does_not_exist_is_a_fault_on_its_line(root: Path, edit: Edit) -> None:
    line = edit("{{ reference }}'", "{{ organisation.nmae }}'")
    (fault,) = letter_faults(root)
    assert fault.line == line
    assert "nmae" in fault.message


def test_broken_jinja_inside_a_long_text_is_a_fault_on_its_own_line(root: Path, edit: Edit) -> None:
    line = edit("          {% if sent_at %}\n", "          {% if sent_at\n")
    (fault,) = letter_faults(root)
    assert line <= fault.line <= line + 1


def test_several_faults_of_one_file_are_all_found(root: Path, edit: Edit) -> None:
    edit("{{ reference }}'", "{{ reference '")
    edit("contact.phone | or_gap(", "contact.phone | or_gpa(")
    messages = " ".join(fault.message for fault in letter_faults(root))
    assert "or_gpa" in messages
    assert len(letter_faults(root)) == 2


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  - id: not-known\n", "  - id: unknown-points\n", "the section not-known is missing"),
        ("  - id: breach\n", "  - id: dates\n", "used by several sections"),
        ("        kind: long\n", "        kind: longer\n", "'line', 'long' or 'choice'"),
        ("      - label: Origine\n", "      - lable: Origine\n", "a letter has no such key"),
        ("recipient: |", "recipient |", "this is not YAML"),
        ("title: Dates\n", "title: Dates\n    title: Dates\n", "title"),
    ],
)
def test_a_fault_of_shape_says_what_is_wrong(root: Path, edit: Edit, old: str, new: str, expected: str) -> None:
    edit(old, new)
    faults = letter_faults(root)
    assert any(expected in str(fault) for fault in faults), faults


def test_a_choice_without_options_is_a_fault_at_its_place(root: Path, edit: Edit) -> None:
    line = edit("      - label: Origine\n", "      - label: Origine\n        kind: choice\n")
    (fault,) = letter_faults(root)
    assert fault.line == line
    assert "a choice needs options" in fault.message


def test_sections_out_of_order_are_a_fault(root: Path, edit: Edit) -> None:
    edit("  - id: dates\n", "  - id: swapped\n")
    edit("  - id: data\n", "  - id: dates\n")
    edit("  - id: swapped\n", "  - id: data\n")
    assert any("stands where" in fault.message for fault in letter_faults(root))


def test_a_fact_that_the_playbooks_do_not_know_is_a_fault(root: Path, edit: Edit) -> None:
    line = edit("exfiltration.state", "exfiltration.stage")
    (fault,) = letter_faults(root, known_facts=fact_types())
    assert fault.line == line
    assert "exfiltration.stage" in fault.message


def test_a_missing_letter_is_a_fault_unless_the_root_is_an_overlay(root: Path) -> None:
    shutil.rmtree(root / "letters" / "persons" / "en")
    (fault,) = letter_faults(root)
    assert "letters/persons/en/letter.yaml" in fault.message
    assert letter_faults(root, is_overlay=True) == ()


def test_a_file_that_nothing_reads_is_a_fault(root: Path) -> None:
    (root / "letters" / "client" / "de").mkdir()
    (root / "letters" / "client" / "de" / "letter.yaml").write_text("", encoding="utf-8")
    (fault,) = letter_faults(root)
    assert "nothing reads this file" in fault.message


def test_a_broken_letter_is_refused_with_its_line_when_it_is_rendered(root: Path, edit: Edit) -> None:
    line = edit("{{ reference }}'", "{{ organisation.nmae }}'")
    dossier = a_dossier()
    notice = notice_for(dossier, obligation_to(dossier, "client:auvralis"), signal_words(), NOW, fact_types())
    with pytest.raises(ContentError, match=f"letter.yaml:{line}:1: .*nmae"):
        Renderer([root]).letter("client", "fr", "Europe/Paris", notice)


def test_a_letter_of_the_operator_replaces_the_shipped_one(tmp_path: Path, root: Path, edit: Edit) -> None:
    edit("Objet de ce message", "Pourquoi ce message")
    dossier = a_dossier()
    notice = notice_for(dossier, obligation_to(dossier, "client:auvralis"), signal_words(), NOW, fact_types())
    overlaid, shipped = (
        Renderer(roots).letter("client", "fr", "UTC", notice) for roots in ([root, TEMPLATES], [TEMPLATES])
    )
    assert overlaid.sections[0].title == "Pourquoi ce message"
    assert shipped.sections[0].title == "Objet de ce message"


def test_the_facts_that_letters_read_can_be_listed() -> None:
    assert {"incident.origins", "records.number"} <= facts_read(TEMPLATES) <= set(fact_types())


def test_the_guide_beside_the_letters_names_every_value_that_they_may_read() -> None:
    guide = (TEMPLATES / "letters" / "README.md").read_text(encoding="utf-8")
    dossier = a_dossier()
    notice = notice_for(dossier, obligation_to(dossier, "cnil"), signal_words(), NOW, fact_types())
    missing = [name for name in variables_of(notice, {}) if f"`{name}`" not in guide and f"`{name}(" not in guide]
    assert not missing
