"""`playbooks/` read and checked: every fault at once, each with its file, line and column."""

from breach_service.catalog.catalogue import (
    Catalogue,
    CatalogueReading,
    Recall,
    catalogue_from,
    digest_of,
    read_inventory,
)
from breach_service.catalog.faults import Fault
from breach_service.catalog.inventory_text import inventory_as_yaml
from breach_service.catalog.inventory_words import strange_words
from breach_service.catalog.reading import read_catalogue, read_documents

__all__ = [
    "Catalogue",
    "CatalogueReading",
    "Fault",
    "Recall",
    "catalogue_from",
    "digest_of",
    "inventory_as_yaml",
    "read_catalogue",
    "read_documents",
    "read_inventory",
    "strange_words",
]
