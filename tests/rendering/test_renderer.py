"""Pages and messages: escaped, strict, in the language and zone asked for; the first root that has a file wins."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest

from breach_service.domain.text import Text
from breach_service.rendering import Renderer

AT = datetime(2026, 11, 24, 10, 40, tzinfo=UTC)
PARIS = "Europe/Paris"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty templates root."""
    for name in ("pages", "messages"):
        (tmp_path / name).mkdir()
    return tmp_path


def page(root: Path, source: str, language: str = "fr", zone: str = PARIS, **context: object) -> str:
    """A page rendered from its source."""
    (root / "pages" / "page.html").write_text(source, encoding="utf-8")
    return Renderer([root]).page("page.html", language, zone, context)


class TestPages:
    """HTML that cannot be broken by what it shows."""

    def test_what_is_shown_is_escaped(self, root: Path) -> None:
        assert page(root, "{{ name }}", name="<script>") == "&lt;script&gt;"

    def test_reading_what_was_not_given_is_an_error_that_names_it(self, root: Path) -> None:
        with pytest.raises(jinja2.UndefinedError, match="nmae"):
            page(root, "{{ nmae }}", name="x")

    def test_an_attribute_that_is_not_there_is_an_error(self, root: Path) -> None:
        with pytest.raises(jinja2.UndefinedError, match="nmae"):
            page(root, "{{ who.nmae }}", who=AT)

    def test_a_template_reaches_no_machinery_of_python(self, root: Path) -> None:
        with pytest.raises(jinja2.exceptions.SecurityError):
            page(root, "{{ name.__class__.__mro__ }}", name="x")

    def test_an_instant_is_in_the_language_and_zone_of_the_page(self, root: Path) -> None:
        source = '<time datetime="{{ at | iso }}">{{ at | clock }}</time>'
        assert page(root, source, "en", "UTC", at=AT) == '<time datetime="2026-11-24T10:40:00+00:00">10:40</time>'
        assert page(root, source, "en", PARIS, at=AT) == '<time datetime="2026-11-24T11:40:00+01:00">11:40</time>'

    def test_one_renderer_serves_several_zones_and_languages_in_turn(self, root: Path) -> None:
        (root / "pages" / "page.html").write_text("{{ at | clock }} {{ zone }} {{ language }}", encoding="utf-8")
        renderer = Renderer([root])
        shown = [renderer.page("page.html", "en", zone, {"at": AT}) for zone in (PARIS, "UTC", PARIS)]
        assert shown == ["11:40 Europe/Paris en", "10:40 UTC en", "11:40 Europe/Paris en"]

    def test_a_page_writes_the_year_of_an_instant_that_is_not_of_its_own_year(self, root: Path) -> None:
        (root / "pages" / "page.html").write_text("{{ at | instant }}", encoding="utf-8")
        renderer = Renderer([root])
        frames = [SimpleNamespace(now=AT.replace(year=year)) for year in (2026, 2027, 2026)]
        shown = [renderer.page("page.html", "en", PARIS, {"at": AT, "frame": one}) for one in frames]
        assert shown == ["Tue 24 Nov, 11:40", "Tue 24 Nov 2026, 11:40", "Tue 24 Nov, 11:40"]

    def test_macros_of_other_files_know_language_and_zone(self, root: Path) -> None:
        (root / "pages" / "_due.html").write_text("{% macro due(at) %}{{ at | clock }}{% endmacro %}", encoding="utf-8")
        assert page(root, '{% from "pages/_due.html" import due %}{{ due(at) }}', at=AT) == "11\u00a0h\u00a040"

    def test_a_gap_is_marked_in_a_page(self, root: Path) -> None:
        marked = '<mark class="gap">[À COMPLÉTER\u00a0: l’adresse &lt;b&gt;]</mark>'
        assert page(root, '{{ gap("l\'adresse <b>") }}') == marked

    def test_gaps_of_a_letter_are_marked_and_the_rest_is_escaped(self, root: Path) -> None:
        shown = page(root, "{{ value | gaps }}", "en", value="<b> [TO BE COMPLETED: who] & so on")
        assert shown == '&lt;b&gt; <mark class="gap">[TO BE COMPLETED: who]</mark> &amp; so on'

    def test_typography_keeps_markup_and_never_makes_any(self, root: Path) -> None:
        assert page(root, '{{ ("<b>non</b> !" | safe) | typo }}') == "<b>non</b>\u202f!"
        assert page(root, "{{ raw | typo }}", raw="<b> !") == "&lt;b&gt;\u202f!"

    def test_texts_of_the_playbooks_durations_and_numbers_have_their_filters(self, root: Path) -> None:
        source = "{{ t | text }} {{ s | left }} {{ n | number }}"
        shown = page(root, source, "en", t=Text(fr="un", en="one"), s=timedelta(minutes=5), n=12000)
        assert shown == "one 5\u00a0min 12,000"

    def test_plurals_follow_the_language(self, root: Path) -> None:
        source = "{% trans n=n %}{{ n }} alert{% pluralize %}{{ n }} alerts{% endtrans %}"
        assert [page(root, source, "en", n=n) for n in (0, 1, 2)] == ["0 alerts", "1 alert", "2 alerts"]


class TestRoots:
    """An operator's directory overlays the shipped files."""

    def test_the_first_root_that_has_a_page_wins_and_includes_cross_roots(self, tmp_path: Path) -> None:
        ours, overlay = tmp_path / "ours", tmp_path / "overlay"
        for place, name, source in (
            (ours, "page.html", '{% include "pages/_foot.html" %}'),
            (ours, "_foot.html", "ours"),
            (overlay, "_foot.html", "theirs"),
        ):
            (place / "pages").mkdir(parents=True, exist_ok=True)
            (place / "pages" / name).write_text(source, encoding="utf-8")
        assert Renderer([overlay, ours]).page("page.html", "fr", PARIS, {}) == "theirs"
        assert Renderer([ours]).page("page.html", "fr", PARIS, {}) == "ours"


class TestMessages:
    """Plain text stays plain; an HTML part is escaped."""

    def test_a_plain_message_is_not_escaped_and_an_html_one_is(self, root: Path) -> None:
        for name in ("card.txt", "card.html"):
            (root / "messages" / name).write_text("{{ name }}", encoding="utf-8")
        renderer = Renderer([root])
        shown = [renderer.message(name, "fr", PARIS, {"name": "A & B"}) for name in ("card.txt", "card.html")]
        assert shown == ["A & B", "A &amp; B"]

    def test_cards_made_in_python_write_instants_alike(self, root: Path) -> None:
        assert Renderer([root]).formats("en", PARIS).clock(AT) == "11:40"
