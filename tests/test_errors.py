"""A refusal is English for programs and the reader's language on pages, with the same values."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from breach_service import errors
from breach_service.domain.access import Act, UserRole
from breach_service.errors import DEFAULTS, BreachServiceError, Code, InvalidCommand, Sentence, Sentences
from breach_service.rendering import Renderer

ROOT = Path(__file__).parents[1]
REFUSALS = {"InvalidCommand", "NotAllowed", "NotFound", "NotSeen"}


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer([ROOT / "templates"])


def test_a_refusal_is_english_for_programs_and_french_on_french_pages(renderer: Renderer) -> None:
    error = InvalidCommand("there is an account for %(email)s already", email="a%s@us.example")
    assert str(error) == "there is an account for a%s@us.example already"
    assert error.said(renderer.gettext("fr")) == "il existe déjà un compte pour a%s@us.example"
    assert error.said(renderer.gettext("en")) == str(error)


def test_a_plain_message_is_said_as_it_is(renderer: Renderer) -> None:
    """A message without values may hold whatever it likes, percent signs and all."""
    error = InvalidCommand("100 % of %(nothing)s")
    assert str(error) == error.said(renderer.gettext("fr")) == "100 % of %(nothing)s"


def test_codes_among_the_values_are_said_in_words(renderer: Renderer) -> None:
    """Programs read the code; people read what it means, in their language."""
    sentence = "the role %(role)s does not allow this act (%(act)s): ask a person who holds the role"
    error = InvalidCommand(sentence, role=UserRole.AUDITOR, act=Act.LOOK_AT_AUDIT)
    assert "(look_at_audit)" in str(error)
    assert "(see who read what)" in error.said(renderer.gettext("en"))
    assert "(consulter qui a lu quoi)" in error.said(renderer.gettext("fr"))
    late = InvalidCommand("%(name)s lies in the future: %(instant)s", name=Code("aware_at"), instant="2027-01-01")
    assert str(late) == "aware_at lies in the future: 2027-01-01"
    assert late.said(renderer.gettext("fr")).startswith("l’instant de la prise de connaissance est dans le futur")


def test_several_sentences_are_said_line_by_line(renderer: Renderer) -> None:
    """What has no translation, such as a line of a file, stays as it is."""
    inner = Sentence("there is no account for %(email)s", email="a@us.example")
    error = InvalidCommand(Sentences(Sentence("nothing was imported:"), inner, "line 3: ?"))
    assert str(error) == "nothing was imported:\nthere is no account for a@us.example\nline 3: ?"
    said = error.said(renderer.gettext("fr")).replace("\u00a0", " ").replace("\u202f", " ")
    assert said == "rien n’a été importé :\nil n’y a pas de compte pour a@us.example\nline 3: ?"


def test_the_default_messages_of_refusals_are_marked_for_translation() -> None:
    kinds = (one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, BreachServiceError))
    docs = {kind.__doc__ for kind in kinds}
    assert set(DEFAULTS) <= docs


def test_every_act_and_every_role_has_words() -> None:
    """No code stands in a sentence on a page."""
    assert {str(one) for one in (*Act, *UserRole)} <= set(errors.WORDS)


def test_no_refusal_of_an_act_is_made_of_an_f_string() -> None:
    """The extraction of messages does not see inside f-strings: they would stay English on French pages."""
    sources = sorted((ROOT / "breach_service" / "acts").rglob("*.py"))
    found = [f"{path.name}:{line}" for path in sources for line in f_strings_in(path.read_text(encoding="utf-8"))]
    assert found == []


def f_strings_in(source: str) -> Iterator[int]:
    """The lines on which a refusal is raised with an f-string, or with a sentence that is not marked."""
    calls = (one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Call) and one.args)
    for call in calls:
        is_refusal = isinstance(call.func, ast.Name) and call.func.id in REFUSALS
        if is_refusal and isinstance(call.args[0], ast.JoinedStr | ast.BinOp | ast.Constant):
            yield call.lineno


def test_an_f_string_would_be_found() -> None:
    assert list(f_strings_in('raise InvalidCommand(f"no {x}")\nraise NotFound(N_("none"))')) == [1]
