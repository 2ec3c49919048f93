"""The words of an HTML mail, as lines of plain text: no style, no script, no address that is fetched.

Read once from front to back: the standard library's parser takes minutes for a few hundred kilobytes of broken tags.
"""

import re
from html import unescape

MOST_HTML = 1_000_000
"""Characters of HTML that are read: what follows stands in the original."""
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]{0,20})")
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]{1,200})\"|'([^']{1,200})')", re.IGNORECASE)
_UNSEEN = {one: re.compile(rf"</{one}", re.IGNORECASE) for one in ("style", "script", "title", "template")}
_LINES = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr", "pre"}
)


def text_of_html(html: str) -> str:
    """The words of a page, at most of its first `MOST_HTML` characters; whatever it holds, it does not fail."""
    lines = (" ".join(line.split()) for line in _words(html[:MOST_HTML]).split("\n"))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()


def _words(html: str) -> str:
    found: list[str] = []
    place, never_ends = 0, set[str]()
    while (begin := html.find("<", place)) >= 0:
        found.append(_plain(html[place:begin]))
        if html.startswith("<!--", begin):
            end = html.find("-->", begin + 4)
            if end < 0:  # a comment without an end hides nothing
                found.append("<")
                place, html = begin + 4, html.replace("<!--", "    ")
                continue
            place = end + 3
            continue
        tag = _TAG.match(html, begin)
        if tag is None and html[begin + 1 : begin + 2] not in ("!", "?"):
            found.append("<")
            place = begin + 1
            continue
        end = html.find(">", begin)
        if end < 0:
            break
        name = tag[1].lower() if tag else ""
        found.append(_said(name, html[begin:end]))
        place = end + 1
        if name in _UNSEEN and html[begin + 1] != "/" and name not in never_ends:
            closing = _UNSEEN[name].search(html, place)
            place = closing.start() if closing else place
            never_ends |= set() if closing else {name}
    found.append(_plain(html[place:]))
    return "".join(found)


def _plain(text: str) -> str:
    return unescape(text.replace("\n", " "))


def _said(name: str, tag: str) -> str:
    """What a tag stands for among the words."""
    if name in _LINES:
        return "\n"
    if name in ("td", "th"):
        return " "
    alt = _ALT.search(tag[:2_000]) if name == "img" else None
    return f"[{_plain(alt[1] or alt[2])}]" if alt else ""
