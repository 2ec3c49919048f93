"""Mails that mail services hand on: each in the shape that its service documents, and anything else without a fault."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breach_service.domain.reports import Posted, Subscription, posted_form, posted_json, report_of_mail
from breach_service.domain.reports.automatic import Automatic
from tests.domain.reports.mails import plain

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
POSTMARK: dict[str, Any] = {
    "FromFull": {"Email": "dgs@vernolles.example", "Name": "Zoé Martin", "MailboxHash": ""},
    "From": "Zoé Martin <dgs@vernolles.example>", "To": "signalement@us.example", "Subject": "Dossiers exposés",
    "MessageID": "22c74902-a0c1-4511-804f2-341342852c90", "Date": "Sat, 21 Nov 2026 10:05:00 +0100",
    "TextBody": "Nos dossiers sont en ligne.", "HtmlBody": "",
    "Headers": [{"Name": "Message-ID", "Value": "<m1@vernolles.example>"}],
    "Attachments": [
        {"Name": "aperçu.csv", "Content": base64.b64encode(b"a;b").decode(), "ContentType": "text/csv",
         "ContentLength": 3, "ContentID": ""},
    ],
}  # fmt: skip


def posted(body: Any) -> Posted:
    found = posted_json(json.dumps(body).encode())
    assert isinstance(found, Posted)
    return found


def test_what_postmark_posts_is_the_mail_again() -> None:
    """Who, what, when it was written, and the files; without any header that it did not have."""
    told = report_of_mail(posted(POSTMARK).raw, NOW)
    assert (told.reporter.name, told.reporter.contact) == ("Zoé Martin", "dgs@vernolles.example")
    assert (told.subject, told.words) == ("Dossiers exposés", "Nos dossiers sont en ligne.")
    assert told.written_at == datetime(2026, 11, 21, 9, 5, tzinfo=UTC)
    assert told.message_id == "<m1@vernolles.example>"
    assert [(one.name, one.content, one.media_type) for one in told.attachments] == [("aperçu.csv", b"a;b", "text/csv")]
    assert told.automatic is None


def test_an_automatic_answer_is_known_whichever_way_it_comes() -> None:
    """Its headers come with it."""
    headers = [{"Name": "Auto-Submitted", "Value": "auto-replied"}]
    told = report_of_mail(posted({**POSTMARK, "Headers": headers}).raw, NOW)
    assert told.automatic is Automatic.AUTO_REPLY


def test_where_postmark_sends_the_mail_itself_that_is_taken() -> None:
    """Byte by byte."""
    raw = plain("Sujet", "Un mot")
    assert posted({**POSTMARK, "RawEmail": raw.decode()}).raw == raw


@pytest.mark.parametrize("is_base64", [False, True])
def test_amazon_hands_on_the_mail_and_says_when_it_got_it(is_base64: bool) -> None:
    """In the message of a notification; the content as text or in base64."""
    raw = plain("Sujet", "Un mot")
    content = base64.b64encode(raw).decode() if is_base64 else raw.decode()
    message = {"notificationType": "Received", "mail": {"timestamp": "2026-11-22T07:00:00.000Z"}, "content": content}
    found = posted({"Type": "Notification", "Message": json.dumps(message)})
    assert (found.raw, found.arrived_at) == (raw, datetime(2026, 11, 22, 7, 0, tzinfo=UTC))


def test_amazon_asks_first_whether_its_mails_are_wanted() -> None:
    """That is no mail: whoever set it up opens the address."""
    asked = {"Type": "SubscriptionConfirmation", "SubscribeURL": "https://sns.eu-west-3.amazonaws.com/?x"}
    assert posted_json(json.dumps(asked).encode()) == Subscription("https://sns.eu-west-3.amazonaws.com/?x")


@pytest.mark.parametrize("field", ["body-mime", "email"])
def test_a_form_holds_the_mail_in_a_field(field: str) -> None:
    """Mailgun's and SendGrid's; as text, or as a file of the form."""
    raw = plain("Sujet", "Un mot")
    assert posted_form({field: raw.decode(), "timestamp": "1"}) == Posted(raw)
    assert posted_form({field: raw}) == Posted(raw)
    assert posted_form({"timestamp": "1"}) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[1]", b"null", b'{"Type": "Notification"}', b'{"a": 1}'])
def test_what_holds_no_mail_is_none(body: bytes) -> None:
    """It waits in the queue with its original."""
    assert posted_json(body) is None


WORDS = st.text(max_size=20)
ANYTHING = st.sampled_from([None, True, 7, [], [None], {}, {"timestamp": "x"}, {"Name": 1}]) | WORDS
NAMES = (
    "Type", "Message", "From", "FromFull", "Subject", "Date", "TextBody", "HtmlBody", "Headers", "Attachments",
    "content", "mail", "RawEmail",
)  # fmt: skip
NAMED = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, ANYTHING))
HEADER = st.builds(lambda name, value: {"Name": name, "Value": value}, WORDS, WORDS)
FILE = st.builds(
    lambda name, content, kind: {"Name": name, "Content": content, "ContentType": kind}, WORDS, WORDS, WORDS
)
BUILT = st.builds(
    lambda words, sender, headers, files: {
        "TextBody": words, "HtmlBody": words, "Subject": words, "From": sender, "Headers": headers,
        "Attachments": files,
    },
    WORDS, WORDS, st.lists(HEADER, max_size=3), st.lists(FILE, max_size=2),
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a machine that is busy makes it so
@given(NAMED | BUILT)
def test_nothing_that_is_posted_fails(body: dict[str, Any]) -> None:
    """Whatever stands in it, it is a mail that can be read, or none."""
    found = posted_json(json.dumps(body).encode())
    if isinstance(found, Posted):
        report_of_mail(found.raw, NOW)
