"""Lists of machines: GLPI's computers and NetBox's devices and virtual machines, as their pages export them to CSV."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from breach_service.domain.inventory import Proposal, System, SystemMatch
from breach_service.domain.text import Text
from breach_service.inventory_files.faults import CellFault, fault_at
from breach_service.inventory_files.reading import Reading, id_from, plain, reading_of
from breach_service.inventory_files.sheets import Sheet
from breach_service.inventory_files.values import addresses_of
from breach_service.inventory_files.words import FaultKind

_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*")
_NOT_RUNNING = (
    "stock", "reform", "rebut", "hors service", "hs", "retir", "retired", "decommission", "planned", "staged",
    "inventory", "spare",
)  # fmt: skip


@dataclass(frozen=True)
class _Form:
    """Which columns of an export mean what; titles as `plain` gives them."""

    name: tuple[str, ...]
    status: tuple[str, ...]
    described_by: tuple[str, ...]
    """What else describes the machine, in this order."""
    domain: tuple[str, ...] = ()

    def holds_addresses(self, title: str) -> bool:
        """True for the title of a column of IP addresses (« Réseau - Adresse IP », « IPv4 Address », `primary_ip4`)."""
        words = set(re.split(r"[^a-z0-9]+", title))
        return bool(words & {"ip", "ip4", "ip6", "ipv4", "ipv6"}) and "gateway" not in words and "nat" not in words


_GLPI = _Form(
    name=("nom", "name"),
    status=("statut", "status", "state"),
    described_by=(
        "type",
        "entite",
        "entity",
        "lieu",
        "location",
        "systeme d'exploitation - nom",
        "operating system - name",
    ),
    domain=("domaine", "domain", "domaines - domaine"),
)
_NETBOX = _Form(
    name=("name", "nom"),
    status=("status", "statut"),
    described_by=("role", "device role", "tenant", "site", "cluster", "platform"),
)


def glpi_computers(sheet: Sheet) -> Reading:
    """Computers as GLPI exports them (CSV, titles in French or English): one system for each machine."""
    return _machines(sheet, _GLPI, ("Nom", "Name"))


def netbox_machines(sheet: Sheet) -> Reading:
    """Devices or virtual machines as NetBox exports them (CSV, as shown or all columns): one system for each."""
    return _machines(sheet, _NETBOX, ("Name", "name"))


def _machines(sheet: Sheet, form: _Form, titles: tuple[str, str]) -> Reading:
    if not sheet.rows:
        return reading_of(Proposal(), (*sheet.faults, fault_at(sheet.name, 1, 1, FaultKind.MISSING_COLUMN, titles[0])))
    top = sheet.rows[0]
    columns = {plain(text): column for column, text in reversed(sheet.row(top).items())}
    named = next((columns[one] for one in form.name if one in columns), None)
    if named is None:
        fault = fault_at(sheet.name, top, 1, FaultKind.MISSING_COLUMN, titles[0])
        return reading_of(Proposal(), (*sheet.faults, fault))
    faults: list[CellFault] = list(sheet.faults)
    systems: dict[str, System] = {}
    rows: dict[str, int] = {}
    for row in sheet.rows[1:]:
        name = sheet.at(row, named)
        networks = _addresses(sheet, row, columns, form, faults)
        if not name:
            faults.append(fault_at(sheet.name, row, named, FaultKind.MISSING_VALUE, "", titles[0]))
            continue
        system_id = id_from(name)
        if system_id in systems:
            faults.append(fault_at(sheet.name, row, named, FaultKind.USED_TWICE, name, str(rows[system_id])))
            continue
        rows[system_id] = row
        systems[system_id] = _system(system_id, name, networks, _read(sheet, row, columns, form))
    return reading_of(Proposal(systems=tuple(systems.values()), is_partial=True), faults)


def _addresses(
    sheet: Sheet, row: int, columns: Mapping[str, int], form: _Form, faults: list[CellFault]
) -> tuple[str, ...]:
    found: list[str] = []
    for title, column in columns.items():
        if form.holds_addresses(title):
            addresses, strange = addresses_of(sheet.at(row, column))
            found += addresses
            faults += [fault_at(sheet.name, row, column, FaultKind.NOT_AN_ADDRESS, one) for one in strange[:1]]
    return tuple(dict.fromkeys(found))


def _read(sheet: Sheet, row: int, columns: Mapping[str, int], form: _Form) -> dict[str, str]:
    """Status, domain and description of a machine."""

    def said(titles: Iterable[str]) -> list[str]:
        return [text for one in titles if one in columns and (text := sheet.at(row, columns[one]))]

    return {
        "status": next(iter(said(form.status)), ""),
        "domain": next(iter(said(form.domain)), ""),
        "described": ", ".join(said(form.described_by)),
    }


def _system(system_id: str, name: str, networks: tuple[str, ...], said: Mapping[str, str]) -> System:
    hosts = [name.lower()] if _HOST.fullmatch(name) else []
    domain = said["domain"].lower()
    if hosts and domain and "." not in name and _HOST.fullmatch(domain):
        hosts.append(f"{hosts[0]}.{domain}")
    match = SystemMatch(**_given(hosts=tuple(hosts), networks=networks))
    status = plain(said["status"])
    optional: dict[str, Any] = {"description": Text(fr=said["described"])} if said["described"] else {}
    if status:
        optional["is_in_production"] = not any(one in status.split() or status.startswith(one) for one in _NOT_RUNNING)
    return System(id=system_id, name=Text(fr=name), match=match, **optional)


def _given(**values: tuple[str, ...]) -> dict[str, Any]:
    """What is not empty: an empty list of addresses must not replace the ranges that somebody wrote."""
    return {name: value for name, value in values.items() if value}
