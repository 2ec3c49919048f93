"""`python tests/bench [measure ...]`: measure, print the table, write bench.json. `--list` names the measures.

The server and its database have one core, the client another; the bare route takes turns with the service. Not a test:
nothing here fails, a line that does not hold says so.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a directory

from tests.bench import assessing, long, processing, receiving, scraping
from tests.bench.machine import cores
from tests.bench.report import Line, table_of, write
from tests.bench.stage import Stage

Measure = Callable[[Stage], list[Line]]
MEASURES: tuple[Measure, ...] = (
    receiving.durable_singles, receiving.durable_singles_16, receiving.durable_singles_postgres,
    receiving.receiving_alone,
    receiving.beyond_capacity, receiving.memory, processing.sustained_singles, processing.sustained_hundreds,
    processing.sustained_hundreds_postgres, processing.alert_to_card, processing.growth_by_repeats, processing.start,
    assessing.reassessing, scraping.metrics, scraping.metrics_postgres,
)  # fmt: skip
LONG: tuple[Measure, ...] = (long.a_million_stored, long.a_million_repeats)


def chosen(names: list[str]) -> list[Measure]:
    """The measures of these names; all without one, those that take long only when asked."""
    known = {one.__name__: one for one in (*MEASURES, *LONG)}
    if names:
        unknown = [one for one in names if one not in known]
        if unknown:
            sys.exit(f"no such measure: {', '.join(unknown)}; there are {', '.join(known)}")
        return [known[one] for one in names]
    return [*MEASURES, *(LONG if os.environ.get("BENCH_LONG") == "1" else ())]


def main() -> None:
    """Measure what was asked for."""
    if "--list" in sys.argv:
        for one in (*MEASURES, *LONG):
            print(f"{one.__name__}: {(one.__doc__ or '').strip()}")
        return
    lines: list[Line] = []
    os.sched_setaffinity(0, {cores()[1]})
    with tempfile.TemporaryDirectory(prefix="breach-bench-") as name:
        stage = Stage(Path(name), lambda text: print(text, file=sys.stderr, flush=True))
        try:
            for measure in chosen(sys.argv[1:]):
                stage.say(f"{measure.__name__} …")
                lines += measure(stage)
        finally:
            stage.close()
    print(table_of(lines))
    write(lines, print)


if __name__ == "__main__":
    main()
