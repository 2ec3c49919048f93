"""The composition root: what a first start does, what a later one keeps, and what stops either in words."""

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from breach_service.acts import content, senders
from breach_service.acts.checking import Memory
from breach_service.acts.people import accounts
from breach_service.acts.senders import Connection
from breach_service.app import (
    NOBODY_YET,
    OPERATOR,
    Service,
    content_on_disk,
    faults_on_disk,
    letters_on_disk,
    open_service,
    prepare,
    shipped,
)
from breach_service.demo.running import example_inventory
from breach_service.domain.access import UserRole
from breach_service.errors import ConfigurationError, ContentError
from breach_service.settings import Settings
from breach_service.store import people as stored_people
from breach_service.store import reference, sources
from tests.conftest import Clock, settings_for
from tests.web.edge import PASSWORD, Edge, shared_edge, text_in
from tests.web.polling import until

OTHER_KEY = "b3RoZXJrZXlvdGhlcmtleW90aGVya2V5b3RoZXJrZXk="
RULE = "playbooks/rules/confidentiality-usable-for-fraud.yaml"


@pytest.fixture
def start() -> Iterator[Callable[[Settings], Service]]:
    """Start a service as `serve` does, without anything imported; closed after the test."""
    opened: list[Service] = []

    def starting(settings: Settings) -> Service:
        service = open_service(settings)
        opened.append(service)
        service.now = Clock()
        prepare(service)
        return service

    yield starting
    for one in opened:
        one.close()


@pytest.fixture
def own_content(tmp_path: Path) -> Path:
    """An operator's directory with a copy of one shipped rule."""
    file = tmp_path / "own" / RULE
    file.parent.mkdir(parents=True)
    shutil.copy(shipped("playbooks").parent / RULE, file)
    return tmp_path / "own"


def break_it(directory: Path) -> None:
    """Two files with faults."""
    (directory / RULE).write_text("id: [", encoding="utf-8")
    (directory / "playbooks" / "regimes").mkdir()
    (directory / "playbooks" / "regimes" / "odd.yaml").write_text("id: odd\n", encoding="utf-8")


def digest(service: Service) -> str | None:
    with service.database.reading() as session:
        return reference.content_digest(session)


# ── The first start


def test_a_first_start_puts_the_content_in_force_and_imports_nothing(
    settings: Settings, start: Callable[[Settings], Service]
) -> None:
    """Rules and regimes work; inventory, people and senders are the operator's."""
    service = start(settings)
    catalogue = content_on_disk(settings).catalogue
    assert catalogue is not None
    assert digest(service) == catalogue.digest
    with service.database.reading() as session:
        assert reference.inventory_in_force(session) is None
        assert stored_people.users(session) == []
        assert sources.summaries(session) == []
    assert service.knowledge().inventory == NOBODY_YET


def test_before_an_inventory_is_imported_alerts_are_taken_and_placed(
    tmp_path: Path, start: Callable[[Settings], Service]
) -> None:
    """Whose data they are is open; that something happened is not lost."""
    with Edge(start(settings_for(tmp_path))) as edge:
        assert edge.send(edge.source()).status_code == 200
        edge.work()
        listed = edge.client.get("/api/v1/incidents", headers=edge.token()).json()
        assert len(listed) == 1
        page = edge.person(UserRole.DPO).get(f"/incidents/{listed[0]['reference']}")
        assert page.status_code == 200
        assert "À COMPLÉTER" in page.text


def test_faulty_content_stops_the_first_start_with_every_fault(
    tmp_path: Path, own_content: Path, start: Callable[[Settings], Service]
) -> None:
    """File and line of each; nothing is put in force."""
    break_it(own_content)
    settings = settings_for(tmp_path, content_dir=own_content)
    with pytest.raises(ContentError) as caught:
        start(settings)
    sentences = str(caught.value).splitlines()
    assert len(sentences) >= 3
    assert any("confidentiality-usable-for-fraud.yaml:1" in one for one in sentences)
    assert any("odd.yaml" in one for one in sentences)
    assert [*sentences[1:]] == list(faults_on_disk(settings))


def test_faulty_letters_stop_the_first_start_too(tmp_path: Path, start: Callable[[Settings], Service]) -> None:
    """A letter that cannot be rendered would be noticed at the worst moment."""
    file = tmp_path / "own" / "templates" / "letters" / "cnil" / "fr" / "letter.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("sections: [", encoding="utf-8")
    with pytest.raises(ContentError, match=r"letter\.yaml"):
        start(settings_for(tmp_path, content_dir=tmp_path / "own"))


def test_a_directory_of_content_that_is_not_there_is_a_fault(
    tmp_path: Path, start: Callable[[Settings], Service]
) -> None:
    """A volume that was not mounted must not silently bring the shipped rules back."""
    with pytest.raises(ContentError, match="BREACH_CONTENT_DIR"):
        start(settings_for(tmp_path, content_dir=tmp_path / "not-mounted"))


# ── A later start


def test_a_later_start_with_faulty_content_keeps_the_last_good_version(
    tmp_path: Path, own_content: Path, start: Callable[[Settings], Service]
) -> None:
    """Alerts are taken and judged, a banner says what happened to those who are signed in, and Prometheus is told."""
    settings = settings_for(tmp_path, content_dir=own_content)
    first = start(settings)
    before = digest(first)
    first.close()
    break_it(own_content)
    service = start(settings)
    assert digest(service) == before
    assert service.content_faults == faults_on_disk(settings)
    with Edge(service) as edge:
        assert edge.send(edge.source()).status_code == 200
        edge.work()
        assert len(edge.client.get("/api/v1/incidents", headers=edge.token()).json()) == 1
        assert "The files of playbooks have faults." in edge.person(UserRole.VIEWER).get("/incidents").text
        assert "have faults" not in edge.client.get("/sign-in").text
        assert "breach_catalog_valid 0.0" in edge.client.get("/metrics").text


LETTER = "templates/letters/cnil/fr/letter.yaml"


def test_a_later_start_checks_no_file_again_that_was_sound(
    tmp_path: Path, own_content: Path, start: Callable[[Settings], Service]
) -> None:
    """What is remembered is the very text: playbooks with what was parsed, and each root of letters."""
    settings = settings_for(tmp_path, content_dir=own_content)
    memory = start(settings).memory
    again = start(settings)
    reading = content_on_disk(settings, again.memory.recall)
    assert reading.catalogue is not None
    assert memory.recall(reading.catalogue.digest) == reading.parsed
    assert all(memory.is_sound(one) for one in letters_on_disk(reading, settings))
    assert again.knowledge().catalogue == content_on_disk(settings).catalogue
    assert Memory(again.database, "another release").recall(reading.catalogue.digest) is None


def test_a_letter_that_broke_since_the_last_start_is_noticed(
    tmp_path: Path, start: Callable[[Settings], Service]
) -> None:
    """Although the start before remembered it as sound; and mended to what it was, it is known again."""
    file = tmp_path / "own" / LETTER
    file.parent.mkdir(parents=True)
    shutil.copy(shipped("templates").parent / LETTER, file)
    settings = settings_for(tmp_path, content_dir=tmp_path / "own")
    assert start(settings).content_faults == ()
    sound = file.read_text(encoding="utf-8")
    file.write_text("sections: [", encoding="utf-8")
    for _ in range(2):  # what has faults is never remembered
        service = start(settings)
        assert any("letter.yaml" in one for one in service.content_faults)
    file.write_text(sound, encoding="utf-8")
    assert start(settings).content_faults == ()


def test_the_banner_goes_when_sound_content_is_put_in_force(
    tmp_path: Path, own_content: Path, start: Callable[[Settings], Service]
) -> None:
    """Mended files and `content activate` in another process: nobody restarts anything."""
    settings = settings_for(tmp_path, content_dir=own_content)
    start(settings).close()
    break_it(own_content)
    service = start(settings)
    with Edge(service) as edge:
        viewer = edge.person(UserRole.VIEWER)
        assert "have faults" in viewer.get("/incidents").text
        (own_content / "playbooks" / "regimes" / "odd.yaml").unlink()
        text = (shipped("playbooks").parent / RULE).read_text(encoding="utf-8")
        (own_content / RULE).write_text(text.replace("status: active", "status: retired"), encoding="utf-8")
        catalogue = content_on_disk(settings).catalogue
        assert catalogue is not None
        service.database.write(lambda session: content.activate_content(session, OPERATOR, catalogue, edge.now))
        assert "have faults" not in viewer.get("/incidents").text
        assert "breach_catalog_valid 1.0" in edge.client.get("/metrics").text


def test_a_later_start_does_not_put_changed_content_in_force(
    tmp_path: Path, own_content: Path, start: Callable[[Settings], Service]
) -> None:
    """That is an act of its own (`content activate`): a rule that changed by accident changes no judgement."""
    settings = settings_for(tmp_path, content_dir=own_content)
    before = digest(start(settings))
    file = own_content / RULE
    file.write_text(file.read_text(encoding="utf-8").replace("status: active", "status: retired"), encoding="utf-8")
    service = start(settings)
    assert digest(service) == before
    catalogue = content_on_disk(settings).catalogue
    assert catalogue is not None
    assert catalogue.digest != before


def test_what_is_put_in_force_elsewhere_counts_here_without_a_restart(
    settings: Settings, own_content: Path, start: Callable[[Settings], Service]
) -> None:
    """Another process imports an inventory and activates content; this one works on with both."""
    service, other = start(settings), start(settings)
    assert service.knowledge().inventory == NOBODY_YET
    inventory = example_inventory(settings)
    other.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, other.now()))
    assert service.knowledge().inventory == inventory
    file = own_content / RULE
    file.write_text(file.read_text(encoding="utf-8").replace("status: active", "status: retired"), encoding="utf-8")
    changed = content_on_disk(settings.model_copy(update={"content_dir": own_content})).catalogue
    assert changed is not None
    other.database.write(lambda session: content.activate_content(session, OPERATOR, changed, other.now()))
    knowledge = service.knowledge()
    assert knowledge.catalogue.digest == changed.digest
    assert knowledge is service.knowledge()


# ── The key


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path, start: Callable[[Settings], Service]) -> None:
    """On SQLite, beside the database, mode 0600; a second start uses it again."""
    settings = settings_for(tmp_path, secret_key=None)
    service = start(settings)
    file = settings.data_dir / "secret.key"
    assert file.stat().st_mode & 0o777 == 0o600
    made = file.read_bytes()
    sealed = service.cipher.seal(b"x")
    assert start(settings).cipher.open(sealed) == b"x"
    assert file.read_bytes() == made


def with_a_secret(edge: Edge) -> None:
    edge.source("json", "hmac")


def with_a_waiting_request(edge: Edge) -> None:
    edge.send(edge.source("json", "bearer"))


def with_a_body_in_quarantine(edge: Edge) -> None:
    edge.send(edge.source("json", "bearer"), b"\x00\xff\x00\xff")
    edge.work()


@pytest.mark.parametrize("leave", [with_a_secret, with_a_waiting_request, with_a_body_in_quarantine])
def test_a_start_with_another_key_is_refused(
    tmp_path: Path, make_service: Any, start: Callable[[Settings], Service], leave: Callable[[Edge], None]
) -> None:
    """Before anything is taken in that later could not be told from the rest."""
    settings = settings_for(tmp_path)
    service = make_service(settings)
    with Edge(service) as edge:
        leave(edge)
    service.close()
    with pytest.raises(ConfigurationError, match="another BREACH_SECRET_KEY: restore the former key"):
        start(settings.model_copy(update={"secret_key": SecretStr(OTHER_KEY)}))
    start(settings)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [("too short", "not base64"), ("c2hvcnQ=", "must be 32 bytes in base64, this one has 5"), ("clé", "not base64")],
)
def test_what_is_no_key_is_said(tmp_path: Path, key: str, sentence: str) -> None:
    """With the way to make one, and without the key."""
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        open_service(settings_for(tmp_path, secret_key=SecretStr(key)))
    assert key not in str(caught.value)


def test_postgresql_needs_a_key_of_the_operator(tmp_path: Path) -> None:
    """Several machines must share it, so none may make one up."""
    with pytest.raises(ConfigurationError, match="BREACH_SECRET_KEY is required with PostgreSQL"):
        open_service(settings_for(tmp_path, "postgresql://u@127.0.0.1:1/d", secret_key=None))


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """With the setting that names it."""
    (tmp_path / "data").write_text("a file stands here")
    with pytest.raises(ConfigurationError, match="BREACH_DATA_DIR"):
        open_service(settings_for(tmp_path))


def test_half_a_slack_is_none(tmp_path: Path) -> None:
    """A token without a channel would say everything to nobody."""
    with pytest.raises(ConfigurationError, match="BREACH_SLACK_CHANNEL"):
        open_service(settings_for(tmp_path, slack_token=SecretStr("xoxb-1")))


# ── Several processes, one database


def test_two_processes_may_make_the_database_at_once(postgres_url: str, tmp_path: Path) -> None:
    """`web` and `work` start together on an empty PostgreSQL: both are ready, and the content is there once."""
    opened = [open_service(settings_for(tmp_path / str(number), postgres_url)) for number in range(3)]
    try:
        with ThreadPoolExecutor(len(opened)) as pool:
            list(pool.map(prepare, opened))
        assert len({digest(one) for one in opened}) == 1
    finally:
        for one in opened:
            one.close()


def test_what_one_replica_takes_another_processes(
    postgres_url: str, tmp_path: Path, make_service: Callable[[Settings], Service]
) -> None:
    """The web half stores, the worker half on another machine places, and both show the incident."""
    web = make_service(settings_for(tmp_path / "web", postgres_url))
    work = make_service(settings_for(tmp_path / "work", postgres_url))
    with Edge(web) as edge, Edge(work, with_worker=True) as other:
        sender = edge.source()
        assert edge.send(sender).status_code == 200
        headers = edge.token()

        def listed() -> list[str]:
            return [one["reference"] for one in edge.client.get("/api/v1/incidents", headers=headers).json()]

        assert until(listed, "the worker did not place the alert") == ["INC-2026-0001"]
        assert other.client.get("/api/v1/incidents/INC-2026-0001", headers=headers).status_code == 200


def test_a_sender_added_on_one_replica_is_known_on_the_other(
    postgres_url: str, tmp_path: Path, make_service: Callable[[Settings], Service]
) -> None:
    """Within about a second, without a restart; people's sessions hold on both."""
    one = make_service(settings_for(tmp_path / "one", postgres_url))
    two = make_service(settings_for(tmp_path / "two", postgres_url))
    with Edge(one) as first, Edge(two) as second:
        sender = first.source("json", "hmac")
        until(lambda: second.send(sender).status_code == 200, "the other replica does not know the sender")
        person = first.person(UserRole.VIEWER)
        elsewhere = second.browser()
        elsewhere.cookies.update(person.cookies)
        assert elsewhere.get("/incidents").status_code == 200


def test_a_sender_sealed_under_another_key_does_not_stop_the_rest(
    postgres_url: str, tmp_path: Path, make_service: Callable[[Settings], Service]
) -> None:
    """Somebody ran `source add` with a wrong key: known senders are still taken, new ones still learned of later."""
    service = make_service(settings_for(tmp_path / "right", postgres_url))
    with Edge(service) as edge:
        good = edge.source("json", "bearer")
        wrong = open_service(settings_for(tmp_path / "wrong", postgres_url, secret_key=SecretStr(OTHER_KEY)))
        try:
            bad = wrong.database.write(
                lambda session: senders.add_source(
                    session, OPERATOR, Connection("bad", "json", "hmac"), wrong.cipher, edge.now
                )
            )
        finally:
            wrong.close()
        assert edge.send(good).status_code == 200
        assert edge.client.post(bad.path, content=b"{}").status_code == 401


# ── Stopping


def test_the_worker_ends_with_the_application(tmp_path: Path, make_service: Callable[[Settings], Service]) -> None:
    """It is waited for: nobody works on a database that is about to be closed."""
    before = set(threading.enumerate())
    with Edge(make_service(settings_for(tmp_path)), with_worker=True) as edge:
        edge.send(edge.source())
        assert any(one.name == "worker" for one in set(threading.enumerate()) - before)
    assert [one for one in set(threading.enumerate()) - before if one.name == "worker"] == []


def test_with_the_worker_inside_an_alert_becomes_an_incident_by_itself(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """`serve`: one process takes, places, judges, and shows the page."""
    with shared_edge(tmp_path_factory.mktemp("serve")) as idle, Edge(idle.service, with_worker=True) as edge:
        edge.send(edge.source())
        headers = edge.token()
        found = until(
            lambda: edge.client.get("/api/v1/incidents", headers=headers).json(), "no incident came of the alert"
        )
        page = edge.person(UserRole.DPO).get(f"/incidents/{found[0]['reference']}")
        assert "Login from two countries" in text_in(page.text)


def test_accounts_made_at_the_command_line_work_at_once(tmp_path: Path, make_service: Any) -> None:
    """`user add` is another process; whoever it made may sign in."""
    service = make_service(settings_for(tmp_path))
    with Edge(service) as edge:
        other = open_service(settings_for(tmp_path))
        try:
            other.database.write(
                lambda session: accounts.add_user(
                    session, OPERATOR, "new@us.example", UserRole.VIEWER, PASSWORD, edge.now
                )
            )
        finally:
            other.close()
        answer = edge.browser().post("/sign-in", data={"email": "new@us.example", "password": PASSWORD})
        assert answer.status_code == 303
