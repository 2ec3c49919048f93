"""/healthz: the process answers. /readyz: it can also read its database."""

from fastapi import APIRouter, Response

from breach_service.store.database import is_alive
from breach_service.web.context import Here
from breach_service.web.needs import open_because

router = APIRouter(include_in_schema=False)


@router.api_route("/healthz", methods=["GET", "HEAD"], dependencies=[open_because("whether the process answers")])
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", media_type="text/plain")


@router.api_route("/readyz", methods=["GET", "HEAD"], dependencies=[open_because("whether the database can be read")])
def readyz(here: Here) -> Response:
    """The database can be read."""
    with here.database.reading() as session:
        if is_alive(session):
            return Response("ready\n", media_type="text/plain")
    return Response("the database cannot be read\n", 503, media_type="text/plain")
