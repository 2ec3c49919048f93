"""A page of ours again, with what somebody typed: each field of the form that was sent, and what is wrong with it.

Nothing but values, ticks and choices changes. What is secret (passwords), chosen from a disk (files) or made by us
(hidden fields, buttons) stays as the page has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

PAGE_FIELD = "_page"
"""The hidden field that says on which page a form stood which is shown again at the address that refused it."""
ID_OF_FAULT = "refused"
KEPT_AS_IS = frozenset({"hidden", "password", "file", "submit", "button", "image", "reset"})
Typed = Mapping[str, Sequence[str]]
Attributes = list[tuple[str, str | None]]


@dataclass
class _Piece:
    """A part of the source, from one offset to another, and what stands there instead."""

    begin: int
    end: int
    instead: str


@dataclass
class _Form:
    """A form of the page, with what would change in it."""

    action: str
    opened_at: int
    pieces: list[_Piece] = field(default_factory=list)
    hidden: dict[str, str] = field(default_factory=dict)
    folds: tuple[tuple[int, str], ...] = ()
    """The `details` around it: end of each one's first tag, and this tag."""
    taken: dict[str, int] = field(default_factory=dict)


def refilled(html: str, action: str, typed: Typed, fault: str, page: str) -> str | None:
    """The page with the form of that action as it was sent; None where it has no such form.

    `fault` is the HTML that says what is wrong; it stands first in the form. `page` is the address of the page itself.
    """
    found = _Forms(html, typed)
    found.feed(html)
    found.close()
    forms = [one for one in found.forms if one.action.partition("#")[0] == action]
    if not forms:
        return None
    form = max(forms, key=lambda one: sum(typed.get(name, [""])[:1] == [held] for name, held in one.hidden.items()))
    told = f'<div id="{ID_OF_FAULT}" tabindex="-1" autofocus>{fault}</div>'
    told += f'<input type="hidden" name="{PAGE_FIELD}" value="{escape(page)}">'
    pieces = [*form.pieces, _Piece(form.opened_at, form.opened_at, told)]
    pieces += [_Piece(end - 1, end - 1, " open") for end, tag in form.folds if " open" not in tag]
    for one in sorted(pieces, key=lambda piece: piece.begin, reverse=True):
        html = html[: one.begin] + one.instead + html[one.end :]
    return html


class _Forms(HTMLParser):
    """Finds the forms of a page, and where what was typed belongs."""

    def __init__(self, html: str, typed: Typed) -> None:
        super().__init__(convert_charrefs=False)
        self.forms: list[_Form] = []
        self._typed = typed
        self._form: _Form | None = None
        self._folds: list[tuple[int, str]] = []
        self._menu = ""
        self._area: tuple[int, str] | None = None
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """A field, or what is around it."""
        begin, source = self._here(), self.get_starttag_text() or ""
        end, has = begin + len(source), dict(attrs)
        if tag == "details":
            self._folds.append((end, source))
        elif tag == "form":
            self._form = _Form(has.get("action") or "", end, folds=tuple(self._folds))
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(self._form, tag, _Piece(begin, end, source), attrs)

    def handle_endtag(self, tag: str) -> None:
        """The end of a form, of a menu or of a text over several lines."""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._menu = ""
        elif tag == "details" and self._folds:
            self._folds.pop()
        elif tag == "textarea" and self._area is not None and self._form is not None:
            begin, text = self._area
            self._form.pieces.append(_Piece(begin, self._here(), text))
            self._area = None

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _field(self, form: _Form, tag: str, piece: _Piece, attrs: Attributes) -> None:
        has = dict(attrs)
        name = has.get("name") or ""
        if tag == "input":
            self._input(form, name, piece, attrs)
        elif tag == "select":
            self._menu = name
        elif tag == "option" and self._menu in self._typed:
            is_chosen = (has.get("value") or "") in self._typed[self._menu]
            form.pieces.append(_with(piece, "option", attrs, "selected", None if is_chosen else False))
        elif tag == "textarea" and name in self._typed:
            self._area = (piece.end, "\n" + escape(self._next(form, name)))

    def _input(self, form: _Form, name: str, piece: _Piece, attrs: Attributes) -> None:
        has = dict(attrs)
        kind, value = has.get("type") or "text", has.get("value") or ""
        if kind == "hidden":
            form.hidden[name] = value
        if kind in KEPT_AS_IS or not name:
            return
        if kind in ("checkbox", "radio"):
            is_ticked = (has.get("value") or "on") in self._typed.get(name, ())
            form.pieces.append(_with(piece, "input", attrs, "checked", None if is_ticked else False))
        elif name in self._typed:
            form.pieces.append(_with(piece, "input", attrs, "value", self._next(form, name)))

    def _next(self, form: _Form, name: str) -> str:
        """What was typed into the next field of that name."""
        number = form.taken.get(name, 0)
        form.taken[name] = number + 1
        values = self._typed[name]
        return values[number] if number < len(values) else ""


def _with(piece: _Piece, tag: str, attrs: Attributes, name: str, value: str | bool | None) -> _Piece:
    """The tag with an attribute set, to nothing where it is None, or taken away where it is False."""
    kept: list[tuple[str, str | bool | None]] = [one for one in attrs if one[0] != name]
    written = [f" {key}" if held is None else f' {key}="{escape(str(held))}"' for key, held in kept]
    if value is not False:
        written.append(f" {name}" if value is None else f' {name}="{escape(str(value))}"')
    return _Piece(piece.begin, piece.end, f"<{tag}{''.join(written)}>")
