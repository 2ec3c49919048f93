"""Mappings as YAML: read with the line of every fault, written so that reading gives the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.catalog.mappings import LONGEST, mapping_faults, read_mapping, written
from breach_service.domain.alert import Severity, Signal
from breach_service.sources.mapped.reading import Always, Mapping

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Co", "Cn"]), min_size=1, max_size=12)
PATHS = st.lists(st.sampled_from(["a", "a.b", 'a."x y"', "items[0].name", "a || b", "@timestamp", "[0]"]), max_size=3)
MAPPINGS = st.builds(
    Mapping,
    each=PATHS,
    title=PATHS.filter(bool),
    host=PATHS,
    severity_words=st.dictionaries(WORDS, st.sampled_from(Severity), max_size=4),
    signal_words=st.dictionaries(WORDS, st.sampled_from(Signal), max_size=4),
    resolved_words=st.lists(WORDS, max_size=3).map(tuple),
    zone=st.sampled_from([None, "Europe/Paris", "UTC"]),
    always=st.builds(
        Always, signal=st.none() | st.sampled_from(Signal), severity=st.none() | st.sampled_from(Severity)
    ),
)


@given(MAPPINGS)
def test_what_is_written_is_read_as_the_same(mapping: Mapping) -> None:
    """Whatever words the sender has: numbers, true, colons, quotes."""
    assert read_mapping(written(mapping)) == (mapping, ())


def test_what_is_left_open_is_not_written() -> None:
    """A person reads what was decided and nothing else; one path stands alone, several as a list."""
    text = written(Mapping(title=("a",), host=("b", "c"), severity_words={"1": Severity.HIGH}))
    assert text == "title: a\nhost:\n- b\n- c\nseverity_words:\n  '1': high\n"


FAULTS = {
    "empty": ("", 1, "empty"),
    "no YAML": ("title: [", 1, "bracket"),
    "no table": ("- a", 1, "table of keys"),
    "no title": ("host: a", 1, "title"),
    "unknown key": ("title: a\nhots: b", 2, "hots"),
    "no path": ("title: a\nhost: 'b['", 2, "JMESPath"),
    "no path in a list": ("title: a\nhost:\n- b\n- 'c['", 2, "JMESPath"),
    "no word of ours": ("title: a\nseverity_words:\n  P.1: huge", 3, "huge"),
    "no zone": ("title: a\n\nzone: Mars", 3, "Mars"),
    "twice": ("title: a\ntitle: b", 2, "twice"),
    "no signal": ("title: a\nalways:\n  signal: nonsense", 3, "nonsense"),
    "a control": ("title: a\nhost: \x00", 2, "unprintable"),
}


@pytest.mark.parametrize("case", sorted(FAULTS))
def test_a_fault_names_its_line(case: str) -> None:
    """And says what would be right; there is no mapping then."""
    text, line, words = FAULTS[case]
    mapping, faults = read_mapping(text)
    assert mapping is None
    assert any(one.startswith(f"line {line}: ") and words in one for one in faults), faults
    assert mapping_faults(text) == faults


def test_every_fault_is_named_at_once() -> None:
    """In the order of the lines."""
    faults = mapping_faults("zone: Mars\nhots: b\nseverity_words: {P1: huge}")
    assert [one.partition(":")[0] for one in faults] == ["line 1", "line 1", "line 2", "line 3"]


def test_a_text_that_no_person_wrote_is_refused() -> None:
    """Before anything is parsed."""
    assert "characters" in mapping_faults("title: a\n" + "#" * LONGEST)[0]


@given(st.text(max_size=300))
def test_any_text_is_a_mapping_or_has_faults(text: str) -> None:
    """Never anything else."""
    mapping, faults = read_mapping(text)
    assert (mapping is None) is bool(faults)
