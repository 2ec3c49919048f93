"""An inventory as the YAML that it can be imported from again."""

import io

from ruamel.yaml import YAML

from breach_service.domain.inventory import Inventory


def inventory_as_yaml(inventory: Inventory) -> str:
    """The inventory as YAML; what has its usual value is left out. `read_inventory` reads it back to the same."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 10_000
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = io.StringIO()
    yaml.representer.ignore_aliases = _never
    yaml.dump({"organisations": [], **inventory.model_dump(mode="json", exclude_defaults=True)}, text)
    return text.getvalue()


def _never(data: object) -> bool:
    """A file of content has no anchors: every part is written out in full."""
    return True
