"""Message ids are English; every one has a French translation; an operator's catalogue wins over ours."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from breach_service.errors import ContentError
from breach_service.rendering import MissingTranslation, Renderer, missing_translations

ROOT = Path(__file__).parents[2]
HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A templates root with one page of two messages."""
    (tmp_path / "pages").mkdir()
    page = '<p>{{ _("Overdue") }}</p>\n{% trans %}Nothing to do{% endtrans %}\n'
    (tmp_path / "pages" / "today.html").write_text(page, encoding="utf-8")
    return tmp_path


def write_catalogue(root: Path, *entries: tuple[str, str]) -> None:
    """A French catalogue of plain entries."""
    path = root / "locale" / "fr" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    body = "\n".join(f'msgid "{message}"\nmsgstr "{words}"\n' for message, words in entries)
    path.write_text(HEAD + body, encoding="utf-8")


def test_every_message_of_pages_messages_and_sources_has_a_french_translation() -> None:
    missing = missing_translations([ROOT / "templates"], [ROOT / "breach_service"])
    assert not missing, "\n" + "\n".join(map(str, missing))


def test_a_missing_translation_is_named_with_its_file_and_line(templates: Path) -> None:
    write_catalogue(templates, ("Overdue", "Dépassée"))
    page = str(templates / "pages" / "today.html")
    assert missing_translations([templates]) == (MissingTranslation(page, 2, "Nothing to do"),)


def test_a_translation_names_nothing_that_its_message_does_not_give() -> None:
    """Otherwise the page fails, in that language alone."""
    places = re.compile(r"%\((\w+)\)")
    with (ROOT / "templates/locale/fr/LC_MESSAGES/messages.po").open("rb") as file:
        for one in read_po(file):
            assert set(places.findall(str(one.string))) <= set(places.findall(str(one.id))), one.id


def test_a_plural_of_another_wording_is_missing(templates: Path) -> None:
    """The catalogue holds one plural for a singular; the other would be read with places that nobody gives."""
    (templates / "pages" / "size.html").write_text('{{ ngettext("a byte", "%(n)s bytes", 2, n=2) }}', encoding="utf-8")
    path = templates / "locale" / "fr" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    plural = 'msgid "a byte"\nmsgid_plural "%(number)s bytes"\nmsgstr[0] "un octet"\nmsgstr[1] "%(number)s octets"\n'
    path.write_text(HEAD + plural, encoding="utf-8")
    assert "a byte" in [one.message for one in missing_translations([templates])]


def test_an_empty_translation_is_missing(templates: Path) -> None:
    write_catalogue(templates, ("Overdue", ""), ("Nothing to do", "Rien à faire"))
    assert [one.message for one in missing_translations([templates])] == ["Overdue"]


def test_messages_of_python_sources_are_found_with_plurals_and_marks(tmp_path: Path) -> None:
    source = '_("One")\nngettext("%(n)s alert", "%(n)s alerts", 2)\nN_("Later")\n'
    (tmp_path / "view.py").write_text(source, encoding="utf-8")
    found = missing_translations([], [tmp_path])
    assert [(one.line, one.message) for one in found] == [(1, "One"), (2, "%(n)s alert"), (3, "Later")]


def test_a_translation_is_typeset_when_it_is_read(templates: Path) -> None:
    write_catalogue(templates, ("Overdue", "Trop tard : l'heure est passée"))
    assert Renderer([templates]).gettext("fr")("Overdue") == "Trop tard\u00a0: l’heure est passée"


def test_english_is_the_message_itself(templates: Path) -> None:
    write_catalogue(templates, ("Overdue", "Dépassée"))
    assert Renderer([templates]).gettext("en")("Overdue") == "Overdue"


def test_the_operators_words_win_and_the_rest_stays_ours(
    templates: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    overlay = tmp_path_factory.mktemp("overlay")
    write_catalogue(overlay, ("Overdue", "En retard"))
    write_catalogue(templates, ("Overdue", "Dépassée"), ("Nothing to do", "Rien à faire"))
    _ = Renderer([overlay, templates]).gettext("fr")
    assert (_("Overdue"), _("Nothing to do")) == ("En retard", "Rien à faire")


def test_a_broken_catalogue_is_named_with_its_file_and_line(templates: Path) -> None:
    path = templates / "locale" / "fr" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + "msgid Overdue\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"messages\.po:6: "):
        Renderer([templates])
