"""Inventories of any kind, sound ones: for properties."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from breach_service.domain.inventory import Inventory

words = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=12),
    st.sampled_from(["=1+1", "'=1", "'", "''", '"', "@x", "-", "+33 1", " a ", "a|b", "[x]", "yes", "no", "1e3", "null",
                     "2026-05-25", "~", "oui", "\r\n", "{}", "# a", "a: b", "\ufeff", "1200 to 1500"]),
)  # fmt: skip
texts = st.fixed_dictionaries({"fr": words.filter(str.strip)}, optional={"en": words.filter(str.strip)})
days = st.dates(date(2018, 5, 25), date(2030, 1, 1)).map(date.isoformat)
hours = st.one_of(st.integers(1, 200).map(float), st.floats(0.25, 400))
persons = st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)).map(sorted)


def dated(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A part with or without days, in order."""
    held = st.lists(days, min_size=2, max_size=2).map(sorted)
    part = st.fixed_dictionaries(required, optional=optional)
    return st.tuples(part, st.one_of(st.none(), held)).map(
        lambda one: {**one[0], **({"valid_from": one[1][0], "valid_to": one[1][1]} if one[1] else {})}
    )


mailboxes = st.sampled_from(["", "dpo@acme.example", "a.b+c@sub.acme.example"])
contacts = st.fixed_dictionaries(
    {"name": words},
    optional={
        "email": mailboxes, "phone": words, "language": st.sampled_from(["fr", "en"]), "order": st.integers(0, 9),
        "is_fallback": st.booleans(), "verified_on": days,
        "mandate": dated({"clients": st.just(["acme"]), "written_in": words.filter(bool)}),
    },
)  # fmt: skip
terms = dated({"clause": words.filter(bool)}, hours=hours, form=st.sampled_from(["any", "portal"]), sent_to=words)
contracts = st.fixed_dictionaries(
    {},
    optional={
        "notice_hours": hours, "clause": words, "ends_on": days, "notice": st.lists(terms, max_size=2),
        "deletion": st.fixed_dictionaries({}, optional={"certified_on": days, "certificate": words}),
    },
)  # fmt: skip
matches = st.fixed_dictionaries(
    {},
    optional={
        "hosts": st.lists(words, max_size=3),
        "networks": st.lists(st.sampled_from(["192.0.2.0/28", "2001:db8::/32"]), max_size=2),
        "labels": st.dictionaries(words, words, max_size=2), "accounts": st.lists(words, max_size=2),
    },
)  # fmt: skip
facts = st.dictionaries(
    st.sampled_from(["backup.exists", "1", "a.b"]),
    st.one_of(words, st.booleans(), st.integers(-9, 9), st.lists(words, max_size=2)),
    max_size=2,
)
systems = dated(
    {"id": st.just("web"), "name": texts},
    match=matches, activities=st.just(["news"]), is_in_production=st.booleans(), facts=facts, description=texts,
)  # fmt: skip
activities = dated(
    {
        "id": st.just("news"), "name": texts, "data": st.just(["mail"]),
        "our_role": st.sampled_from(["controller", "processor"]),
    },
    purposes=st.lists(texts, max_size=3), number_of_persons=persons,
    data_described=st.dictionaries(st.just("mail"), words),
    person_kinds=st.lists(words, max_size=2), retention=texts, providers=st.just(["host"]), reference=words,
)  # fmt: skip
clients = dated(
    {"id": st.just("acme"), "name": words},
    contacts=st.lists(contacts, max_size=2), contract=contracts, group=st.just("holding"), authority=words,
    country=st.sampled_from(["FR", "BE", "GP", "ZZ"]), siren=st.sampled_from(["", "732829320", "123 456 782"]),
    activities=st.lists(dated({"activity": st.just("news")}, number_of_persons=persons), max_size=1),
)  # fmt: skip
providers = dated(
    {"id": st.just("host"), "name": words, "service": texts},
    activities=st.just([{"activity": "news", "role": "sub_processor"}]), security_contact=contacts, notice_hours=hours,
    transfer=st.sampled_from(["adequacy", "standard_clauses"]), clause=words,
)  # fmt: skip
inventories = st.fixed_dictionaries(
    {
        "organisations": st.just([{"id": "us", "name": "Nous", "dpo": {"name": "DPO"}}]),
        "data_categories": st.just([{"id": "mail", "name": {"fr": "Courriel"}, "cnil": "contact"}]),
        "groups": st.just([{"id": "holding", "name": "Holding"}]),
        "systems": st.lists(systems, min_size=1, max_size=1),
        "activities": st.lists(activities, min_size=1, max_size=1),
        "clients": st.lists(clients, min_size=1, max_size=1),
        "providers": st.lists(providers, min_size=1, max_size=1),
    }
).map(Inventory.model_validate)
