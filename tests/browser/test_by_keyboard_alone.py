"""From the report to the review by key presses alone, in French; the pages for a screen reader and on a phone."""

import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.keyboard import Keyboard, plain
from tests.browser.test_break_glass import PASSWORD
from tests.browser.test_demo import CHROMIUM, chromium
from tests.system.conftest import Running

pytestmark = pytest.mark.needs("chromium")

LISE = "lise@us.example"
ANSWERS = {
    "incident.scenario": "Courriel mal adressé ou sans copie cachée",
    "loss.confidentiality": "1",
    "recipients.kind": "2",  # identified persons
    "encryption.state_of_the_art": "2",
    "recipients.number": 1,
    "loss.availability": "2",
    "loss.integrity": "2",
    "credentials.usable": "2",
    "recipients.deletion_confirmed": "1",
    "incident.malicious": "2",
    "incident.discovery": "2",  # one of our own people
    "incident.contained": "1",
}
"""Fact to the digit of its answer, to what is ticked, or to the number that is typed in."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service with one person who advises, and to whom deciding was delegated."""
    service = Running(tmp_path_factory.mktemp("keyboard"), language="fr")
    service.command("migrate")
    service.command("inventory", "import", "playbooks/inventory/example.yaml")
    service.command(
        "user", "add", LISE, "--role", "dpo", "--name", "Lise Exemple", "--language", "fr", "--password", PASSWORD
    )
    service.command(
        "mandate", "add", LISE, "--kind", "delegation", "--document", "Délégation du 3 mai 2024",
        "--granted-by", "Camille Exemple",
    )  # fmt: skip
    service.start()
    yield service
    assert service.process is not None
    service.process.send(signal.SIGTERM)


@pytest.fixture
def tab(running: Running) -> Iterator[Any]:
    """A browser that speaks French, at the sign-in; any error in its console fails the test."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM)
        complaints: list[str] = []
        one = browser.new_context(viewport={"width": 1360, "height": 900}, locale="fr-FR").new_page()
        one.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        one.goto(running.address)
        yield one
        browser.close()
    assert complaints == []


def look(tab: Any) -> None:
    """The page is in French, and axe finds no violation on it."""
    from axe_playwright_python.sync_playwright import Axe

    assert tab.locator("html").get_attribute("lang") == "fr"
    found = Axe().run(tab)
    assert found.violations_count == 0, (tab.url, found.generate_report())


def sign_in(keys: Keyboard) -> None:
    keys.write("Adresse électronique", LISE)
    keys.write("Mot de passe", PASSWORD)
    keys.enter()


def go_back(tab: Any, keys: Keyboard, reference: str) -> None:
    """To the page of the incident, by the way that is shown above each of its pages."""
    keys.follow(reference)
    assert tab.inner_text("main h1").startswith("Un courriel")


def report(tab: Any, keys: Keyboard) -> str:
    """Report that a mail went to the wrong person; the reference."""
    keys.follow("Déclarer un incident")
    look(tab)
    keys.follow("Aller au contenu")
    keys.write("1. Que s’est-il passé", "Un courriel, avec une liste de clients en pièce jointe, a mal été adressé.")
    keys.tick("Gestion commerciale et facturation")
    keys.choose("4. Des informations sur des personnes", "Oui", is_open=False)
    keys.write("5. Qu’a-t-on déjà fait", "Le destinataire a effacé le message et l’a écrit.")
    keys.send("Déclarer l’incident")
    look(tab)
    return str(re.search(r"INC-\d+-\d+", tab.url).group())  # type: ignore[union-attr]


def answer_questions(tab: Any, keys: Keyboard, reference: str) -> None:
    """Answer what is asked until nothing that we owe depends on an answer, and go back."""
    keys.follow("Répondre aux questions une à une")
    look(tab)
    asked: list[str] = []
    asks = tab.locator("form[data-digits] input[name=fact]")
    while asks.count() and (fact := asks.get_attribute("value")) in ANSWERS:
        assert fact not in asked, tab.inner_text("h2.q")
        asked.append(fact)
        match ANSWERS[fact]:
            case int() as number:
                tab.keyboard.type(str(number))
                keys.press("Tab")
                tab.keyboard.type(str(number))
            case label if not label.isdecimal():
                keys.tick(label)
            case digit:
                keys.press(str(digit))
                assert keys.stop().is_checked, (fact, digit)
        keys.enter()
    look(tab)
    assert "Aucune de nos obligations ne dépend d’une question ouverte." in tab.inner_text("main"), asked
    go_back(tab, keys, reference)


def say_since_when(tab: Any, keys: Keyboard) -> None:
    keys.follow("Actes")
    keys.open("Consigner la prise de connaissance")
    keys.choose("Depuis quand en sommes-nous raisonnablement certains", "proposé")
    keys.write("Qu’est-ce qui le rend certain", "L’expéditrice a relu l’adresse et l’a dit aussitôt.")
    keys.send("Consigner la prise de connaissance")


def confirm(tab: Any, keys: Keyboard) -> None:
    keys.follow("Qualifier")
    keys.choose("Est-ce une violation de données personnelles", "Oui, confirmer")
    keys.write("Pour quel motif", "Des données de clients ont été reçues par un tiers.")
    keys.send("Consigner la qualification")
    assert tab.locator(".head .pill.strong").count() == 1


def decide(tab: Any, keys: Keyboard) -> None:
    """Opinion and decision on both duties: the CNIL is notified; the persons are not told, as in like cases."""
    keys.follow("Décisions")
    keys.follow("Décider de chaque obligation")
    look(tab)
    assert "il fallait notifier dans" in plain(tab.inner_text("main"))
    for duty, outcome, reason in (
        ("Notification à la CNIL", "Notifier", "Le risque n’est pas improbable."),
        ("Communication aux personnes", "Ne pas notifier", "Comme dans les cas semblables : effacement confirmé."),
    ):
        for form, button in (("Donner l’avis du DPO", "Enregistrer l’avis"), ("Décider", "Consigner la décision")):
            keys.open(f"{form} , {duty}")
            keys.choose("Faut-il notifier", outcome)
            keys.write("Pour quel motif", reason)
            keys.send(button)
            assert tab.locator("main [role=alert]").count() == 0


def work(tab: Any, keys: Keyboard, reference: str) -> None:
    """A step of the plan with its result, and a measure that is taken already."""
    keys.follow("Le plan entier")
    look(tab)
    keys.open("Dire où elle en est")
    keys.pick("Elle est", "faite")
    keys.write("Résultat, ou raison", "La main courante est ouverte.")
    keys.send("Consigner")
    assert "La main courante est ouverte." in tab.inner_text("main")
    go_back(tab, keys, reference)
    keys.follow("Actes")
    keys.follow("Prévoir des mesures")
    look(tab)
    keys.write("Ce qui est fait, en une ligne", "Les adresses extérieures sont confirmées avant l’envoi.")
    keys.pick("Qui en répond", "Lise Exemple")
    keys.open("Elle est déjà prise")
    keys.write("Avec quel résultat", "En place pour tous.")
    keys.send("Consigner la mesure")
    assert "En place pour tous." in tab.inner_text("main")
    go_back(tab, keys, reference)


def file(tab: Any, keys: Keyboard, reference: str) -> None:
    """Approve the text for the CNIL, and record that it was sent."""
    keys.follow("Ouvrir le projet , CNIL")
    look(tab)
    keys.send("Approuver ce texte")
    keys.pick("Par quel moyen", "téléservice")
    keys.write("Numéro ou récépissé", "CNIL-2026-60")
    keys.send("Consigner l’envoi et le récépissé")
    assert "CNIL-2026-60" in tab.inner_text("main")


def close(tab: Any, keys: Keyboard) -> None:
    keys.follow("Actes")
    keys.open("Clore l’incident")
    keys.write("Pour quel motif", "La CNIL est informée, la pièce jointe est effacée.")
    keys.send("Clore l’incident")
    look(tab)
    assert "Il est clos" in tab.inner_text(".head")


def review(tab: Any, keys: Keyboard) -> None:
    """Write the review, with a follow-up that has a day, and close it."""
    keys.follow("Décisions")
    keys.follow("Retour d’expérience")
    look(tab)
    keys.open("Ajouter une suite")
    keys.write("Ce qui est fait, en une ligne", "Une consigne sur les envois groupés est écrite.")
    keys.pick("Qui en répond", "Lise Exemple")
    keys.to("À faire d’ici au", "Date")
    tab.keyboard.type("12122033")  # the same whether the day or the month comes first
    keys.send("Ajouter la suite")
    assert "12 décembre 2033" in plain(tab.inner_text("#follow-ups"))
    for name, text in (
        ("Ce qui s’est passé", "L’adresse proposée par la messagerie était celle d’un homonyme."),
        ("Ce qui a mal fonctionné", "Rien n’avertit quand un destinataire est extérieur."),
        ("Causes", "La saisie semi-automatique mêle les carnets d’adresses."),
        ("Ce qui doit changer", "Rien dans les critères."),
        ("Participants", "Lise Exemple"),
    ):
        keys.write(name, text)
    keys.send("Enregistrer et clore")
    look(tab)
    assert tab.locator("main form[action$='/review'] textarea").count() == 0
    assert "La saisie semi-automatique mêle" in tab.inner_text("dl.review")


def test_an_incident_is_handled_by_keyboard_alone(tab: Any) -> None:
    """From the report of a mail gone astray to the closed review: key presses only, in French, nothing in axe's way."""
    keys = Keyboard(tab)
    sign_in(keys)
    reference = report(tab, keys)
    answer_questions(tab, keys, reference)
    say_since_when(tab, keys)
    confirm(tab, keys)
    decide(tab, keys)
    go_back(tab, keys, reference)
    work(tab, keys, reference)
    file(tab, keys, reference)
    close(tab, keys)
    review(tab, keys)


PAGES = (
    "/declare", "/reports", "/measures", "/playbooks", "/playbooks/misdirected-mail", "/inventory",
    "/inventory/entry/systems/customer-management", "/inventory/import", "/inventory/history", "/inventory/unknown",
    "/providers/notices", "/precedents",
)  # fmt: skip
LONG_NAME = "Parti : liste-des-clients-et-de-leurs-abonnements_extraction_2026-11-23_version_finale_relue.xlsx"
OF_AN_INCIDENT = ("", "/questions", "/decide", "/playbook", "/measures", "/evidence", "/review")


def test_the_pages_of_handling_keep_nobody_out(running: Running, tab: Any) -> None:
    """With every part unfolded, axe finds no violation, light and dark, and none scrolls sideways on a phone."""
    sign_in(Keyboard(tab))
    tab.goto(f"{running.address}/declare")
    tab.fill("#what_happened", LONG_NAME)
    tab.check("input[value=customer-management]")
    tab.click("main form[action='/declare'] button[type=submit]")
    tab.wait_for_url("**/incidents/INC-*")
    incident = tab.url.partition("?")[0].removeprefix(running.address)
    for path in (*PAGES, *(f"{incident}{one}" for one in OF_AN_INCIDENT)):
        tab.goto(f"{running.address}{path}")
        tab.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        for scheme, width in (("light", 1360), ("dark", 320)):
            tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            tab.set_viewport_size({"width": width, "height": 900})
            look(tab)
            assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
