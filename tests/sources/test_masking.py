"""No obvious secret reaches people or channels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.sources.parts.masking import MASK, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("run --password hunter2 --user bob", "run --password *** --user bob"),
        ("run --password=hunter2", "run --password=***"),
        ('run --db-password "two words" -v', "run --db-password *** -v"),
        ("env DB_PASSWORD=hunter2 ./run", "env DB_PASSWORD=*** ./run"),
        ("API_KEY=abc;echo", "API_KEY=***;echo"),
        ('{"password": "hunter2", "user": "bob"}', '{"password": ***, "user": "bob"}'),
        ("curl -H 'Authorization: Bearer abcdefghijklmnop' x", "curl -H 'Authorization: Bearer ***' x"),
        ("psql postgres://bob:hunter2@db/shop", "psql postgres://bob:***@db/shop"),
        ("mysql -u root -phunter2 shop", "mysql -u root -p*** shop"),
        ("sshpass -p hunter2 ssh x", "sshpass -p *** ssh x"),
        ("curl -u bob:hunter2 https://x", "curl -u bob:*** https://x"),
        ("aws AKIAABCDEFGHIJKLMNOP", "aws ***"),
    ],
)
def test_what_names_itself_a_secret_is_masked(text: str, shown: str) -> None:
    """The name stays, so that a person sees what was there."""
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "cat /etc/passwd",
        "Failed password for root from 203.0.113.9 port 22",
        "bash -c 'ls -la /srv'",
        "passwd --status bob",
        "ssh -p 2222 bob@web-01",
        "https://example.fr/a:b/c",
    ],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    """What is masked for nothing hides what happened."""
    assert masked(text) == text


@given(secret=st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=8, max_size=30))
def test_no_value_of_a_password_option_survives(secret: str) -> None:
    """Whatever the value is."""
    unmistakable = f"Z{secret}Z"
    for line in (f"x --password {unmistakable}", f"PASSWORD={unmistakable}", f'"secret": "{unmistakable}"'):
        assert unmistakable not in masked(line)
        assert MASK in masked(line)


@given(text=st.text(max_size=400))
def test_any_text_can_be_masked_again(text: str) -> None:
    """Masking never fails, and twice is not worse than once."""
    assert masked(masked(text)).count("\x00") == masked(text).count("\x00")


def test_a_megabyte_is_cut_before_it_is_read() -> None:
    """The time spent is bounded by us, not by the sender."""
    assert len(masked("-a" * 500_000)) <= 20_000
