"""Lines of text: what their headers say, what hostile ones do, and what a body of them is."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.alert import Alert, AlertStatus, Severity, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.lines.cef import cef_of
from breach_service.sources.lines.filterlog import packet_of
from breach_service.sources.lines.key_values import bracketed_pairs_in, is_line_of_pairs, pairs_in
from breach_service.sources.lines.leef import leef_of
from breach_service.sources.lines.log_event import masked, severity_of_ten
from breach_service.sources.lines.signals import signal_of_attack, signal_of_message
from breach_service.sources.lines.syslog import syslog_line
from breach_service.sources.parts.written_dates import written_instant, zone_of
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.senders.firewall import SOURCE
from breach_service.sources.understanding import UNDERSTOOD_AS, understood

RECEIVED_AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
CET = timezone(timedelta(hours=1))
MEGABYTE = 1_000_000
HEADERS = ("", "<34>Nov 22 19:00:00 h sshd[1]: ", "<134>1 2026-11-22T19:00:00Z h p - - [", "CEF:0|a|b|c|d|e|5|")
PIECES = [
    "a",
    "=",
    "a=",
    'a="',
    "\\",
    'a="\\" ',
    "[1:",
    "<1>",
    "CEF:0|",
    "LEEF:1.0|",
    "%ASA-",
    "1|a",
    "x:",
    "a.",
    "a1 -> ",
]
PIECES += [
    "user ",
    "from ",
    '{"a":',
    "[[",
    "pam_unix(",
    "SRC=1 DST=2 ",
    "1,",
    "\x00x",
    "é",
    "1:",
    "failed login ",
    'a:"x; ',
]


def alerts_of(
    text: str | bytes, *, received_at: datetime = RECEIVED_AT, headers: dict[str, str] | None = None
) -> list[Alert]:
    body = text if isinstance(text, bytes) else text.encode()
    return SOURCE.normalise("probe", Delivery(body, headers or {}, "", received_at))


@pytest.mark.parametrize(
    ("text", "severity", "host", "program", "message"),
    [
        ("<34>Nov 22 19:00:00 web-01 su: refused", 2, "web-01", "su", "refused"),
        ("Nov  2 19:00:00 web-01 sshd[12]: hello", None, "web-01", "sshd", "hello"),
        ("Nov 22 19:00:00 sshd[12]: hello", None, "", "sshd", "hello"),
        ("2026-11-22T19:00:00+01:00 web-01 app.sub[1]: hello", None, "web-01", "app.sub", "hello"),
        ("Nov 22 19:00:00 2001:db8::1 app: hello", None, "2001:db8::1", "app", "hello"),
        ("<134>1 - h a 1 m - \ufeffhello", 6, "h", "a", "hello"),
        ("<134>1 - - - - - -", 6, "", "", ""),
        ("83 <34>1 - h - - - - counted", 2, "h", "", "counted"),
        ("<166>Nov 22 2026 19:00:00 fw01 : %ASA-6-302013: Built", 6, "fw01", "", "%ASA-6-302013: Built"),
        ("<189>12: sw1: *Nov 22 19:00:00.123 CET: %SYS-5-CONFIG_I: x", 5, "sw1", "", "%SYS-5-CONFIG_I: x"),
        ("<13>Nov 22 19:00:00 fw CEF:0|a|b", 5, "fw", "", "CEF:0|a|b"),
        ("<13>Nov 22 19:00:00 fw id=firewall a=b", 5, "fw", "", "id=firewall a=b"),
        ("<999>hello", None, "", "", "hello"),
        ("error: something: else", None, "", "", "error: something: else"),
        ("", None, "", "", ""),
    ],
)
def test_a_header_is_told_from_its_message(
    text: str, severity: int | None, host: str, program: str, message: str
) -> None:
    """Whatever of priority, time, host and program is there or missing."""
    line = syslog_line(text, RECEIVED_AT)
    assert (line.severity, line.host, line.program, line.message) == (severity, host, program, message)


def test_structured_data_are_members() -> None:
    """Escapes within them are those of RFC 5424; the first of each name stands."""
    line = syslog_line(r'<134>1 - h a - - [x@1 k="a \" b" l="c\]"][y k="z" m=""] text', RECEIVED_AT)
    assert dict(line.data) == {"k": 'a " b', "l": "c]", "m": ""}
    assert line.message == "text"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Nov 22 19:00:00", None),
        ("Nov 22 19:00:00 UTC", datetime(2026, 11, 22, 19, tzinfo=UTC)),
        ("Dec 31 23:59:59 UTC", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("*Nov 22 2026 19:00:00.123 CET", datetime(2026, 11, 22, 18, 0, 0, 123000, tzinfo=UTC)),
        ("Nov 22 19:00:00 2026 +0100", datetime(2026, 11, 22, 18, tzinfo=UTC)),
        ("2026/11/22 19:00:00", None),
        ("2026-11-22T19:00:00,5Z", datetime(2026, 11, 22, 19, 0, 0, 500000, tzinfo=UTC)),
        ("Feb 30 19:00:00 UTC", None),
        ("Xyz 22 19:00:00 UTC", None),
    ],
)
def test_a_written_date_is_an_instant_only_with_a_zone(text: str, instant: datetime | None) -> None:
    """The year that is not written is the one that brings it nearest to the receipt."""
    assert written_instant(text, RECEIVED_AT) == instant


def test_the_year_turns_with_the_receipt() -> None:
    """A line of December that arrives in January is of last year, and the reverse where clocks are ahead."""
    january, december = datetime(2027, 1, 1, 0, 5, tzinfo=UTC), datetime(2026, 12, 31, 23, 58, tzinfo=UTC)
    assert written_instant("Dec 31 23:59:59", january, UTC) == datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert written_instant("Jan  1 00:00:01", december, UTC) == datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert written_instant("Feb 29 12:00:00", datetime(2028, 3, 1, tzinfo=UTC), UTC) == datetime(
        2028, 2, 29, 12, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("CET", 1),
        ("+0100", 1),
        ("+01:00", 1),
        ("UTC+2", 2),
        ("+11", 11),
        ('"-0330"', -3.5),
        ("Z", 0),
        ("IST", None),
        ("+9999", None),
    ],
)
def test_a_zone_has_one_meaning_or_none(text: str, hours: float | None) -> None:
    """Names that several zones share are none."""
    zone = zone_of(text)
    offset = zone.utcoffset(None) if zone is not None else None
    assert offset == (timedelta(hours=hours) if hours is not None else None)


def test_cef_is_read_with_its_escapes() -> None:
    """Bars and backslashes in the header, equals signs and line ends in values, labels of custom members."""
    event = cef_of(
        r"x CEF: 0|Ve\|n|P\\r|1|id|A name|7|msg=a\=b c=d\nnext cs1=Some rule cs1Label=Rule Name empty= z.y=1 2"
    )
    assert event is not None
    assert (event.vendor, event.product, event.event_id, event.name, event.severity) == (
        "Ve|n",
        "P\\r",
        "id",
        "A name",
        "7",
    )
    assert event.fields["msg"] == "a=b"
    assert event.fields["c"] == "d\nnext"
    assert (event.fields["Rule Name"], event.fields["empty"], event.fields["z.y"]) == ("Some rule", "", "1 2")
    assert cef_of("CEF:0|too|short") is None


@pytest.mark.parametrize(
    "text",
    [
        "LEEF:1.0|V|P|1|id|src=1.2.3.4\tmsg=a b=c",
        "LEEF:2.0|V|P|1|id|^|src=1.2.3.4^msg=a b=c",
        "LEEF:2.0|V|P|1|id|0x7c|src=1.2.3.4|msg=a b=c",
        "LEEF:2.0|V|P|1|id|src=1.2.3.4\tmsg=a b=c",
        "h LEEF:1.0|V|P|1|id|src=1.2.3.4#011msg=a b=c",
        "1.0|V|P|1|id|src=1.2.3.4\tmsg=a b=c",
    ],
)
def test_leef_is_read_with_its_delimiter(text: str) -> None:
    """The tab of version 1, whatever version 2 names, and what rsyslog makes of a tab."""
    event = leef_of(text)
    assert event is not None
    assert (event.vendor, event.event_id, event.fields) == ("V", "id", {"src": "1.2.3.4", "msg": "a b=c"})


def test_pairs_keep_what_stands_in_quotes() -> None:
    """Escaped quotes, blanks, dates without quotes, empty values; commas part them only where they part all."""
    assert pairs_in(r'a="x \"y\" =z" b= c=2026-11-22 19:00:00 d=e,f a=second') == {
        "a": 'x "y" =z',
        "b": "",
        "c": "2026-11-22 19:00:00",
        "d": "e,f",
    }
    assert pairs_in('date=2026-11-22,time=19:00:00,msg="a, b",n=1') == {
        "date": "2026-11-22",
        "time": "19:00:00",
        "msg": "a, b",
        "n": "1",
    }
    assert not is_line_of_pairs("the value x=1 was set", pairs_in("the value x=1 was set"))
    assert bracketed_pairs_in(r'[action:"Drop"; rule:"a \]"; ike::"x"; ]') == {
        "action": "Drop",
        "rule": "a ]",
        "ike": "x",
    }


@pytest.mark.parametrize("text", ["", "a,b", "5,,,1,igb0,match,block", "5,,,1,igb0,match,block,sideways,4", "x" * 100])
def test_what_is_no_packet_is_none(text: str) -> None:
    """Lines of other programs with commas in them."""
    assert packet_of(text) is None


def test_what_varies_is_no_part_of_what_is_said() -> None:
    """Numbers, addresses and times are left out, words stay."""
    assert masked("Order 4711 of 192.0.2.1 failed at 19:00") == masked("order 4712 of 192.0.2.2 failed at 20:15")
    assert masked("order failed") != masked("order shipped")


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("0", Severity.LOW),
        ("3", Severity.LOW),
        ("4", Severity.MEDIUM),
        ("7", Severity.HIGH),
        ("10", Severity.CRITICAL),
        ("Very-High", Severity.CRITICAL),
        ("Unknown", Severity.UNKNOWN),
        ("99", Severity.UNKNOWN),
        ("", Severity.UNKNOWN),
    ],
)
def test_ten_is_the_worst_of_cef(word: str, severity: Severity) -> None:
    """Numbers and words; what means nothing stays unknown."""
    assert severity_of_ten(word) is severity


@pytest.mark.parametrize(
    ("name", "signal"),
    [
        ("MS.SMB.Server.Trans.Peeking.Data.Information.Disclosure", Signal.WEB_EXPLOIT),
        ("SSH: User Authentication Brute Force Attempt", Signal.BRUTE_FORCE),
        ("tcp_syn_flood", Signal.UNAVAILABILITY),
        ("Backdoor.Cobalt.Strike.Beacon", Signal.MALWARE),
        ("ASPXSpy WebShell", Signal.WEB_SHELL),
        ("DNS Tunneling", Signal.EXFILTRATION),
        ("Protocol violation", Signal.ANOMALY),
    ],
)
def test_a_signature_says_what_it_found(name: str, signal: Signal) -> None:
    """By the words that vendors put into the names of their signatures."""
    assert signal_of_attack(name) is signal


@pytest.mark.parametrize(
    ("message", "severity", "signal"),
    [
        ("session opened for user root by root(uid=0)", 6, Signal.ROUTINE),
        ("Virus signature database updated", 6, Signal.ROUTINE),
        ("Backup job has been started", 6, Signal.ROUTINE),
        ("Sauvegarde terminée avec des erreurs: échec", 4, Signal.BACKUP_FAILED),
        ("User admin logged in from 192.0.2.1", 6, Signal.OPERATIONS),
        ("Échec de connexion de l’utilisateur", 5, Signal.BRUTE_FORCE),
        ("IPsec tunnel to Lyon is down", 4, Signal.OPERATIONS),
        ("nothing that anybody knows", 3, Signal.OPERATIONS),
        ("nothing that anybody knows", 6, Signal.ROUTINE),
    ],
)
def test_a_sentence_is_told_by_its_words(message: str, severity: int, signal: Signal) -> None:
    """What went well is routine; what is marked as an error is at least about the running of machines."""
    assert signal_of_message(message, severity) is signal


def test_one_attacker_on_two_machines_is_two_problems_and_on_one_machine_one() -> None:
    """Names that are tried and ports do not matter; the machine and the attacker do."""
    lines = [
        "<38>Nov 22 19:00:00 web-01 sshd[1]: Failed password for invalid user a from 203.0.113.9 port 1 ssh2",
        "<38>Nov 22 20:10:07 web-01 sshd[2]: Failed password for root from 203.0.113.9 port 2 ssh2",
        "<38>Nov 22 20:10:07 web-02 sshd[2]: Failed password for root from 203.0.113.9 port 2 ssh2",
        "<38>Nov 22 20:10:07 web-01 sshd[2]: Failed password for root from 198.51.100.4 port 2 ssh2",
    ]
    first, again, elsewhere, other = (alert.fingerprint for alert in alerts_of("\n".join(lines)))
    assert first == again
    assert len({first, elsewhere, other}) == 3


def test_two_firewalls_that_saw_the_same_say_the_same() -> None:
    """The sensor is no victim: it is neither an entity nor a part of the identity."""
    line = "<164>Nov 22 19:00:00 {} : %ASA-4-106023: Deny tcp src outside:203.0.113.9/1 dst inside:10.0.0.5/22"
    one, two = (alerts_of(line.format(name))[0] for name in ("fw01", "fw02"))
    assert one.fingerprint == two.fingerprint
    assert one.entities == two.entities
    assert (one.labels["device"], two.labels["device"]) == ("fw01", "fw02")


@pytest.mark.parametrize("piece", PIECES)
def test_a_line_of_a_megabyte_is_read_like_any_other(piece: str) -> None:
    """Whatever it is made of, behind whatever header: nothing in it makes the reading slow."""
    for header in HEADERS:
        (alert, *_) = alerts_of(header + "x" + piece * (MEGABYTE // len(piece)))
        assert 0 < len(alert.title) <= 300


def test_thousands_of_lines_are_one_alert_each() -> None:
    """In their order."""
    body = "\n".join(
        f"<38>Nov 22 19:00:00 web-01 sshd[{n}]: Failed password for root from 203.0.113.9 port {n}" for n in range(5000)
    )
    alerts = alerts_of(body)
    assert len(alerts) == 5000
    assert alerts[41].title.endswith("port 41")


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_bytes_that_are_no_text_are_lines_all_the_same(noise: bytes) -> None:
    """Bad encodings and controls are shown without them; an alert is never lost for them."""
    alerts = alerts_of(b"<34>Nov 22 19:00:00 web-01 app: \xff\x00 readable\n" + noise)
    assert "readable" in alerts[0].title or "readable" in alerts[1].title


@given(
    st.lists(
        st.sampled_from(
            ["a=b", 'c="d e"', "CEF:0|", "LEEF:2.0|", "|", "[", "]", "<13>", "1,", "%ASA-4-106023:", "{", '"']
        )
    )
)
@settings(deadline=None)
def test_pieces_of_every_format_in_any_order_make_a_line(pieces: list[str]) -> None:
    """Half a header, half a value: the line is shown as it is."""
    (alert,) = alerts_of("word " + " ".join(pieces))
    assert alert.title


@pytest.mark.parametrize(
    "body", [b"", b"  \n ", b"{}", b'{"foo": 1}', b"[]", b"[1, 2]", b"===", b'{"event_type": null}']
)
def test_what_holds_no_line_is_unreadable(body: bytes) -> None:
    """The sentence says what would have been a line."""
    with pytest.raises(UnreadablePayload, match="lines of text"):
        alerts_of(body)


@pytest.mark.parametrize("kind", ["crowdsec", "wazuh", "alertmanager"])
def test_the_bodies_of_other_senders_are_left_to_them(kind: str, sample: Callable[[str], bytes]) -> None:
    """A monitor that posts to the address of the firewall is understood as what it is."""
    name = {"crowdsec": "ssh_brute_force", "wazuh": "brute_force", "alertmanager": "firing"}[kind]
    delivery = Delivery(sample(f"{kind}/{name}.json"), {}, "", RECEIVED_AT)
    labels = understood(SOURCE, "probe", delivery)[0].labels
    assert labels.get(UNDERSTOOD_AS) in (kind, "json")


def test_the_members_of_a_batch_differ_in_form() -> None:
    """JSON and text in one body, objects that are no lines passed over beside others that are."""
    body = "\n".join(
        ["<34>Nov 22 19:00:00 h su: hello", json.dumps({"message": "from json", "host": "h"}), "{broken", "bare"]
    )
    assert [alert.title for alert in alerts_of(body)] == ["hello", "from json", "{broken", "bare"]
    (only,) = alerts_of(json.dumps([{"foo": 1}, {"message": "hello"}]))
    assert only.title == "hello"


def test_a_zero_byte_ends_a_message_only_before_another() -> None:
    """As some devices send several over one connection; within a message it is left out."""
    assert [alert.title for alert in alerts_of(b"<34>su: one\x00<34>su: two\x00")] == ["one", "two"]
    assert [alert.title for alert in alerts_of(b"<34>su: o\x00n\x00e")] == ["one"]


def test_a_line_may_come_in_the_query() -> None:
    """As a trial with a browser or a very small device sends it."""
    delivery = Delivery(b"", {}, "message=%3C34%3Esu%3A+hello", RECEIVED_AT, "GET")
    assert [alert.title for alert in SOURCE.normalise("probe", delivery)] == ["hello"]


@pytest.mark.parametrize(
    "word", ["syslog", "Stormshield", "fortigate", "pfsense", "palo_alto", "cisco", "checkpoint", "fail2ban"]
)
def test_the_products_are_found_by_their_names(word: str) -> None:
    """`source add --kind` takes the name on the box."""
    assert source_of(word) is SOURCE


def test_the_message_to_try_a_connection_is_a_test() -> None:
    """It opens and joins nothing."""
    (alert,) = alerts_of(SOURCE.test_body())
    assert (alert.status, alert.signal) == (AlertStatus.TEST, Signal.ROUTINE)
    assert json.dumps(alert.title)


@pytest.mark.parametrize(
    ("record", "is_ours"),
    [
        ({"devid": "FG1", "logid": "1"}, True),
        ({"MESSAGE": "x", "PROGRAM": "y"}, True),
        ({"message": "x"}, False),
        ({}, False),
    ],
)
def test_only_members_that_nobody_else_has_are_recognised(record: dict[str, str], is_ours: bool) -> None:
    """FortiGate's ids, and the macros of syslog-ng and of the journal."""
    assert SOURCE.recognises(record) is is_ours


def test_the_receipt_says_no_time_for_the_sender() -> None:
    """A line without a zone has no instant, whenever it arrives."""
    line = "Nov 22 19:00:00 web-01 app: hello"
    assert alerts_of(line) == alerts_of(line, received_at=RECEIVED_AT.astimezone(CET) + timedelta(days=400))


def test_bytes_that_are_no_text_at_all_are_unreadable() -> None:
    """Another protocol on this port is set aside whole, and not read as words; among lines it is told once."""
    noise = bytes(range(1, 256)) * 4
    with pytest.raises(UnreadablePayload):
        alerts_of(noise.replace(b"\n", b"").replace(b"\r", b""))
    line = b"<34>Nov 22 19:00:00 web-01 app: readable\n"
    mixed = alerts_of(line + noise.replace(b"\n", b"").replace(b"\r", b""))
    assert [str(one.signal) for one in mixed][1:] == ["routine"]
