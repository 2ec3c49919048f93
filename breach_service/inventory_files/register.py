"""The CNIL's register of processing activities, from its sheets to proposed entries and faults by cell."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from breach_service.domain.inventory import Contact, DataCategory, Organisation, ProcessingActivity, Proposal, Role
from breach_service.domain.text import Text
from breach_service.inventory_files.faults import CellFault, Unreadable, fault_at
from breach_service.inventory_files.reading import Reading, id_from, plain, reading_of
from breach_service.inventory_files.register_list import Listed, listed_in
from breach_service.inventory_files.register_sheet import Cell, RegisterSheet, is_register_sheet
from breach_service.inventory_files.register_words import (
    CATEGORIES,
    CONTROLLER,
    DESCRIPTION,
    DPO,
    JOINT,
    MAIN_PURPOSE,
    PERSON_KINDS,
    REPRESENTATIVE,
    Section,
)
from breach_service.inventory_files.sheets import Sheet
from breach_service.inventory_files.values import country_of, day_of, is_mailbox
from breach_service.inventory_files.words import FaultKind


def register_in(sheets: Iterable[Sheet]) -> Reading:
    """The activities of a register, their categories of data and the organisations responsible for them.

    Every sheet with « Description du traitement » is one activity; an unfilled model and the CNIL's own examples are
    passed over. The list of activities, where there is one, must agree with the sheets.
    Raises Unreadable where no sheet of the file is one of a register.
    """
    sheets = [one for one in sheets if "exemple" not in plain(one.name)]
    found = [RegisterSheet(one) for one in sheets if is_register_sheet(one)]
    if not found:
        raise Unreadable(FaultKind.NO_REGISTER)
    register = _Register()
    for one in sheets:
        register.faults += one.faults
    for sheet in found:
        if sheet.is_filled_in:
            register.take(sheet)
    for one in sheets:
        if not is_register_sheet(one):
            listed, faults = listed_in(one)
            register.faults += faults
            register.faults += register.disagreements(one.name, listed)
    if not register.activities and not register.faults:
        raise Unreadable(FaultKind.NO_REGISTER)
    understood = Proposal(
        organisations=tuple(register.organisations.values()),
        data_categories=tuple(register.categories.values()),
        activities=tuple(register.activities.values()),
    )
    return reading_of(understood, register.faults)


@dataclass
class _Known:
    """What the list is compared with."""

    sheet: str
    has_special: bool
    has_transfers: bool


@dataclass
class _Register:
    faults: list[CellFault] = field(default_factory=list)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    categories: dict[str, DataCategory] = field(default_factory=dict)
    activities: dict[str, ProcessingActivity] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    """Sheet by reference, to tell where one was used before."""
    known: dict[str, _Known] = field(default_factory=dict)

    def take(self, sheet: RegisterSheet) -> None:
        """One activity. What is missing or wrong is a fault; the activity is made of the rest as far as it can be."""
        name = self._needed(sheet, "name")
        reference = self._needed(sheet, "reference")
        self._days(sheet)
        purposes = self._purposes(sheet)
        organisation, joint = self._actors(sheet)
        data, described, retention = self._data(sheet)
        transfers = list(self._transfers(sheet))
        if not name.text:
            return
        key = plain(reference.text) or plain(name.text)
        self.known[key] = _Known(sheet.name, any(self.categories[one].is_special for one in data), bool(transfers))
        activity_id = id_from(name.text)
        if activity_id in self.activities:
            self._fault(sheet, name, FaultKind.USED_TWICE, name.text, activity_id)
            return
        if reference.text and self.references.setdefault(plain(reference.text), sheet.name) != sheet.name:
            self._fault(sheet, reference, FaultKind.USED_TWICE, reference.text, self.references[plain(reference.text)])
        said: dict[str, Any] = {"retention": Text(fr=retention)} if retention else {}
        if joint:
            said["controller"] = joint
        kinds, persons = self._persons(sheet)
        self.activities[activity_id] = ProcessingActivity(
            id=activity_id,
            name=Text(fr=name.text),
            our_role=Role.JOINT if joint else Role.CONTROLLER,
            reference=reference.text,
            purposes=purposes,
            data=tuple(data),
            data_described=described,
            persons=persons,
            person_kinds=kinds,
            recipients=_joined(sheet, Section.RECIPIENTS),
            security=_joined(sheet, Section.SECURITY),
            transfers=tuple(transfers),
            **said,
        )
        if organisation is not None:
            self.organisations.setdefault(organisation.id, organisation)

    def disagreements(self, sheet: str, listed: Iterable[Listed]) -> Iterator[CellFault]:
        """What the list of activities says otherwise than the sheets; and the sheets that it does not name."""
        named: dict[str, int] = {}
        for one in listed:
            key = plain(one.reference.text) or plain(one.name.text)
            if key in named:
                where = one.reference if one.reference.text else one.name
                yield fault_at(sheet, *where.place, FaultKind.USED_TWICE, where.text, f"A{named[key]}")
                continue
            named[key] = one.name.place[0]
            known = self.known.get(key)
            if known is None:
                yield fault_at(sheet, *one.name.place, FaultKind.NO_SUCH_SHEET, one.name.text or one.reference.text)
                continue
            if one.has_special is not None and one.has_special is not known.has_special:
                yield fault_at(sheet, *one.special.place, FaultKind.CONTRADICTS_SENSITIVE, one.special.text)
            if one.has_transfers is not None and one.has_transfers is not known.has_transfers:
                yield fault_at(sheet, *one.transfers.place, FaultKind.CONTRADICTS_TRANSFER, one.transfers.text)
        if named:
            missing = [known for key, known in self.known.items() if key not in named]
            yield from (fault_at(one.sheet, 1, 1, FaultKind.NOT_LISTED, one.sheet) for one in missing)

    def _fault(self, sheet: RegisterSheet, cell: Cell, kind: FaultKind, value: str = "", known: str = "") -> None:
        self.faults.append(fault_at(sheet.name, *cell.place, kind, value, known))

    def _needed(self, sheet: RegisterSheet, title: str) -> Cell:
        cell = sheet.described(DESCRIPTION[title])
        if not cell.text:
            self._fault(sheet, cell, FaultKind.MISSING_VALUE, "", cell.title or DESCRIPTION[title][0])
        return cell

    def _days(self, sheet: RegisterSheet) -> None:
        days = []
        for title in ("created", "updated"):
            cell = sheet.described(DESCRIPTION[title])
            day = day_of(cell.text)
            if cell.text and day is None:
                self._fault(sheet, cell, FaultKind.NOT_A_DATE, cell.text)
            days.append((day, cell))
        (created, _), (updated, cell) = days
        if created and updated and updated < created:
            self._fault(sheet, cell, FaultKind.DATE_BEFORE_CREATION, updated.isoformat(), created.isoformat())

    def _purposes(self, sheet: RegisterSheet) -> tuple[Text, ...]:
        main = sheet.in_section(Section.PURPOSES, MAIN_PURPOSE)
        if not main.text:
            self._fault(sheet, main, FaultKind.MISSING_VALUE, "", main.title or "Finalité principale")
        return tuple(Text(fr=cell.text) for cell in sheet.values(Section.PURPOSES) if cell.text)

    def _actors(self, sheet: RegisterSheet) -> tuple[Organisation | None, str]:
        """The organisation responsible for the activity, and the name of who is so jointly."""
        ours = sheet.line(Section.ACTORS, CONTROLLER)
        for line in sheet.lines(Section.ACTORS):
            country, mailbox = line.get("country"), line.get("email")
            if country.text and country_of(country.text) is None:
                self._fault(sheet, country, FaultKind.NOT_A_COUNTRY, country.text)
            if mailbox.text and not is_mailbox(mailbox.text):
                self._fault(sheet, mailbox, FaultKind.NOT_A_MAILBOX, mailbox.text)
        joint = sheet.line(Section.ACTORS, JOINT)
        dpo, person = sheet.line(Section.ACTORS, DPO), sheet.line(Section.ACTORS, REPRESENTATIVE)
        if not ours.get("name").text:
            self._fault(sheet, ours.get("name"), FaultKind.MISSING_VALUE, "", "Responsable du traitement")
            return None, joint.get("name").text
        said: dict[str, Any] = {one: ours.get(one).text for one in ("address", "postal_code", "city")}
        said = {one: value for one, value in said.items() if value}
        if code := country_of(ours.get("country").text):
            said["country"] = code
        if person.get("name").text:
            said["representative"] = _contact(person.get("name").text, "", person)
        name = ours.get("name").text
        keeper = _contact(dpo.get("name").text or "DPO", "DPO", dpo)
        return Organisation(id=id_from(name), name=name, dpo=keeper, **said), joint.get("name").text

    def _data(self, sheet: RegisterSheet) -> tuple[list[str], dict[str, str], str]:
        """The categories described, what is said of each, and how long each is kept."""
        described: dict[str, str] = {}
        kept = []
        for section in (Section.DATA, Section.SPECIAL):
            for line in sheet.lines(section):
                said, retention = line.get("said").text, line.get("retention").text
                category = _category_of(line.title)
                if not said and retention:
                    self._fault(sheet, line.get("said"), FaultKind.MISSING_VALUE, "", "Description")
                if category is None and said:
                    self._fault(sheet, line.label, FaultKind.UNKNOWN_CATEGORY, line.title)
                if category is None or not said:
                    continue
                self.categories.setdefault(category.id, category)
                described[category.id] = said
                kept += [f"{line.title} : {retention}"] if retention else []
        if not described:
            self._fault(sheet, sheet.title_of(Section.DATA), FaultKind.NO_DATA)
        return list(described), described, "\n".join(kept)

    def _persons(self, sheet: RegisterSheet) -> tuple[tuple[str, ...], tuple[Text, ...]]:
        said = _joined(sheet, Section.PERSONS)
        kinds = []
        for one in said:
            found = [kind for word, kind in PERSON_KINDS if word in plain(one.fr)]
            kinds += found[:1] or ["other"]
        return tuple(dict.fromkeys(kinds)), said

    def _transfers(self, sheet: RegisterSheet) -> Iterator[Text]:
        for line in sheet.lines(Section.TRANSFERS):
            to, country, guarantee = line.get("recipient"), line.get("country"), line.get("guarantee")
            if not (to.text or country.text or guarantee.text):
                continue
            if not country.text:
                self._fault(sheet, country, FaultKind.MISSING_VALUE, "", "Pays")
            elif country_of(country.text) is None:
                self._fault(sheet, country, FaultKind.NOT_A_COUNTRY, country.text)
            if not guarantee.text:
                self._fault(sheet, guarantee, FaultKind.NO_GUARANTEE, to.text or country.text)
            link = line.get("link").text
            yield Text(fr=", ".join(filter(None, (to.text, country.text, guarantee.text, link))))


def _category_of(title: str) -> DataCategory | None:
    return next((one for begins, one in CATEGORIES.items() if plain(title).replace("-", " ").startswith(begins)), None)


def _contact(name: str, function: str, line: Any) -> Contact:
    said: dict[str, Any] = {"function": function} if function else {}
    mailbox, phone = line.get("email").text, line.get("phone").text
    said |= {"email": mailbox} if is_mailbox(mailbox) else {}
    said |= {"phone": phone} if phone else {}
    return Contact(name=name, **said)


def _joined(sheet: RegisterSheet, section: Section) -> tuple[Text, ...]:
    """The lines of a block: what each says, and what it adds."""
    lines = ((line.get("said").text, line.get("more").text) for line in sheet.lines(section))
    return tuple(Text(fr=" : ".join(filter(None, said))) for said in lines if any(said))
