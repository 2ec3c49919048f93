"""Prepare the demonstration once, serve it, and play the attack at the first start."""

import threading
from datetime import datetime, timedelta
from pathlib import Path

from breach_service.acts import content, senders
from breach_service.acts.decisions import mandates
from breach_service.acts.decisions.mandates import NewMandate
from breach_service.acts.on_call import rota
from breach_service.acts.people import accounts
from breach_service.acts.senders import Connection
from breach_service.app import OPERATOR, Service, content_on_disk, open_service, prepare, run_web
from breach_service.demo.playing import Sender, play
from breach_service.domain.access import MandateKind, UserRole
from breach_service.domain.inventory import Inventory
from breach_service.errors import ConfigurationError, ContentError
from breach_service.settings import Settings
from breach_service.store import people as stored_people
from breach_service.store import sources as stored_sources
from breach_service.store.database import DatabaseError, Session, is_without_tables
from breach_service.web.context import DemoAccount

ACCOUNT = DemoAccount("Camille Vauzelle", "dpo", "dpo@demo.example", "demonstration-72h")
"""Shown on the sign-in page of the demonstration; it exists nowhere else."""
DECIDER = DemoAccount("Alix Montreuil", "decider", "direction@demo.example", ACCOUNT.password)
"""The legal representative of the demonstration."""
OTHERS = (
    DemoAccount("Noé Kerbrat", "responder", "astreinte@demo.example", ACCOUNT.password),
    DemoAccount("Inès Le Goff", "admin", "admin@demo.example", ACCOUNT.password),
)
"""Whoever is on call, and whoever cares for accounts and senders."""
ROTA = f"""\
zone: Europe/Paris
holidays: FR
working_hours: {{days: [monday, tuesday, wednesday, thursday, friday], from: "09:00", until: "18:00"}}
first:
  people: [{OTHERS[0].email}, {ACCOUNT.email}]
  every: week
  hand_over_on: monday
  hand_over_at: "09:00"
  starts_on: 2026-01-05
second:
  people: [{DECIDER.email}]
  every: week
  hand_over_on: monday
  hand_over_at: "09:00"
  starts_on: 2026-01-05
dpo: {ACCOUNT.email}
deputy: {DECIDER.email}
"""
DATA_DIR = Path("demo-data")
KINDS = ("alertmanager", "crowdsec", "json", "suricata", "wazuh")
"""What the recorded attack was seen by."""


def run_demo(settings: Settings) -> None:
    """Serve the demonstration until Ctrl-C; a second start keeps the data."""
    service = open_service(demo_settings(settings))
    if holds_real_data(service):
        raise ConfigurationError(
            f"{service.settings.data_dir} holds real data, and the password of the demonstration is known to all: "
            "leave BREACH_DATA_DIR out, or name an empty directory"
        )
    prepare(service)
    service.demo = ACCOUNT
    with service.database.reading() as session:
        is_first = stored_people.user_by_email(session, ACCOUNT.email) is None
    connected = set_up(service) if is_first else []

    def say_where(address: str) -> None:
        print(f"\n  breach_service runs at  {address}", flush=True)
        print(f"  sign in with            {ACCOUNT.email}  /  {ACCOUNT.password}", flush=True)
        print("  stop with               Ctrl-C (the data is kept)\n", flush=True)
        if connected:
            threading.Thread(target=_attack, args=(address, connected, service.now()), daemon=True).start()

    run_web(service, with_worker=True, on_ready=say_where)


def _attack(address: str, connected: list[Sender], now: datetime) -> None:
    try:
        play(address, connected, now)
    except OSError as error:  # most likely Ctrl-C while it was playing
        print(f"  the attack was broken off ({error}): delete the data to see it from its beginning\n", flush=True)


def demo_settings(settings: Settings) -> Settings:
    """Apart from the real data, readable for a person, and only for this machine."""
    changes: dict[str, object] = {"log_level": "warning", "log_format": "console", "database_url": None}
    changes["second_factor_roles"] = "none"  # its password is on its first page
    if "data_dir" not in settings.model_fields_set:
        changes["data_dir"] = DATA_DIR
    return settings.model_copy(update=changes)


def holds_real_data(service: Service) -> bool:
    """True where people or senders are there that no demonstration has made."""
    try:
        with service.database.reading() as session:
            everybody = [one.email for one in stored_people.users(session)]
            names = [one.name for one in stored_sources.summaries(session)]
    except DatabaseError as error:
        if is_without_tables(error):  # a new database
            return False
        raise
    if ACCOUNT.email in everybody:
        return False
    return bool(everybody) or any(not name.startswith("demo-") for name in names)


def set_up(service: Service) -> list[Sender]:
    """The example inventory, the account, and one sender per kind that saw the attack."""
    now, inventory = service.now(), example_inventory(service.settings)
    service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, now))
    connected = []
    for kind in KINDS:
        name = f"demo-{kind}"
        new = service.database.write(
            lambda session, name=name, kind=kind: senders.add_source(  # type: ignore[misc]  # bound per round
                session, OPERATOR, Connection(name, kind), service.cipher, now
            )
        )
        connected.append(Sender(name, new.path, str(new.auth), new.secret))
    service.database.write(
        lambda session: accounts.add_user(
            session, OPERATOR, ACCOUNT.email, UserRole.DPO, ACCOUNT.password, now, name=ACCOUNT.name
        )
    )
    service.database.write(lambda session: _let_decide(session, inventory, now))
    service.database.write(lambda session: _put_on_call(session, now))
    return connected


def _put_on_call(session: Session, now: datetime) -> None:
    """Two who take turns, and somebody behind them."""
    for one in OTHERS:
        accounts.add_user(session, OPERATOR, one.email, UserRole(one.role), one.password, now, name=one.name)
    rota.set_rota_from_text(session, OPERATOR, ROTA, now)


def _let_decide(session: Session, inventory: Inventory, now: datetime) -> None:
    """The legal representative decides, and the data protection officer under a delegation of theirs."""
    accounts.add_user(session, OPERATOR, DECIDER.email, UserRole.DECIDER, DECIDER.password, now, name=DECIDER.name)
    appointed = NewMandate(
        DECIDER.email, MandateKind.REPRESENTATIVE, "Procès-verbal de l’assemblée générale (exemple)",
        granted_by="Assemblée générale",
    )  # fmt: skip
    delegated = NewMandate(
        ACCOUNT.email, MandateKind.DELEGATION, "Délégation écrite (exemple)", granted_by=DECIDER.name,
        to_at=now + timedelta(days=365),
    )  # fmt: skip
    for one in (appointed, delegated):
        mandates.record_mandate(session, OPERATOR, one, inventory, now)


def example_inventory(settings: Settings) -> Inventory:
    """The shipped example."""
    reading = content_on_disk(settings)
    if reading.catalogue is None or "example" not in reading.catalogue.inventories:
        raise ContentError("the example inventory is missing: playbooks/inventory/example.yaml")
    return reading.catalogue.inventories["example"]
