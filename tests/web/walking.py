"""Every route of the real application with what it asks of whoever calls it, and calls that fit it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import Mount

from breach_service.domain.access import Act
from breach_service.web.application import MOUNTED
from breach_service.web.needs import Needs, OpenBecause

Said = Needs | OpenBecause


@dataclass(frozen=True)
class Walked:
    """A route with one of its methods, and all that it says about who may call it."""

    method: str
    path: str
    said: tuple[Said, ...]

    @property
    def is_open(self) -> bool:
        return bool(self.said) and isinstance(self.said[0], OpenBecause)

    @property
    def act(self) -> Act | None:
        one = self.said[0] if self.said else None
        return one.act if isinstance(one, Needs) else None

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def walked(routes: Iterable[Any], mounted: dict[str, Said] = MOUNTED) -> Iterator[Walked]:
    """Every route, through included routers; a HEAD beside its GET is left out, the mounts stand for what they hold."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from walked(included.routes, mounted)
        elif isinstance(route, APIRoute):
            said = tuple(one.dependency for one in route.dependencies if isinstance(one.dependency, Said))
            for method in sorted(route.methods - ({"HEAD"} if "GET" in route.methods else set())):
                yield Walked(method, route.path, said)
        elif isinstance(route, Mount) and route.path in mounted:
            yield Walked("GET", f"{route.path}/", (mounted[route.path],))
        else:  # a route of another kind says nothing, and the walk says so
            yield Walked("GET", getattr(route, "path", repr(route)), ())


def filled(path: str, places: dict[str, str]) -> str:
    """A path with something in each of its places; a place that nobody thought of holds 1."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: places.get(found[1], "1"), path)
