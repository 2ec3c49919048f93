"""What was typed stands in the page again, and nothing else of it changes."""

from hypothesis import given
from hypothesis import strategies as st

from breach_service.web.refill import refilled
from tests.web.edge import forms_in

PAGE = """<main><details class="acts"><summary>Actes</summary>
<form method="post" action="/act"><input type="hidden" name="obligation" value="1">
<input name="reason" value=""><input type="password" name="secret"></form>
<form method="post" action="/act"><input type="hidden" name="obligation" value="2">
<input name="reason" value="before" required><input type="datetime-local" name="at">
<input type="radio" name="outcome" value="yes" checked><input type="radio" name="outcome" value="no">
<input type="checkbox" name="who" value="a" checked><input type="checkbox" name="who" value="b">
<select name="kind"><option value="">–</option>
<option value="x" selected>X</option><option value="y">Y</option></select>
<textarea name="note">é
è</textarea><button name="do" value="go">Go</button></form></details><p>after &amp; all</p></main>"""
TYPED = {
    "obligation": ["2"], "reason": ['<b>"quoted"</b>'], "at": ["2026-11-23T10:00"], "outcome": ["no"], "who": ["b"],
    "kind": ["y"], "note": ["un\n<deux>"], "secret": ["never"],
}  # fmt: skip


def test_each_field_holds_what_was_typed() -> None:
    again = refilled(PAGE, "/act", TYPED, "<p>wrong</p>", "/page?a=1")
    assert again is not None
    assert '<input name="reason" value="&lt;b&gt;&quot;quoted&quot;&lt;/b&gt;"' not in again.partition('value="2"')[0]
    second = "<form" + again.split("<form")[2]
    form = forms_in(f"<main>{second}")["/act"]
    assert form.fields["reason"] == ['<b>"quoted"</b>']
    assert form.fields["at"] == ["2026-11-23T10:00"]
    assert form.fields["outcome"] == ["no"]
    assert form.fields["who"] == ["b"]
    assert form.fields["kind"] == ["y"]
    assert form.fields["note"][0].lstrip("\n") == "un\n<deux>"
    assert form.fields["_page"] == ["/page?a=1"]
    assert "never" not in again


def test_what_is_folded_away_is_opened_and_the_rest_stays() -> None:
    again = refilled(PAGE, "/act", TYPED, "<p>wrong</p>", "/page") or ""
    assert '<details class="acts" open>' in again
    assert again.endswith("<p>after &amp; all</p></main>")
    assert again.index("<p>wrong</p>") > again.index('value="1"')
    assert refilled(PAGE, "/another", TYPED, "", "/page") is None


@given(st.text(), st.text())
def test_no_text_breaks_out_of_its_field(reason: str, note: str) -> None:
    typed = {**TYPED, "reason": [reason], "note": [note]}
    again = refilled(PAGE, "/act", typed, "<p>wrong</p>", "/page") or ""
    assert again.count("<form") == again.count("</form>") == 2
    assert again.count("<textarea") == again.count("</textarea>") == 1
    assert again.endswith("<p>after &amp; all</p></main>")
