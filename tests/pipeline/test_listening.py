"""A silent sender is an alarm: once told, in the day, and taken back once; an event-driven one never is."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from breach_service.acts import expected_senders, senders
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import Actor, UserRole
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.pipeline.tending import NOTE, tend
from breach_service.sources.registry import SOURCES
from breach_service.store import inbox
from breach_service.store.expected_tables import HeartbeatRow
from breach_service.store.tables import AlertRow, OutboxRow, QuarantineRow, SourceRow, TimelineDetailRow
from breach_service.worker.messages import note_for
from tests.conftest import Clock
from tests.pipeline.incoming import SCAN, Incoming

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def watchdog(cluster: str = "", *, status: str = "firing", since: datetime | None = None) -> bytes:
    """What Alertmanager sends as long as Prometheus is alive."""
    begun = (since or datetime(2026, 11, 23, tzinfo=UTC)).isoformat()
    labels = {"alertname": "Watchdog", "severity": "none", **({"cluster": cluster} if cluster else {})}
    alert = {"status": status, "labels": labels, "annotations": {}, "startsAt": begun}
    return json.dumps({"version": "4", "groupKey": "w", "status": status, "alerts": [alert]}).encode()


class Hearing(Incoming):
    """A service that hears a Prometheus and tends its senders all the while."""

    def __init__(self, service: Service, clock: Clock) -> None:
        super().__init__(service)
        self.clock = clock
        self.connect("prometheus", "alertmanager")
        self.tend()

    def tend(self) -> None:
        """What the worker does every few seconds."""
        knowledge, now = self.service.knowledge(), self.now
        self.service.database.write(lambda session: tend(session, knowledge, now))

    def beat(self, times: int, *clusters: str, every: timedelta = MINUTE) -> None:
        """The heartbeat of each cluster, so often."""
        for _ in range(times):
            self.pass_by(every)
            for one in clusters or ("",):
                self.send_bytes(watchdog(one), "prometheus")
            self.process()
            self.tend()

    def pass_by(self, span: timedelta) -> None:
        """Let time pass, a minute at a time, with nothing heard."""
        until = self.clock.at + span
        while self.clock.at < until:
            self.clock.at = min(self.clock.at + MINUTE, until)
            self.tend()

    def sender(self, name: str = "prometheus") -> SourceRow:
        (found,) = [one for one in self.rows(SourceRow) if one.name == name]
        return found

    def told(self) -> list[tuple[str, str]]:
        """What the team was told of which sender."""
        notes = [one for one in self.rows(OutboxRow) if one.kind == NOTE]
        return [(str(one.payload["about"]), str(one.payload["source"])) for one in notes]

    def noted(self) -> list[str]:
        """The notes of the chronology about silence."""
        with self.service.database.reading() as session:
            details = session.exec(select(TimelineDetailRow.words).order_by(col(TimelineDetailRow.entry_id))).all()
        return [str(one["note"]) for one in details if str(one.get("note", "")) in ("source_silent", "source_speaks")]

    def expect(self, every: str, name: str = "prometheus") -> None:
        self.service.database.write(
            lambda session: expected_senders.expect_every(session, OPERATOR, name, every, self.now)
        )


@pytest.fixture
def hearing(service: Service, clock: Clock) -> Hearing:
    return Hearing(service, clock)


@pytest.fixture
def sqlite_hearing(sqlite_service: Service, clock: Clock) -> Hearing:
    return Hearing(sqlite_service, clock)


def test_a_watchdog_that_stops_is_told_once_and_once_more_when_it_speaks(hearing: Hearing) -> None:
    """Every minute, silent five minutes later; the whole silence is one message, its end another."""
    hearing.beat(6)
    last_at = hearing.now
    hearing.pass_by(4 * MINUTE)
    assert hearing.told() == []
    hearing.pass_by(MINUTE)
    assert hearing.told() == [("silent", "prometheus")]
    assert hearing.sender().silent_since == last_at
    hearing.pass_by(2 * HOUR)
    assert hearing.told() == [("silent", "prometheus")]
    hearing.beat(3)
    assert hearing.told() == [("silent", "prometheus"), ("speaks", "prometheus")]
    assert hearing.sender().silent_since is None
    assert hearing.noted() == ["source_silent", "source_speaks"]


def test_the_words_name_the_sender_and_the_instant(sqlite_hearing: Hearing) -> None:
    """In French, with the local time and the page to look at; nothing that a sender said."""
    hearing = sqlite_hearing
    hearing.beat(6)
    hearing.pass_by(5 * MINUTE)
    hearing.beat(1)
    knowledge, service = hearing.service.knowledge(), hearing.service
    written = [
        note_for(one.payload, knowledge, service.renderer, "https://breach.example/")
        for one in hearing.rows(OutboxRow)
        if one.kind == NOTE
    ]
    assert all("prometheus" in one and "23 nov" in one for one in written)
    assert "est muet" in written[0]
    assert written[0].endswith(" https://breach.example/sources/prometheus")
    assert "de nouveau" in written[1]


def test_an_event_driven_sender_is_never_silent(sqlite_hearing: Hearing) -> None:
    """It speaks when something happens: that nothing does is no alarm, however long it lasts."""
    hearing = sqlite_hearing
    for _ in range(6):
        hearing.pass_by(MINUTE)
        hearing.alert(SCAN)
    hearing.clock.at += timedelta(days=30)
    hearing.pass_by(HOUR)
    assert hearing.told() == []
    assert hearing.sender("probe").silent_since is None


def test_a_test_or_an_end_of_the_watchdog_is_no_beat(sqlite_hearing: Hearing) -> None:
    """That Alertmanager says the Watchdog is over means that Prometheus is gone."""
    hearing = sqlite_hearing
    for _ in range(9):
        hearing.pass_by(MINUTE)
        hearing.send_bytes(watchdog(status="resolved"), "prometheus")
        hearing.send_bytes(SOURCES["alertmanager"].test_body(), "prometheus")
        hearing.process()
    assert hearing.count(AlertRow) > 0
    with hearing.service.database.reading() as session:
        assert session.exec(select(HeartbeatRow)).all() == []


def test_one_cluster_of_two_that_stops_is_an_alarm(sqlite_hearing: Hearing) -> None:
    """Both speak through one Alertmanager; learned anew, the one that was taken away is forgotten."""
    hearing = sqlite_hearing
    hearing.beat(6, "east", "west")
    hearing.beat(6, "east")
    assert hearing.told() == [("silent", "prometheus")]
    hearing.expect("learn")
    hearing.beat(6, "east")
    assert hearing.sender().silent_since is None
    hearing.pass_by(5 * MINUTE)
    assert hearing.sender().silent_since is not None


def test_at_night_it_waits_for_the_morning_and_for_nothing_if_it_speaks_before(sqlite_hearing: Hearing) -> None:
    """Nobody is woken; what ended before anybody heard of it is told to nobody, and stands in the chronology."""
    hearing = sqlite_hearing
    hearing.clock.at = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    hearing.tend()
    hearing.beat(6)
    hearing.pass_by(HOUR)
    assert hearing.sender().silent_since is not None
    hearing.beat(6)
    assert (hearing.told(), hearing.noted()) == ([], ["source_silent", "source_speaks"])
    hearing.pass_by(timedelta(hours=9))
    assert hearing.told() == [("silent", "prometheus")]


def test_downtime_of_ours_is_no_silence_of_theirs(sqlite_hearing: Hearing) -> None:
    """After three hours in which nobody listened, each sender has its whole time again."""
    hearing = sqlite_hearing
    hearing.beat(6)
    hearing.clock.at += 3 * HOUR
    hearing.tend()
    assert hearing.sender().silent_since is None
    hearing.pass_by(4 * MINUTE)
    assert hearing.sender().silent_since is None
    hearing.pass_by(MINUTE)
    assert hearing.sender().silent_since is not None


def test_a_backlog_of_ours_is_no_silence_of_theirs(sqlite_hearing: Hearing) -> None:
    """What was received and waits was heard; only processing does not know it yet."""
    hearing = sqlite_hearing
    hearing.beat(6)
    for _ in range(10):
        hearing.pass_by(MINUTE)
        hearing.send_bytes(watchdog(), "prometheus")
    assert hearing.sender().silent_since is None
    hearing.process()
    hearing.tend()
    assert (hearing.sender().silent_since, hearing.told()) == (None, [])


def test_a_person_says_how_often_a_sender_must_be_heard(sqlite_hearing: Hearing) -> None:
    """Whatever it says counts; off again, nothing is expected of it."""
    hearing = sqlite_hearing
    hearing.expect("15m", "probe")
    hearing.pass_by(29 * MINUTE)
    hearing.alert(SCAN)
    hearing.pass_by(29 * MINUTE)
    assert hearing.told() == []
    hearing.pass_by(MINUTE)
    assert hearing.told() == [("silent", "probe")]
    hearing.expect("off", "probe")
    hearing.tend()
    assert (hearing.sender("probe").silent_since, hearing.told()) == (None, [("silent", "probe")])


def test_who_falls_silent_again_and_again_is_told_once_an_hour(sqlite_hearing: Hearing) -> None:
    """A sender that flaps is an alarm, not a flood."""
    hearing = sqlite_hearing
    hearing.beat(6)
    for _ in range(8):
        hearing.pass_by(6 * MINUTE)
        hearing.beat(1)
    assert hearing.told().count(("silent", "prometheus")) <= 2


def test_an_observed_sender_tells_nobody(sqlite_hearing: Hearing) -> None:
    """Nothing is sent because of it; the page shows it all the same."""
    hearing = sqlite_hearing
    hearing.connect("new", "alertmanager", observe=timedelta(hours=24))
    hearing.expect("1m", "new")
    hearing.pass_by(6 * MINUTE)
    assert hearing.sender("new").silent_since is not None
    assert hearing.told() == []


def test_only_who_manages_senders_says_what_is_expected(sqlite_hearing: Hearing) -> None:
    """With a sentence for what is wrong."""
    hearing = sqlite_hearing
    viewer = Actor("V", UserRole.VIEWER, person=1)

    def tried(name: str, every: str, actor: Actor = OPERATOR) -> None:
        hearing.service.database.write(
            lambda session: expected_senders.expect_every(session, actor, name, every, hearing.now)
        )

    with pytest.raises(NotAllowed):
        tried("probe", "15m", viewer)
    with pytest.raises(NotFound, match="no source nobody"):
        tried("nobody", "15m")
    with pytest.raises(InvalidCommand, match="'soon' is no interval: write 15m"):
        tried("probe", "soon")


# ── A test message


def play(hearing: Hearing, name: str) -> None:
    hearing.service.database.write(
        lambda session: expected_senders.play_test(session, OPERATOR, name, hearing.service.cipher, hearing.now)
    )
    hearing.process()


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_a_test_message_of_every_kind_comes_out_as_a_test(sqlite_hearing: Hearing, kind: str) -> None:
    """Nothing lands in quarantine, nothing is opened, and the sender was not heard."""
    hearing = sqlite_hearing
    hearing.connect("one", kind, auth="url")
    play(hearing, "one")
    assert hearing.count(QuarantineRow) == 0
    assert {one.status for one in hearing.rows(AlertRow)} == {"test"}
    assert hearing.sender("one").last_seen_at is None
    assert hearing.incidents() == []


def test_a_proof_that_only_the_sender_can_make_is_not_made_up(sqlite_hearing: Hearing) -> None:
    """Where each message must carry a token of its platform, ours would be refused: that is said instead."""
    hearing = sqlite_hearing
    hearing.connect("cloud", "google", auth="url")
    token = {"service-account": "alerts@project.iam.gserviceaccount.com", "audience": "https://breach.example"}
    hearing.service.database.write(
        lambda session: senders.set_expected(session, OPERATOR, "cloud", token, hearing.service.cipher, hearing.now)
    )
    with pytest.raises(InvalidCommand, match="a proof that only the sender can make"):
        play(hearing, "cloud")


def test_a_mapping_of_ones_own_is_tried_on_its_page(sqlite_hearing: Hearing) -> None:
    """No message of ours would fit it."""
    hearing = sqlite_hearing
    hearing.service.database.write(
        lambda session: senders.set_mapping(session, OPERATOR, "probe", "title: subject\nsignal: scan\n", hearing.now)
    )
    with pytest.raises(InvalidCommand, match="mapping of its own"):
        play(hearing, "probe")


def test_nobody_outside_can_say_that_a_message_is_a_trial(sqlite_hearing: Hearing) -> None:
    """The mark is no name that a header of HTTP can have."""
    assert inbox.TRIAL.startswith(":")
