"""Mails as they come, everyday ones and hostile ones; fabricated."""

import base64
from email.message import EmailMessage

HEAD = b"From: Maud Sabran <dgs@vernolles.example>\r\nTo: signalement@us.example\r\nSubject: Fuite\r\n"


def plain(subject: str = "Fuite", text: str = "Nos dossiers sont en ligne.", **headers: str) -> bytes:
    """A plain mail of a client; `headers` with _ for -."""
    message = EmailMessage()
    message["From"] = headers.pop("From", "Maud Sabran <dgs@vernolles.example>")
    message["To"] = "signalement@us.example"
    message["Subject"] = subject
    message["Date"] = "Sat, 21 Nov 2026 10:00:00 +0100"
    message["Message-ID"] = headers.pop("Message_ID", "<m1@vernolles.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def with_files() -> bytes:
    """Words, a picture within them, a file, and a forwarded mail that has one itself."""
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "pirate@evil.example", "Vos données"
    inner.set_content("Voici un extrait.")
    inner.add_attachment(b"nom;iban\r\n", maintype="text", subtype="csv", filename="extrait.csv")
    message = EmailMessage()
    message["From"], message["Subject"] = "dgs@vernolles.example", "TR: Vos données"
    message.set_content("Nous avons reçu ceci.")
    message.add_alternative("<p>Nous avons <b>reçu</b> ceci.<img src='cid:1'></p>", subtype="html")
    html = list(message.iter_parts())[1]
    assert isinstance(html, EmailMessage)
    html.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<1>")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="../../capture d’écran.pdf")
    message.add_attachment(inner)
    return message.as_bytes()


DELIVERY_STATUS = (
    b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    b"--b\r\n\r\nNot delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    b"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
)
WINMAIL = (
    HEAD + b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.b64encode(b"\x78\x9f\x3e\x22rest")
)  # fmt: skip
HTML_ONLY = (
    HEAD + b"Content-Type: text/html; charset=iso-8859-1\r\n\r\n<head><style>p{color:red}</style></head>"
    b"<p>L'\xe9t\xe9 &amp; l&#39;hiver</p><script>alert(1)</script><table><tr><td>a<td>b</table>"
)
NESTED = HEAD + b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (one, one) for one in range(150)
)

HOSTILE = {
    "nothing": b"",
    "no head": b"\r\n\r\nwords",
    "bytes": bytes(range(256)) * 20,
    "raw bytes in the head": b"From: \xff\xfe <a@b.example>\r\nSubject: caf\xe9\r\n\r\nl'\xe9t\xe9",
    "lies about its charset": HEAD + b"Content-Type: text/plain; charset=utf-16\r\n\r\nl'\xc3\xa9t\xc3\xa9\r\n!",
    "a codec that is none": HEAD + b"Content-Type: text/plain; charset=idna\r\n\r\nxn--a.b",
    "unknown charset": b"Subject: =?x-none?q?=e9?=\r\nContent-Type: text/plain; charset=x-none\r\n\r\n\xe9",
    "broken words": b"Subject: =?utf-8?b?!!!?= =?utf-8?b?YQ?= =?a?q? =?a?q?\r\n\r\nx",
    "parameters that cannot be sorted": HEAD + b"Content-Type: text/plain; name*0=a; name*=b; name*1*=c\r\n\r\nx",
    "parameters without end": HEAD + b"Content-Type: text/plain; " + b"a=b;" * 50_000 + b"\r\n\r\nx",
    "comments in comments": b"From: " + b"(" * 50_000 + b"\r\n\r\nx",
    "addresses without end": b"From: " + b"a@b.example," * 20_000 + b"\r\n\r\nx",
    "nested without end": NESTED,
    "mails in mails": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 180 + b"x",
    "boundaries without end": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 30_000,
    "no boundary": HEAD + b"Content-Type: multipart/mixed\r\n\r\nwords",
    "uuencoded": HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n!!\r\nend\r\n",
    "broken base64": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n=!=A\r\n",
    "NUL": b"Subject: a\0b\r\nFrom: a\0@b.example\r\n\r\na\0b",
    "date of no calendar": b"Date: Thu, 99 Foo 99999 99:99:99 +9999\r\n\r\nx",
    "date before time": b"Date: 1 Jan 0001 00:00:00 +1400\r\n\r\nx",
    "tags without end": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<a " * 100_000,
    "comments without end": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<!--" * 100_000,
    "head without end": b"X: y\r\n" * 20_000 + b"\r\nx",
    "folded without end": b"Subject: y\r\n " * 1 + b"y\r\n " * 50_000 + b"\r\n\r\nx",
    "utf-7": HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA-",
}  # fmt: skip
