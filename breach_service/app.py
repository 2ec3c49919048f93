"""The composition root: settings become engines, channels, content and the application."""

import gc
import signal
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import anyio
import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from breach_service import __version__, logs
from breach_service.acts import content as content_acts
from breach_service.acts.checking import IsSound, Memory, digest_of_letters
from breach_service.acts.people import links
from breach_service.acts.people.tokens import Terms
from breach_service.acts.signing.federated import Rules
from breach_service.catalog import Catalogue, CatalogueReading, Recall, catalogue_from, read_catalogue
from breach_service.clock import utc_now
from breach_service.domain.access import PEOPLE, Actor, SignInRules, UserRole, roles_in
from breach_service.domain.access.federation import roles_of_groups
from breach_service.domain.inventory import NOT_NAMED_YET, Contact, Inventory, Organisation
from breach_service.domain.waking import Escalation
from breach_service.errors import BreachServiceError, ConfigurationError, ContentError
from breach_service.listeners import Syslog, check_source, listen, open_ports
from breach_service.notify.channel import Channel
from breach_service.notify.chat import ChatDoor
from breach_service.notify.console import Console
from breach_service.notify.heartbeat import DeadMansSwitch
from breach_service.notify.mail import MailChannel, MailSecurity, MailServer
from breach_service.notify.mailbox import Mailbox, MailboxServer
from breach_service.notify.pagers.pager import Pager
from breach_service.notify.provider import Registration
from breach_service.notify.visits import Visitor, hosts_and
from breach_service.notify.ways import Ways
from breach_service.pipeline import Gate, Knowledge
from breach_service.pipeline.tidying import Keep
from breach_service.rendering import Renderer, letter_faults
from breach_service.settings import Settings
from breach_service.store import inbox, reference, sources
from breach_service.store.cipher import Cipher, key_from_text, key_in
from breach_service.store.database import Database, DatabaseError, Session
from breach_service.store.migrations import migrate
from breach_service.web.context import Context, DemoAccount, Federation
from breach_service.web.guard import SECURITY_HEADERS
from breach_service.web.later import Later, with_lifespan
from breach_service.web.server import protocol_of
from breach_service.web.webhooks import Webhooks, WebhooksFirst
from breach_service.worker import Wakers, Worker
from breach_service.worker.loop import WORKER_LEASE
from breach_service.worker.signing_life import SigningLife
from breach_service.worker.taking_in import TakingIn

if TYPE_CHECKING:
    from fastapi import FastAPI
    from pydantic import SecretStr

COLLECT = (50_000, 20, 50)
"""When unreachable cycles are looked for: a slice of alerts makes many objects and hardly a cycle."""
PACKAGE = Path(__file__).parent
OPERATOR = Actor("operator", UserRole.ADMIN, is_operator=True)
"""Whoever holds the machine."""
NOBODY_YET = Inventory(
    organisations=(
        Organisation(id=NOT_NAMED_YET, name="[À COMPLÉTER : organisme]", dpo=Contact(name="[À COMPLÉTER : DPO]")),
    )
)
"""In force until an inventory is imported: alerts are taken and placed all the same."""
FLUSH_EVERY = 1.0
"""Seconds between writings of the refusals that were counted."""

Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]

log = logs.logger(__name__)


def shipped(name: str) -> Path:
    """`playbooks/` or `templates/`: inside the wheel, or beside the package in a checkout."""
    inside = PACKAGE / "content" / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def overlay(settings: Settings, name: str) -> Path | None:
    """The operator's own directory of that name, where there is one."""
    directory = settings.content_dir / name if settings.content_dir else None
    return directory if directory is not None and directory.is_dir() else None


def content_on_disk(settings: Settings, recall: Recall = lambda _: None) -> CatalogueReading:
    """The shipped playbooks with the operator's over them."""
    return read_catalogue(shipped("playbooks"), overlay(settings, "playbooks"), recall)


def template_roots(settings: Settings) -> tuple[Path, ...]:
    """Where templates are looked for, the operator's first."""
    return tuple(one for one in (overlay(settings, "templates"), shipped("templates")) if one is not None)


def faults_on_disk(settings: Settings) -> tuple[str, ...]:
    """Every fault of playbooks and letters, with file and line."""
    return faults_of(content_on_disk(settings), settings)


def faults_of(
    reading: CatalogueReading, settings: Settings, is_sound: IsSound = lambda _: False
) -> tuple[str, ...]:  # fmt: skip
    """The faults of playbooks that were read, and those of the letters, where they are not known to be sound."""
    facts = frozenset(reading.catalogue.facts) if reading.catalogue else None
    sound = {root for digest, root in letters_on_disk(reading, settings).items() if is_sound(digest)}
    found = [str(one) for one in reading.faults]
    own = settings.content_dir
    if own is not None and not own.is_dir():
        found.append(f"{own}: there is no such directory: check BREACH_CONTENT_DIR")
    for root in template_roots(settings):
        if root not in sound:
            found += _letter_faults(root, root != shipped("templates"), facts, _version_of(root))
    return tuple(found)


def letters_on_disk(reading: CatalogueReading, settings: Settings) -> dict[str, Path]:
    """The templates roots by the digest of their letters; none where the playbooks are broken: their facts count."""
    if reading.catalogue is None:
        return {}
    ours, facts = shipped("templates"), reading.catalogue.facts
    return {digest_of_letters(root, root != ours, facts): root for root in template_roots(settings)}


@lru_cache(maxsize=16)
def _letter_faults(
    root: Path, is_overlay: bool, facts: frozenset[str] | None, _version: tuple[tuple[str, int, int], ...]
) -> tuple[str, ...]:
    """The faults of one version of the letters: compiling them all takes a second."""
    return tuple(str(one) for one in letter_faults(root, is_overlay=is_overlay, known_facts=facts))


def _version_of(root: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, instant of the last change and size of every file of the letters."""
    files = sorted(one for one in (root / "letters").rglob("*") if one.is_file())
    return tuple((str(one), one.stat().st_mtime_ns, one.stat().st_size) for one in files)


def secret_key(settings: Settings) -> bytes:
    """The key that seals what must be read back."""
    if settings.secret_key is not None:
        return key_from_text(settings.secret_key.get_secret_value())
    if not settings.is_sqlite:
        raise ConfigurationError(
            "BREACH_SECRET_KEY is required with PostgreSQL: make one with `openssl rand -base64 32` and keep it safe"
        )
    return key_in(settings.data_dir)


@dataclass
class Service:
    """Everything of one process."""

    settings: Settings
    database: Database
    cipher: Cipher
    renderer: Renderer
    channels: Mapping[str, Channel]
    mail: MailChannel | None = None
    """The way to the mailboxes of persons; None where no mail server is set."""
    pagers: Mapping[str, Pager] = field(default_factory=dict)
    """What wakes people besides their own ways, by name."""
    now: Callable[[], datetime] = utc_now
    content_faults: tuple[str, ...] = ()
    demo: DemoAccount | None = None
    _knowledge: Knowledge | None = None
    _content: tuple[str, Catalogue, str] | None = None
    """Of the content in force the digest, the catalogue, and what was parsed."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def knowledge(self) -> Knowledge:
        """The content and the inventory in force, read again only when one of them changed."""
        with self._lock, self.database.reading() as session:
            revision = reference.revision_in_force(session)
            held = self._knowledge
            if held is None or held.inventory_revision != revision or not self._is_current(session):
                held = self._read_knowledge(session)
                self._knowledge = held
            return held

    def _is_current(self, session: Session) -> bool:
        return self._content is not None and reference.content_digest(session) == self._content[0]

    def _read_knowledge(self, session: Session) -> Knowledge:
        found = reference.inventory_in_force(session)
        revision, inventory = found or (0, NOBODY_YET)
        content = reference.content_in_force(session)
        if content is None:
            raise ContentError("no content is in force yet: start `breach-service serve` or `migrate` once")
        if self._content is None or self._content[0] != content[0]:
            if self._content is not None:  # another version was put in force: the files may be sound again
                self.content_faults = faults_on_disk(self.settings)
            reading = catalogue_from(content[1], self.memory.recall)
            if reading.catalogue is None:
                raise ContentError("the content in force cannot be read by this release: run `breach-service check`")
            self._content = (content[0], reading.catalogue, reading.parsed)
        return Knowledge(
            catalogue=self._content[1],
            inventory=inventory,
            inventory_revision=revision,
            qualification=timedelta(hours=self.settings.qualification_hours),
            channels=tuple(self.channels),
            language=self.settings.language,
            at_work=self.settings.at_work,
            escalation=escalation_of(self.settings),
        )

    @property
    def keep(self) -> Keep:
        """For how long what may go is kept."""
        bodies, observed = self.settings.keep_bodies_days, self.settings.keep_observed_days
        set_aside = timedelta(days=self.settings.keep_set_aside_days)
        return Keep(timedelta(days=bodies), timedelta(days=observed), set_aside)

    @property
    def memory(self) -> Memory:
        """What this release checked before."""
        return Memory(self.database, __version__)

    def on_disk(self) -> content_acts.OnDisk:
        """The files of playbooks/ as they are now, read and checked; what was checked before is not checked again."""
        reading = content_on_disk(self.settings, self.memory.recall)
        return content_acts.OnDisk(reading.catalogue, faults_of(reading, self.settings, self.memory.is_sound))

    def remember(self, reading: CatalogueReading) -> None:
        """Keep that these files have no faults, and what was parsed: the next start need not do it again."""
        parsed = {self._content[0]: self._content[2]} if self._content else {}
        if reading.catalogue is not None:
            parsed[reading.catalogue.digest] = reading.parsed
        self.memory.keep(parsed, letters_on_disk(reading, self.settings), self.now())

    def worker(self) -> Worker:
        """The time loop of this process."""
        return Worker(
            self.database,
            self.cipher,
            self.knowledge,
            self.channels,
            self.renderer,
            self.settings.public_url,
            Visitor(hosts_and(self.settings.key_hosts)),
            self.keep,
            self.mail,
            Wakers(ways_of(self), self.pagers, self.settings.slack_signing_secret is not None),
        )

    def taking_in(self) -> TakingIn | None:
        """What reads the mailbox of reports; None where none is set."""
        mailbox, settings = mailbox_of(self.settings), self.settings
        if mailbox is None:
            return None
        own = own_addresses(settings)
        return TakingIn(mailbox, self.database, self.cipher, self.knowledge, own, settings.mailbox_seconds)

    def close(self) -> None:
        """Finish what is queued and let go."""
        self.database.close()


def open_service(settings: Settings) -> Service:
    """Connect to the database without touching its schema."""
    logs.configure(settings.log_level, settings.log_format)
    try:
        if settings.is_sqlite:
            settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            if settings.database_url is None:  # SQLite would make it readable for everybody on the machine
                (settings.data_dir / "breach.sqlite3").touch(mode=0o600)
        cipher = Cipher(secret_key(settings))
    except OSError as error:
        raise ConfigurationError(f"BREACH_DATA_DIR {settings.data_dir} cannot be used: {error}") from error
    channels, renderer = channels_of(settings), Renderer(template_roots(settings))
    escalation_of(settings)
    switch_of(settings)
    database = Database(settings.sqlalchemy_url(), inbox.insert_received)
    return Service(settings, database, cipher, renderer, channels, mail_of(settings), pagers_of(settings))


def channels_of(settings: Settings) -> dict[str, Channel]:
    """Slack where a token is set, the console otherwise."""
    if settings.slack_token is None:
        return {"console": Console()}
    if not settings.slack_channel:
        raise ConfigurationError("BREACH_SLACK_TOKEN is set, BREACH_SLACK_CHANNEL is not: give the id of the channel")
    from breach_service.notify.slack import Slack  # only here: who has no Slack need not wait for reading its library

    token = settings.slack_token.get_secret_value()
    return {"slack": Slack(token, settings.slack_channel, settings.slack_api_url)}


def escalation_of(settings: Settings) -> Escalation:
    """When a wake calls the next ones; ConfigurationError where everybody would be called before the second level."""
    minutes = (settings.wake_second_minutes, settings.wake_everyone_minutes, settings.wake_again_minutes)
    try:
        return Escalation(*(timedelta(minutes=one) for one in minutes))
    except ValueError:
        raise ConfigurationError(
            "BREACH_WAKE_EVERYONE_MINUTES must be more than BREACH_WAKE_SECOND_MINUTES: everybody is called last"
        ) from None


def pagers_of(settings: Settings) -> dict[str, Pager]:
    """The pagers that are set; ConfigurationError where half of one is."""
    if bool(settings.pager_goalert_url) != bool(settings.pager_goalert_token):
        raise ConfigurationError(
            "BREACH_PAGER_GOALERT_URL and BREACH_PAGER_GOALERT_TOKEN belong together: set both or neither"
        )
    urls = [one.strip() for one in settings.pager_alertmanager_url.split(",") if one.strip()]
    for name, url in (
        *(("ALERTMANAGER", one) for one in urls), ("PAGERDUTY", settings.pager_pagerduty_url),
        ("GOALERT", settings.pager_goalert_url or "https://none"), ("ILERT", settings.pager_ilert_url),
    ):  # fmt: skip
        if not (url.startswith(("http://", "https://")) and urlsplit(url).hostname):
            raise ConfigurationError(f"BREACH_PAGER_{name}_URL is no address: write it as https://host or http://host")
    if not (urls or settings.pager_pagerduty_key or settings.pager_goalert_url or settings.pager_ilert_key):
        return {}
    # Only here: who has none need not wait for the library that reaches them.
    from breach_service.notify.pagers.alertmanager import Alertmanager
    from breach_service.notify.pagers.goalert import GoAlert
    from breach_service.notify.pagers.ilert import Ilert
    from breach_service.notify.pagers.pagerduty import PagerDuty

    def secret(one: "SecretStr | None") -> str:
        return one.get_secret_value() if one else ""

    found: list[Pager] = []
    if urls:
        found.append(Alertmanager(urls, secret(settings.pager_alertmanager_token)))
    if settings.pager_pagerduty_key:
        found.append(PagerDuty(secret(settings.pager_pagerduty_key), settings.pager_pagerduty_url))
    if settings.pager_goalert_url:
        found.append(GoAlert(settings.pager_goalert_url, secret(settings.pager_goalert_token)))
    if settings.pager_ilert_key:
        found.append(Ilert(secret(settings.pager_ilert_key), settings.pager_ilert_url))
    return {one.name: one for one in found}


def ways_of(service: Service) -> Ways:
    """The ways out to persons: by mail and Slack where those are set, by apprise to known services and own hosts."""
    hosts = [one.strip() for one in service.settings.way_hosts.split(",") if one.strip()]
    return Ways(hosts, mail=service.mail, slack=service.channels.get("slack"))


def mail_of(settings: Settings) -> MailChannel | None:
    """The mail server, where one is set. Raises ConfigurationError where it cannot work."""
    if not settings.smtp_host:
        return None
    if not settings.public_url:
        raise ConfigurationError(
            "BREACH_SMTP_HOST is set, BREACH_PUBLIC_URL is not: the links in mails need the address of the service"
        )
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
    return MailChannel(
        MailServer(
            settings.smtp_host, settings.smtp_port, MailSecurity(settings.smtp_security), settings.smtp_from,
            settings.smtp_user, password, settings.smtp_ca,
        )
    )  # fmt: skip


def mailbox_of(settings: Settings) -> Mailbox | None:
    """The mailbox of reports, where one is set. Raises ConfigurationError where it cannot work."""
    if not settings.mailbox_host:
        return None
    return Mailbox(
        MailboxServer(
            settings.mailbox_host, settings.mailbox_port, MailSecurity(settings.mailbox_security),
            settings.mailbox_user,
            settings.mailbox_password.get_secret_value() if settings.mailbox_password else "",
            settings.mailbox_folder, settings.mailbox_taken_folder, settings.mailbox_ca,
        )
    )  # fmt: skip


def own_addresses(settings: Settings) -> frozenset[str]:
    """Our addresses and the domain of our mails, in lower case: mail from there is a loop."""
    address = parseaddr(settings.smtp_from)[1].lower()
    return frozenset({settings.mailbox_address.strip().lower(), address, address.rpartition("@")[2]} - {""})


def chat_of(settings: Settings) -> ChatDoor | None:
    """The way in from Slack, where its signing secret is set. Raises ConfigurationError where it cannot answer."""
    if settings.slack_signing_secret is None:
        return None
    if settings.slack_token is None:
        raise ConfigurationError(
            "BREACH_SLACK_SIGNING_SECRET is set, BREACH_SLACK_TOKEN is not: the form is opened with the bot token"
        )
    from breach_service.notify.slack_forms import SlackForms  # only here, as above

    secret, token = settings.slack_signing_secret, settings.slack_token
    return SlackForms(secret.get_secret_value(), token.get_secret_value(), settings.slack_api_url)


def beside_the_loop(service: Service) -> tuple[TakingIn | SigningLife, ...]:
    """What works in threads of its own beside the worker, started."""
    found = tuple(one for one in (service.taking_in(), signing_life_of(service)) if one is not None)
    for one in found:
        one.start(service.now)
    return found


def switch_of(settings: Settings) -> DeadMansSwitch | None:
    """The dead-man's switch, where one is set. Raises ConfigurationError where its address is none."""
    return DeadMansSwitch(settings.heartbeat_url.get_secret_value()) if settings.heartbeat_url else None


def signing_life_of(service: Service) -> SigningLife | None:
    """What gives signs of life; None where no dead-man's switch is set."""
    switch = switch_of(service.settings)
    return SigningLife(switch, service.database, WORKER_LEASE) if switch else None


def token_terms(settings: Settings) -> Terms:
    """For how long API tokens are made."""
    return Terms(timedelta(days=settings.token_days), timedelta(days=settings.token_longest_days))


def prepare(service: Service) -> None:
    """Migrate, and put the shipped content in force at the first start.

    Content with faults stops the first start; later the last good version stays in force and a banner says so. Files
    that an earlier start found without faults are not checked again.
    """
    migrate(service.database.engine)
    with service.database.reading() as session:
        check_key(session, service.cipher)
    reading = content_on_disk(service.settings, service.memory.recall)
    faults = faults_of(reading, service.settings, service.memory.is_sound)
    with service.database.reading() as session:
        is_first = reference.content_digest(session) is None
    if faults:
        if is_first:
            raise ContentError("\n".join(("the content has faults:", *faults)))
        service.content_faults = faults
        log.error("content_has_faults", faults=list(faults))
    elif is_first and reading.catalogue is not None:
        catalogue, now = reading.catalogue, service.now()
        service.database.write(lambda session: content_acts.activate_content(session, OPERATOR, catalogue, now))
    service.knowledge()
    if not faults:
        service.remember(reading)


def check_key(session: Session, cipher: Cipher) -> None:
    """Open one of everything that is sealed; ConfigurationError where it was sealed with another key."""
    sources.all_active(session, cipher)
    inbox.take(session, cipher, 1)
    for one in inbox.quarantined(session, limit=1):
        inbox.quarantined_body(session, cipher, one.id)


def web_application(service: Service, *, with_worker: bool) -> "FastAPI":
    """The ASGI application of a prepared service; with the worker in a thread of the same process where asked."""
    from breach_service.web.application import application  # only here: `serve` takes alerts before there are pages

    context = context_of(service)
    return application(context, lifespan_of(service, context, with_worker=with_worker))


def context_of(service: Service) -> Context:
    """What the edge works with."""
    gate = Gate(service.database, service.cipher, service.settings.backlog_limit)
    settings, token = service.settings, service.settings.metrics_token
    return Context(
        database=service.database,
        cipher=service.cipher,
        gate=gate,
        renderer=service.renderer,
        knowledge=service.knowledge,
        now=service.now,
        content_faults=lambda: service.content_faults,
        version=__version__,
        language=settings.language,
        public_url=settings.public_url,
        max_body_bytes=settings.max_body_bytes,
        max_evidence_bytes=settings.evidence_max_bytes,
        sign_in=sign_in_rules(settings),
        metrics_token=token.get_secret_value() if token else None,
        observe=timedelta(hours=settings.observe_hours),
        glass_lasts=timedelta(hours=settings.glass_hours),
        demo=service.demo,
        on_disk=service.on_disk,
        federation=federation_of(settings),
        has_local_sign_in=settings.local_sign_in,
        has_mail=service.mail is not None,
        has_heartbeat=service.settings.heartbeat_url is not None,
        ways=ways_of(service),
        token_terms=token_terms(settings),
        own_addresses=own_addresses(settings),
        chat=chat_of(settings),
    )


def lifespan_of(service: Service, context: Context, *, with_worker: bool) -> Lifespan:
    """What runs beside the edge from its start to its end; opens the ports of syslog."""
    gate = context.gate
    ports = open_ports(syslog_of(service.settings))
    if ports.sockets:
        gate.renew()
        check_source(ports, gate)

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        gate.renew()
        worker = service.worker() if with_worker else None
        thread = threading.Thread(target=worker.run, args=(service.now,), name="worker") if worker else None
        beside = beside_the_loop(service) if worker else ()
        if thread:
            thread.start()
        try:
            # The listener outside the group: inside it, cancelled, it could not store what it has read.
            async with listen(ports, gate, service.now), anyio.create_task_group() as group:
                group.start_soon(_keep_gate_fresh, gate, service.now)
                group.start_soon(_forget_first_link, service)
                try:
                    yield
                finally:
                    group.cancel_scope.cancel()
        finally:  # outside the group: inside it, cancelled, nothing could be waited for
            for one in beside:
                await run_in_threadpool(one.stop)
            if worker and thread:
                worker.stop()
                await run_in_threadpool(thread.join)
            await run_in_threadpool(gate.flush_refusals, service.now())

    return lifespan


def sign_in_rules(settings: Settings) -> SignInRules:
    """What the settings ask of everybody who signs in."""
    idle, named = settings.session_idle_hours, settings.second_factor_roles
    try:
        roles = roles_in("" if named == "none" else named)
    except ValueError as error:
        raise ConfigurationError(f"BREACH_SECOND_FACTOR_ROLES: {error}: write {', '.join(PEOPLE)}, or none") from None
    return SignInRules(
        lasts=timedelta(hours=settings.session_hours),
        idle=timedelta(hours=idle) if idle else None,
        second_factor_roles=roles,
        grace=timedelta(days=settings.second_factor_grace_days),
    )


def federation_of(settings: Settings) -> Federation | None:
    """The OpenID provider that the settings name; ConfigurationError with what is missing or wrong."""
    if not settings.oidc_issuer:
        if not settings.local_sign_in:
            raise ConfigurationError("BREACH_LOCAL_SIGN_IN is false without BREACH_OIDC_ISSUER: nobody could come in")
        return None
    for name in ("oidc_client_id", "oidc_groups", "public_url"):
        if not getattr(settings, name):
            raise ConfigurationError(f"BREACH_OIDC_ISSUER is set, BREACH_{name.upper()} is not: both are needed")
    try:
        roles = roles_of_groups(settings.oidc_groups)
    except ValueError as error:
        raise ConfigurationError(f"BREACH_OIDC_GROUPS: {error}") from error
    from breach_service.notify.oidc import provider_of  # only here: who has no provider need not wait for its library

    home, secret = settings.public_url.rstrip("/"), settings.oidc_client_secret
    us = Registration(
        settings.oidc_issuer, settings.oidc_client_id, secret.get_secret_value() if secret else None,
        f"{home}/oidc/callback", f"{home}/sign-in", settings.oidc_groups_claim, settings.oidc_scopes,
    )  # fmt: skip
    rules = Rules(roles, timedelta(hours=settings.session_hours), settings.language)
    return Federation(provider_of(us), rules, settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or "")


def syslog_of(settings: Settings) -> Syslog:
    """What the settings say about syslog."""
    return Syslog(
        udp=settings.syslog_udp,
        tcp=settings.syslog_tcp,
        tls=settings.syslog_tls,
        certificate=settings.syslog_tls_certificate,
        key=settings.syslog_tls_key,
        clients=settings.syslog_tls_clients,
        allow=settings.syslog_allow,
        source=settings.syslog_source,
    )


async def _keep_gate_fresh(gate: Gate, now: Callable[[], datetime]) -> None:
    """Know new senders and the backlog, and write the counted refusals down, once a second."""
    while True:
        await anyio.sleep(FLUSH_EVERY)
        try:
            await run_in_threadpool(gate.renew)
            await run_in_threadpool(gate.flush_refusals, now())
        except DatabaseError as error:  # the database is away: what is known stays, the next second tries again
            log.error("gate_not_renewed", error=type(error).__name__)
        except BreachServiceError as error:  # such as a sender that was added under another key
            log.error("gate_not_renewed", error=type(error).__name__, why=str(error))


async def _forget_first_link(service: Service) -> None:
    """Take the file with the first administrator's link away once it opens nothing any more, whoever used it."""
    file = first_link_file(service.settings)
    while True:
        await anyio.sleep(FLUSH_EVERY)
        try:
            if file.exists():
                await run_in_threadpool(_forget_if_used, service, file)
        except (DatabaseError, OSError) as error:
            log.error("first_link_not_removed", error=type(error).__name__)


def _forget_if_used(service: Service, file: Path) -> None:
    with service.database.reading() as session:
        is_needed = links.is_first_link_needed(session, service.now())
    if not is_needed:
        file.unlink(missing_ok=True)


def first_link_file(settings: Settings) -> Path:
    """Where the link of the first administrator waits, readable for the service's own account only."""
    return settings.data_dir / "first-administrator.link"


def run_web(service: Service, *, with_worker: bool, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first."""
    context, settings = context_of(service), service.settings
    pages = Later(lambda: _pages(context), context)
    app = with_lifespan(pages, lifespan_of(service, context, with_worker=with_worker))
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_level="warning", access_log=False, server_header=False,
        proxy_headers=False, ws="none", http=protocol_of(context), timeout_graceful_shutdown=10,
    )  # fmt: skip
    # The same middleware that uvicorn would put around everything; the webhooks have no use for it.
    behind_proxy = cast(ASGIApp, ProxyHeadersMiddleware(cast(Any, app), settings.trusted_proxies))
    config.app = WebhooksFirst(Webhooks(context, SECURITY_HEADERS), behind_proxy)
    server = _Server(config, on_ready)
    if threading.current_thread() is threading.main_thread():
        for one in (signal.SIGINT, signal.SIGTERM):
            # uvicorn ends at these and raises them again once it has ended, which would kill us before we have.
            signal.signal(one, lambda *_: None)
    # What is there by now stays: looking through it again and again would make answers wait.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)
    try:
        server.run()
    finally:
        service.close()
        log.info("stopped")


def _pages(context: Context) -> ASGIApp:
    from breach_service.web.application import application  # only here, while alerts are taken in already

    pages = application(context)
    gc.freeze()
    return pages


class _Server(uvicorn.Server):
    """Says where it listens once it does."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[str], None] | None) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list | None = None) -> None:  # type: ignore[type-arg]
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            log.info("listening", host=host, port=port, version=__version__)
            if self._on_ready:
                self._on_ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
