"""The parts that all senders share: bytes, dates, addresses, words, identities."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.alert import Entity, EntityKind, Severity, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.parts.entities import (
    ENTITY_LIMIT,
    address_of,
    entity,
    first_value,
    gathered,
    host_of,
    range_of,
)
from breach_service.sources.parts.identity import fingerprint_of, given_fingerprint
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import records_in
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import LABEL_LIMIT, labels_of, records_at, text_at, texts_at, whole_number_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.request import Delivery

INSTANT = datetime(2026, 11, 22, 18, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1}',
        b'\xef\xbb\xbf \t\r\n{"a": 1}\n',
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-16-le"),
        '{"a": 1}'.encode("utf-32"),
        b'[{"a": 1}]',
        b'\x1e{"a": 1}\n',
    ],
)
def test_one_record_is_read_however_it_is_wrapped(body: bytes) -> None:
    """Byte order marks, white space, wide encodings, an array of one, a text sequence."""
    assert records_in(body, "x") == [{"a": 1}]


def test_records_without_a_line_end_between_them_are_read() -> None:
    """Arrays and objects, one after the other."""
    assert records_in(b'{"a": 1}{"a": 2} [{"a": 3}]', "x") == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_numbers_are_exact() -> None:
    """No number passes through a double; decimals stay as written, and what is no number is nothing."""
    (record,) = records_in(b'{"i": 18446744073709551617, "d": 0.10, "e": 1E+999999999, "n": NaN, "x": -Infinity}', "x")
    assert record == {"i": 18446744073709551617, "d": "0.10", "e": "1E+999999999", "n": None, "x": None}
    (huge,) = records_in(b'{"i": ' + b"9" * 5000 + b"}", "x")
    assert huge["i"] == "9" * 5000


def test_a_stray_byte_or_a_raw_tab_does_not_lose_the_record() -> None:
    """Log lines carry what their programs wrote."""
    assert records_in(b'{"a": "caf\xe9\tnoir"}', "x") == [{"a": "caf\ufffd\tnoir"}]


@pytest.mark.parametrize("body", [b"", b"  \n", b"\xef\xbb\xbf", b"\x00\x00"])
def test_an_empty_body_says_so(body: bytes) -> None:
    """White space and marks are nothing."""
    with pytest.raises(UnreadablePayload, match="is empty; expected sheep"):
        records_in(body, "sheep")


def test_deep_nesting_is_refused_in_words() -> None:
    """A body of brackets exhausts the parser, not the service."""
    with pytest.raises(UnreadablePayload, match="nested too deeply"):
        records_in(b"[" * 200_000, "x")


def test_messages_do_not_quote_the_body() -> None:
    """Bodies hold personal data and secrets; the message gives the place."""
    with pytest.raises(UnreadablePayload) as unreadable:
        records_in(b'{"password": hunter2}', "x")
    assert "hunter2" not in str(unreadable.value)
    assert "line 1, column 14" in str(unreadable.value)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-22T18:28:12Z",
        "2026-11-22T18:28:12z",
        "2026-11-22t18:28:12.0Z",
        "2026-11-22T18:28:12.000000000Z",
        "2026-11-22T19:28:12+01:00",
        "2026-11-22T19:28:12+0100",
        "2026-11-22T19:28:12+01",
        "2026-11-22T13:58:12-04:30",
        "2026-11-22 18:28:12 +0000 UTC",
        "2026-11-22 19:28:12 +0100 CET m=+0.000123",
        "2026-11-22 18:28:12 (UTC)",
        "2026-11-22 18:28:12 GMT",
        "2026/11/22 18:28:12 GMT",
        "Sun Nov 22 18:28:12 UTC 2026",
        "Sun Nov 22 19:28:12 CET 2026",
        " 2026-11-22T18:28:12Z ",
        1795372092,
        1795372092000,
        1795372092000000,
        1795372092000000000,
        "1795372092",
        "1795372092.0",
        "1795372092000",
        "1795372092000000000",
    ],
)
def test_one_instant_has_many_spellings(written: str | int) -> None:
    """All of them are the same instant in UTC."""
    assert instant_in(written) == INSTANT


def test_fractions_of_a_second_are_kept_to_the_microsecond() -> None:
    """Nanoseconds are cut, in every unit."""
    exact = INSTANT + timedelta(microseconds=366011)
    assert instant_in("2026-11-22 18:28:12.366011831 +0000 UTC") == exact
    assert instant_in("1795372092.366011831") == exact
    assert instant_in("1795372092366.011") == exact
    assert instant_in(1795372092366011831) == exact


@pytest.mark.parametrize(
    "written",
    [
        None,
        True,
        [],
        {},
        1.5,
        0,
        -1,
        10**30,
        20261122182812,
        "",
        "yesterday",
        "0001-01-01T00:00:00Z",
        "0000-00-00T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "2026-11-22T18:28:12",
        "2026-11-22",
        "Sun Nov 22 18:28:12 XYZ 2026",
        "2026-13-45T18:28:12Z",
        "2026-11-22T18:28:12+99:99",
        "9999-12-31T23:59:59-12:00",
        "٢٠٢٦-11-22T18:28:12Z",
        "20261122",
        "1795372092x",
    ],
)
def test_what_is_no_usable_instant_is_none(written: object) -> None:
    """Zero dates, dates without a zone, impossible ones and other things never raise."""
    assert instant_in(written) is None


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC)),
    st.integers(-14 * 60, 14 * 60),
)
def test_every_instant_survives_its_iso_form_in_any_zone(instant: datetime, minutes: int) -> None:
    """What Python writes is read back."""
    local = instant.astimezone(timezone(timedelta(minutes=minutes)))
    assert instant_in(local.isoformat()) == instant


@given(
    st.text() | st.integers() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:?\d\d", fullmatch=True)
)
def test_no_date_breaks_the_reading(written: str | int) -> None:
    """An alert is never lost because of its date."""
    instant = instant_in(written)
    assert instant is None or instant.tzinfo is UTC


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7:51022 ", "203.0.113.7"),
        ("203.0.113.7/32", "203.0.113.7"),
        ("2001:DB8:0:0::00ff", "2001:db8::ff"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:10.0.7.3", "10.0.7.3"),
        ("127.0.0.1", None),
        ("::1", None),
        ("0.0.0.0", None),
        ("010.0.0.1", None),
        ("web-01", None),
        ("web-01:80", None),
        ("", None),
        ("12345", None),
    ],
)
def test_an_address_has_one_spelling(written: str, address: str | None) -> None:
    """With a port, in brackets, with a zone, mapped: the same address. Loopback names no machine."""
    assert address_of(written) == address


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("Web-01", "web-01"),
        ("web-01.Example.FR.", "web-01.example.fr"),
        ("web-01:9100", "web-01"),
        ("https://user@Shop.example.fr:8443/health?x=1", "shop.example.fr"),
        ("SRV_PAIE", "srv_paie"),
        ("10.0.0.1:9100", None),
        ("127.0.0.1:9100", None),
        ("[::1]:9100", None),
        ("::1", None),
        ("localhost", None),
        ("pc 7", None),
        ("web-01:http", None),
        ("-", None),
        ("x" * 300, None),
        ("", None),
    ],
)
def test_a_host_has_one_spelling(written: str, host: str | None) -> None:
    """In lower case, without port, scheme or last dot; addresses and blanks are no hosts."""
    assert host_of(written) == host


@pytest.mark.parametrize(
    ("kind", "written", "found"),
    [
        (EntityKind.HOST, "10.0.3.14:9100", Entity(EntityKind.ADDRESS, "10.0.3.14")),
        (EntityKind.HOST, "http://10.0.3.14:9100/metrics", Entity(EntityKind.ADDRESS, "10.0.3.14")),
        (EntityKind.ADDRESS, "10.0.3.0/24", None),
        (EntityKind.SOURCE_ADDRESS, "203.0.113.9/24", Entity(EntityKind.SOURCE_ADDRESS, "203.0.113.0/24")),
        (EntityKind.SOURCE_ADDRESS, "not/one", None),
        (EntityKind.SOURCE_ADDRESS, "123", None),
        (EntityKind.FILE_HASH, "D41D8CD98F00B204E9800998ECF8427E", None),
        (EntityKind.FILE_HASH, "d41d8cd9", None),
        (EntityKind.USER, " alice\x00 ", Entity(EntityKind.USER, "alice")),
        (EntityKind.USER, "-", None),
        (EntityKind.USER, "", None),
        (EntityKind.PROCESS, "p" * 900, Entity(EntityKind.PROCESS, "p" * 499 + "…")),
    ],
)
def test_an_entity_is_canonical_or_none(kind: EntityKind, written: str, found: Entity | None) -> None:
    """What names nothing of its kind is left out; a host that is an address becomes one."""
    if kind is EntityKind.FILE_HASH and len(written) == 32:
        found = Entity(kind, written.lower())
    assert entity(kind, written) == found


def test_a_range_that_is_none_is_none() -> None:
    """A range is canonical, whatever address of it is written."""
    assert range_of("203.0.113.77/24") == "203.0.113.0/24"
    assert range_of("nowhere") is None


def test_entities_are_sorted_without_doubles_and_not_without_end() -> None:
    """A sender that lists a thousand accounts does not fill the incident with them."""
    many = [Entity(EntityKind.USER, f"user-{number:04}") for number in range(1000)]
    host = Entity(EntityKind.HOST, "web-01")
    kept = gathered([None, *reversed(many)], [host, host])
    assert kept == (host, *many[:ENTITY_LIMIT])
    assert first_value(kept, EntityKind.FILE, EntityKind.USER) == "user-0000"
    assert first_value(kept, EntityKind.FILE) == ""


@given(st.lists(st.text()), st.lists(st.text()))
def test_different_parts_have_different_fingerprints(one: list[str], other: list[str]) -> None:
    """("ab", "c") and ("a", "bc") are two problems, whatever characters are in them."""
    assert (fingerprint_of(*one) == fingerprint_of(*other)) == (one == other)


@given(st.text(st.characters()))
def test_a_given_identity_becomes_a_short_printable_one(identity: str) -> None:
    """Lone halves of characters, line ends and books included."""
    assert len(given_fingerprint(identity)) <= 64
    assert given_fingerprint(identity).isprintable()


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("Critical", "critical"),
        (" élevé ", "high"),
        ("moderate", "medium"),
        ("mineur", "low"),
        ("none", "info"),
        ("", "unknown"),
        ("7", "unknown"),
        ("purple", "unknown"),
    ],
)
def test_severity_words_are_five_steps_or_unknown(word: str, severity: str) -> None:
    """An unknown word never becomes low."""
    assert severity_of_word(word) is Severity(severity)


@pytest.mark.parametrize(
    ("name", "signal"),
    [
        ("DNSTunnelDetected", Signal.EXFILTRATION),
        ("Exfiltration de données", Signal.EXFILTRATION),
        ("webshell found", Signal.WEB_SHELL),
        ("Leaked API key on a public page", Signal.LEAKED_SECRET),
        ("Fuite de données clients", Signal.DATA_EXPOSURE),
        ("S3BucketPublic", Signal.DATA_EXPOSURE),
        ("SSHBruteForce", Signal.BRUTE_FORCE),
        ("Échecs d’authentification répétés", Signal.BRUTE_FORCE),
        ("too_many_failed_logins", Signal.BRUTE_FORCE),
        ("ImpossibleTravel", Signal.SUSPICIOUS_LOGIN),
        ("AdminLogin", Signal.SUSPICIOUS_LOGIN),
        ("RansomwareCanaryTouched", Signal.MALWARE),
        ("Rançongiciel", Signal.MALWARE),
        ("SqlInjection", Signal.WEB_EXPLOIT),
        ("NewAdminUser", Signal.PRIVILEGE_CHANGE),
        ("CVE-2026-1 in base image", Signal.VULNERABILITY),
        ("PortScan", Signal.SCAN),
        ("FileIntegrityViolation", Signal.INTEGRITY_CHANGE),
        ("SauvegardeEnÉchec", Signal.BACKUP_FAILED),
        ("BackupServerDown", Signal.BACKUP_FAILED),
        ("Intrusion détectée", Signal.ANOMALY),
        ("NodeHighCpuLoad", Signal.OPERATIONS),
        ("LoginLatencyHigh", Signal.OPERATIONS),
        ("KubePodCrashLooping", Signal.UNAVAILABILITY),
        ("TargetDown", Signal.UNAVAILABILITY),
        ("AbsentMetrics", Signal.UNAVAILABILITY),
        ("BlackboxProbeFailed", Signal.UNAVAILABILITY),
        ("IMAP authentication success", Signal.ROUTINE),
        ("Login session closed", Signal.ROUTINE),
        ("Successful login from an unknown country", Signal.SUSPICIOUS_LOGIN),
        ("Admin login outside business hours", Signal.SUSPICIOUS_LOGIN),
        ("New login parameter in audit log", Signal.ANOMALY),
        ("New login from Oslo", Signal.SUSPICIOUS_LOGIN),
        ("Attempt to log in as nobody", Signal.BRUTE_FORCE),
        ("User missed the password three times", Signal.BRUTE_FORCE),
        ("New header in HTTP requests", Signal.ANOMALY),
        ("New errors in application logs", Signal.OPERATIONS),
        ("CPU deviates from its average", Signal.OPERATIONS),
        ("High entropy in user agent", Signal.ANOMALY),
        ("Repeated 404 responses to one client", Signal.SCAN),
        ("Web server 404 error code", Signal.OPERATIONS),
        ("Attempt to access forbidden directory", Signal.SCAN),
        ("User changed UID", Signal.PRIVILEGE_CHANGE),
        ("su executed for the first time", Signal.PRIVILEGE_CHANGE),
        ("ClamAV database updated", Signal.ROUTINE),
        ("Host blocked by active response", Signal.ROUTINE),
        ("Package openssl installed", Signal.OPERATIONS),
        ("DownloadRateHigh", None),
        ("DeploymentScaleDown", Signal.OPERATIONS),
        ("", None),
        ("Nothing to see", None),
    ],
)
def test_a_name_tells_its_signal(name: str, signal: Signal | None) -> None:
    """However it is written, in English or French; attacks before the running of machines."""
    assert signal_of_words(name) is signal


def test_the_first_text_that_tells_decides() -> None:
    """Later texts are only asked where earlier ones are silent."""
    assert signal_of_words("Rule 17", "malware", "backup") is Signal.MALWARE


def test_text_is_made_safe_to_store_and_to_show() -> None:
    """No control characters, no lone halves, nothing that turns the direction of writing; sane lengths."""
    assert plain_text("a\x00b\x1b[31m\ud800\u202egpj.exe\r\nc\u2028d") == "ab[31mgpj.exe\nc\nd"
    assert plain_line(" one\n\ttwo   three ") == "one two three"
    assert plain_line("x" * 400) == "x" * 299 + "…"
    assert len(plain_text("y" * 10**6)) == 2000


@given(st.text(st.characters()), st.integers(2, 50))
def test_text_is_never_longer_than_asked_and_always_encodes(text: str, limit: int) -> None:
    """PostgreSQL takes no zero bytes, UTF-8 no lone halves."""
    for safe in (plain_text(text, limit), plain_line(text, limit)):
        assert len(safe) <= limit
        assert b"\x00" not in safe.encode()
    assert "\n" not in plain_line(text, limit)


def test_looking_up_never_trusts_the_shape() -> None:
    """Lists, numbers and gaps on the way are answered with nothing."""
    record = {"a": {"b": [" x ", 2, None, ""]}, "n": "12.0", "m": "12.5", "l": [{"k": 1}, 3], "t": True, "e": []}
    assert text_at(record, "a", "b") == "x"
    assert text_at(record, "a", "b", "c") == text_at(record, "e") == text_at(record, "a") == ""
    assert texts_at(record, "a", "b") == ("x", "2")
    assert texts_at(record, "t") == ("true",)
    assert (whole_number_at(record, "n"), whole_number_at(record, "m")) == (12, None)
    assert records_at(record, "l") == ({"k": 1},)
    assert records_at(record, "t") == ()


def test_labels_are_sorted_and_not_without_end() -> None:
    """Empty labels and those that are no text are left out; the rest is kept up to a limit, whatever its order."""
    assert labels_of({"b": 1, "a": "x\x00", "c": None, "d": ""}) == {"a": "x", "b": "1"}
    many = {f"label-{number:03}": "x" for number in range(200)}
    assert list(labels_of(dict(reversed(many.items())))) == list(many)[:LABEL_LIMIT]


def test_a_delivery_keeps_its_secrets_out_of_logs() -> None:
    """Neither body nor headers are in its repr."""
    shown = repr(Delivery(b"secret body", {"authorization": "Bearer secret"}, "a=b", INSTANT))
    assert "secret" not in shown
