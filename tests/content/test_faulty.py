"""One faulty file for each fault, named after it: laid over sound content it gives exactly that fault."""

from pathlib import Path

import pytest

from breach_service.catalog import read_catalogue

HERE = Path(__file__).parent
FAULTY = sorted((HERE / "faulty").iterdir())


def _expected(directory: Path) -> list[str]:
    """The first line of each file says `# expect: ` and the fault, without the name of the directory."""
    texts = [file.read_bytes().decode(errors="replace") for file in sorted(directory.rglob("*")) if file.is_file()]
    return [f"{directory.name}/{text.splitlines()[0].removeprefix('# expect: ')}" for text in texts]


def test_the_sound_content_has_no_fault() -> None:
    """What the faulty files are laid over."""
    assert read_catalogue(HERE / "sound").faults == ()


@pytest.mark.parametrize("directory", FAULTY, ids=lambda directory: directory.name)
def test_a_fault_is_told_once_at_its_place_with_what_to_do(directory: Path) -> None:
    """Path, line, column and sentence, and nothing else beside it."""
    reading = read_catalogue(HERE / "sound", directory)
    assert [str(fault) for fault in reading.faults] == _expected(directory)
    assert reading.catalogue is None
