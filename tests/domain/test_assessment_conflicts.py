"""What is said where a floor and a ceiling both hold in a perimeter."""

from breach_service.domain.assessment import assess_perimeter, conflicts_in
from breach_service.domain.conditions import Truth
from tests.domain.test_assessment import WEB, a_perimeter, a_rule, at_least, facts

SECRECY = "loss.confidentiality"


def test_each_side_names_the_other_and_which_one_counts() -> None:
    """A ceiling prevails over what it neutralises and gives way to what it does not name."""
    rules = (
        a_rule("lost", at_least("risk"), line={"fact": SECRECY, "is": "yes"}),
        a_rule("grave", at_least("high_risk"), line={"fact": "grave", "is": "yes"}),
        a_rule(
            "safe",
            {"loss": "confidentiality", "at_most": "unlikely", "neutralises": ["lost"]},
            line={"fact": "safe", "is": "yes"},
        ),
    )
    said = facts({SECRECY: Truth.YES, "grave": Truth.YES, "safe": Truth.YES})
    found = conflicts_in(assess_perimeter(a_perimeter(WEB), said, rules))
    named = {
        name: ([rule.id for rule in one.prevails_over], [rule.id for rule in one.gives_way_to])
        for name, one in found.items()
    }
    assert named == {"grave": (["safe"], []), "lost": ([], ["safe"]), "safe": (["lost"], ["grave"])}


def test_nothing_is_said_where_nothing_stands_against_anything() -> None:
    """A floor alone."""
    rules = (a_rule("lost", at_least("risk"), line={"fact": SECRECY, "is": "yes"}),)
    assert conflicts_in(assess_perimeter(a_perimeter(WEB), facts({SECRECY: Truth.YES}), rules)) == {}
