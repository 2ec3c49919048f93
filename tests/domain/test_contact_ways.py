"""Ways to be reached: which addresses may be kept, when it is quiet, in which order."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.contact_ways import QuietHours, Way, WayKind, fault_of_address, normal_address, usable

PARIS = "Europe/Paris"
HOSTS = ("ntfy.us.example", "127.0.0.1:8080")
PROVEN = datetime(2026, 11, 1, tzinfo=UTC)


def paris(hour: int, minute: int = 0, day: int = 23, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(PARIS)).astimezone(UTC)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (WayKind.MAIL, "maud@private.example"),
        (WayKind.SLACK, "U012AB3CD"),
        (WayKind.TELEPHONE, "+33612345678"),
        (WayKind.TELEPHONE, "06 12 34 56 78"),
        (WayKind.NTFY, "ntfys://ntfy.sh/maud-7h3k"),
        (WayKind.NTFY, "ntfys://user:secret@NTFY.us.example/maud"),
        (WayKind.NTFY, "ntfy://ntfy.us.example/maud"),
        (WayKind.WEBHOOK, "json://127.0.0.1:8080/hook"),
        (WayKind.SIGNAL, "signals://ntfy.us.example/+33612345678/+33612345679"),
        (WayKind.SMS, "freemobile://12345678@abcdefgh"),
    ],
)
def test_an_address_of_its_kind_is_taken(kind: WayKind, address: str) -> None:
    assert fault_of_address(kind, address, HOSTS) == ""


@pytest.mark.parametrize(
    ("kind", "address", "sentence"),
    [
        (WayKind.MAIL, "maud", "not an e-mail address"),
        (WayKind.MAIL, "maud@us.example\nBcc: all@us.example", "control characters"),
        (WayKind.SLACK, "#general", "member id"),
        (WayKind.SLACK, "C012AB3CD", "member id"),
        (WayKind.TELEPHONE, "call me", "not a telephone number"),
        (WayKind.TELEPHONE, "112233445566778899001122", "not a telephone number"),
        (WayKind.NTFY, "ntfy://ntfy.sh/maud", "without encryption"),
        (WayKind.NTFY, "ntfys://topic", "names a host"),
        (WayKind.NTFY, "ntfys://ntfy.sh:8443/maud", "may not be reached"),
        (WayKind.NTFY, "https://ntfy.sh/maud", "begins with ntfys://"),
        (WayKind.NTFY, "ntfys://ntfy.sh/maud?attach=file:///etc/passwd", "options are not taken"),
        (WayKind.NTFY, "ntfys://ntfy.sh/maud?verify=no", "options are not taken"),
        (WayKind.NTFY, "ntfys://ntfy.sh/maud#x", "options are not taken"),
        (WayKind.NTFY, "ntfys://ntfy.sh/a/b/c/d/e/f/g", "too deep"),
        (WayKind.WEBHOOK, "jsons://169.254.169.254/latest", "may not be reached"),
        (WayKind.WEBHOOK, "jsons://localhost/x", "may not be reached"),
        (WayKind.WEBHOOK, "json://127.0.0.1:9090/x", "may not be reached"),
        (WayKind.WEBHOOK, "jsons://ntfy.us.example@evil.example/x", "may not be reached"),
        (WayKind.WEBHOOK, "jsons://[::1", "not an address"),
        (WayKind.WEBHOOK, "jsons://h:99999/x", "not an address"),
        (WayKind.WEBHOOK, "syslog://localhost/x", "begins with jsons://"),
        (WayKind.SMS, "jsons://ntfy.us.example/x", "begins with freemobile://"),
        (WayKind.SIGNAL, "", "1 to 500"),
        (WayKind.SIGNAL, "signals://" + "x" * 500, "1 to 500"),
    ],
)
def test_any_other_address_is_refused_without_being_repeated(kind: WayKind, address: str, sentence: str) -> None:
    """The sentence may stand in a log: what is secret in an address does not."""
    said = fault_of_address(kind, address, HOSTS)
    assert sentence in said
    assert not address or address not in said


def test_a_telephone_number_is_kept_in_its_international_form() -> None:
    assert normal_address(WayKind.TELEPHONE, " 06 12 34 56 78 ") == "+33612345678"
    assert normal_address(WayKind.TELEPHONE, "call me") == "call me"
    assert normal_address(WayKind.MAIL, " a@b.example ") == "a@b.example"


@given(st.sampled_from(WayKind), st.text(max_size=80))
def test_no_text_breaks_the_check(kind: WayKind, text: str) -> None:
    assert isinstance(fault_of_address(kind, text, HOSTS), str)


@pytest.mark.parametrize(
    ("at", "expected"), [((21, 59), False), ((22, 0), True), ((0, 0), True), ((6, 59), True), ((7, 0), False)]
)
def test_quiet_hours_may_cross_midnight(at: tuple[int, int], expected: bool) -> None:
    assert QuietHours(time(22), time(7)).covers(paris(*at), PARIS) is expected


def test_quiet_hours_are_those_of_the_local_clock_in_summer_and_winter() -> None:
    """Seven o’clock is seven o’clock on the Sunday when the clocks went back."""
    night = QuietHours(time(22), time(7))
    sunday = datetime(2026, 10, 25, 5, 59, tzinfo=UTC)
    assert night.covers(sunday, PARIS)
    assert not night.covers(sunday + timedelta(minutes=1), PARIS)


def test_the_ways_come_in_their_order_without_those_that_are_unproven_or_quiet() -> None:
    """A message that may wake passes in quiet hours only where the person allowed that."""
    night = QuietHours(time(22), time(7))
    first = Way(1, 7, WayKind.NTFY, "", 2, night, is_wakeable=True, proven_at=PROVEN)
    second = Way(2, 7, WayKind.MAIL, "", 1, night, proven_at=PROVEN)
    unproven = Way(3, 7, WayKind.SIGNAL, "", 3)
    telephone = Way(4, 7, WayKind.TELEPHONE, "", 0, proven_at=PROVEN)
    ways = [first, second, unproven, telephone]
    assert usable(ways, paris(12), PARIS, is_wake=False) == [second, first]
    assert usable(ways, paris(23), PARIS, is_wake=False) == []
    assert usable(ways, paris(23), PARIS, is_wake=True) == [first]
