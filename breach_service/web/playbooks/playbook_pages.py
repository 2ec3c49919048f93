"""The pages of the playbooks: whoever is signed in may read them, before anything happens."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from breach_service.domain.access import Act
from breach_service.domain.playbook import Playbook
from breach_service.errors import N_, NotFound
from breach_service.pipeline.knowledge import Knowledge
from breach_service.web.context import Here
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, page, words_of
from breach_service.web.views.playbooks import playbook_page, playbooks_page

router = APIRouter(include_in_schema=False)


@router.get("/playbooks", dependencies=[needs(Act.LOOK)])
def list_playbooks(request: Request, here: Here) -> HTMLResponse:
    """Every playbook."""
    view = playbooks_page(here.knowledge().catalogue.playbooks, language_of(request))
    return page(request, "playbooks.html", "playbooks", view)


@router.get("/playbooks/{playbook}", dependencies=[needs(Act.LOOK)])
def show_playbook(playbook: str, request: Request, here: Here) -> HTMLResponse:
    """One playbook."""
    view = playbook_page(playbook_of(here.knowledge(), playbook), words_of(here), language_of(request))
    return page(request, "playbook.html", "playbooks", view)


def playbook_of(knowledge: Knowledge, name: str) -> Playbook:
    """The playbook of an id; NotFound where the content in force has none."""
    for one in knowledge.catalogue.playbooks:
        if one.id == name:
            return one
    raise NotFound(N_("there is no playbook %(name)s"), name=name)
