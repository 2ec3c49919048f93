"""Every fault of the letters of a templates root, with file, line and sentence."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from jinja2 import TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from breach_service.domain.notice import LETTERS
from breach_service.errors import ContentError
from breach_service.rendering.catalogues import translations_for
from breach_service.rendering.environment import environment_for
from breach_service.rendering.formats import LOCALES, Formats
from breach_service.rendering.letter_samples import sample_notices
from breach_service.rendering.letter_text import compiled_letter, padded
from breach_service.rendering.letter_variables import variables_of
from breach_service.rendering.letters import BrokenLetter, Letter, LetterFault, letter_path, read_letter
from breach_service.rendering.vocabulary import Vocabulary

REQUIRED_SECTIONS = {
    "cnil": (
        "type", "organisation", "representative", "contact", "others", "dates", "breach", "data",
        "measures-before", "consequences", "harm", "measures-taken", "persons-told", "elsewhere",
    ),
    "client": (
        "statement", "breach", "dates", "data", "persons", "consequences", "measures-taken", "advice",
        "not-known", "contact", "identity",
    ),
    "persons": ("what-happened", "which-data", "meaning", "done", "what-to-do", "whom-to-ask"),
    "provider": ("reference", "questions", "answer", "contact"),
}  # fmt: skip
"""What no letter may lack, in this order: the points of the CNIL form; what GDPR Art. 33(2), 33(3), 34(2) ask for."""

_SAMPLE_ZONE = "Europe/Paris"


def letter_faults(
    directory: Path, is_overlay: bool = False, known_facts: Collection[str] | None = None
) -> tuple[LetterFault, ...]:
    """Every fault of the letters of one templates root, in the order of files and lines.

    `is_overlay`: the root need not hold every letter. `known_facts`: the ids of `playbooks/facts.yaml`; a letter that
    reads another one has a fault.
    """
    faults: list[LetterFault] = []
    for slug in LETTERS:
        for language in LOCALES:
            try:
                path = letter_path([directory], slug, language)
            except ContentError as error:
                if not is_overlay:
                    faults.append(LetterFault(directory / "letters" / slug / language, 1, 1, str(error)))
                continue
            faults += _faults_of(path, slug, language, known_facts)
    faults += _strangers(directory)
    return tuple(sorted(set(faults)))


def facts_read(directory: Path) -> frozenset[str]:
    """The ids of all facts that the letters of a templates root read. Raises BrokenLetter for a file with faults."""
    names: set[str] = set()
    for path in sorted((directory / "letters").glob("*/*/letter.yaml")):
        letter = read_letter(path)
        environment = _environment(letter, "fr")
        for _, tree in _trees(letter, environment):
            names |= {name for name, _ in _facts_in(tree)}
    return frozenset(names)


def _faults_of(path: Path, slug: str, language: str, known_facts: Collection[str] | None) -> list[LetterFault]:
    try:
        letter = read_letter(path)
        environment = _environment(letter, language)
        compiled = compiled_letter(letter, language, environment)
    except BrokenLetter as error:
        return list(error.faults)
    faults = [*_section_faults(letter, slug), *_name_faults(letter, environment, known_facts)]
    if faults:
        return faults
    for notice in sample_notices(slug):
        try:
            compiled.draft(slug, notice)
        except BrokenLetter as error:
            faults += error.faults
    return faults


def _section_faults(letter: Letter, slug: str) -> Iterator[LetterFault]:
    ids = [section.id for section in letter.text.sections]
    required = REQUIRED_SECTIONS[slug]
    for missing in [one for one in required if one not in ids]:
        yield LetterFault(letter.path, *letter.place("sections"), f"the section {missing} is missing")
    present = [one for one in ids if one in required]
    expected = [one for one in required if one in ids]
    for at, (found, right) in enumerate(zip(present, expected, strict=True)):
        if found != right:
            place = letter.place("sections", ids.index(found))
            yield LetterFault(letter.path, *place, f"the section {found} stands where {right} belongs (place {at + 1})")
            return


def _name_faults(
    letter: Letter, environment: ImmutableSandboxedEnvironment, known_facts: Collection[str] | None
) -> Iterator[LetterFault]:
    variables = set(variables_of(sample_notices("cnil")[0], letter.text.words)) | set(environment.globals)
    for place, tree in _trees(letter, environment):
        unknown = find_undeclared_variables(tree) - variables
        for name in tree.find_all(nodes.Name):
            if name.name in unknown:
                yield LetterFault(letter.path, name.lineno, 1, f"nothing is called {name.name} in a letter")
        for fact, line in _facts_in(tree):
            if known_facts is not None and fact not in known_facts:
                column = letter.place(*place)[1]
                yield LetterFault(letter.path, line, column, f"there is no fact {fact} in playbooks/facts.yaml")


def _trees(
    letter: Letter, environment: ImmutableSandboxedEnvironment
) -> Iterator[tuple[tuple[str | int, ...], nodes.Template]]:
    for place, source, is_expression in letter.jinja():
        try:
            yield place, environment.parse(padded(source, letter.place(*place)[0], is_expression))
        except TemplateSyntaxError as error:
            raise BrokenLetter([LetterFault(letter.path, error.lineno, 1, str(error.message))]) from error


def _facts_in(tree: nodes.Template) -> Iterator[tuple[str, int]]:
    for call in tree.find_all(nodes.Call):
        is_fact = isinstance(call.node, nodes.Name) and call.node.name == "fact"
        if is_fact and call.args and isinstance(call.args[0], nodes.Const):
            yield str(call.args[0].value), call.lineno


def _strangers(directory: Path) -> Iterable[LetterFault]:
    expected = {(slug, language) for slug in LETTERS for language in LOCALES}
    for path in sorted((directory / "letters").glob("*/*/*")):
        if path.name != "letter.yaml" or path.parent.parts[-2:] not in expected:
            known = ", ".join(f"{slug}/{language}" for slug, language in sorted(expected))
            yield LetterFault(path, 1, 1, f"nothing reads this file; letters are {known}, each in a file letter.yaml")


def _environment(letter: Letter, language: str) -> ImmutableSandboxedEnvironment:
    formats = Formats(language, _SAMPLE_ZONE)
    environment = environment_for(formats, [], translations_for(language, []), autoescape=False)
    environment.filters.update(Vocabulary(formats, letter.text.words).filters())
    return environment
