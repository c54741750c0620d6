"""Measure the course on this machine, each part beside what it has to stand up to.

    python -m benchmarks                          all parts; `setup` clones and downloads: needs the network
    python -m benchmarks features codec           these parts
    python -m benchmarks features codec --write   and write benchmarks/RESULTS.md with its plot

Parts: setup, start, checks, registry, codec, features, end-to-end. Figures are printed with the machine's
facts and never asserted: machines differ and are noisy. A goal that is missed is printed as MISSED. What was
written of parts that do not run now is kept.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import lab_times, machine, report
from benchmarks.report import ORDER, Section
from streamlab.errors import StreamlabError

FOLDER = Path(__file__).parent
ON_STACK = ("setup", "start", "checks", "registry", "end-to-end")


def on_stack(parts: list[str]) -> Iterator[Section]:
    """The parts that need a running stack share one, which is stopped at the end."""
    with lab_times.stack(with_setup="setup" in parts) as (lab, sections):
        yield from sections
        if "start" in parts:
            circumstances = machine.circumstances()
            lab.warm_starts()
            yield lab.section("start", "Start of the stack", circumstances)
        # What follows connects from this process.
        os.environ.update(lab.environment)
        if "checks" in parts:
            circumstances = machine.circumstances()
            lab.checks()
            yield lab.section("checks", "What grading costs", circumstances)
        if "registry" in parts:
            yield registries()
        if "end-to-end" in parts:
            from benchmarks import end_to_end

            yield end_to_end.measure()


def registries() -> Section:
    """The course's registry beside Apicurio."""
    from benchmarks import registry
    from streamlab import stack

    circumstances = machine.circumstances()
    with tempfile.TemporaryDirectory(prefix="streamlab-bench-") as folder:
        table = registry.measure(Path(folder), stack.connect().bootstrap_servers)
    title = str(table.title)
    found = report.section_of(table, "registry", "Registries", circumstances)
    return Section(**{**vars(found), "about": title.splitlines()[1:]})


def codecs() -> Section:
    """Avro codecs side by side."""
    from benchmarks import codec_report

    return codec_report.measure()


def features() -> Section:
    """The card's features on dense and on sparse windows."""
    from benchmarks import feature_report, transactions
    from benchmarks import features as sides

    circumstances = machine.circumstances()
    shapes = (transactions.DENSE, transactions.SPARSE)
    return feature_report.section({shape.name: sides.measure(shape) for shape in shapes}, circumstances)


OFF_STACK: dict[str, Callable[[], Section]] = {"codec": codecs, "features": features}


def measure(parts: list[str]) -> Iterator[Section]:
    """Sections of the chosen parts, as they are measured."""
    for part, run in OFF_STACK.items():
        if part in parts:
            yield run()
    chosen = [part for part in ON_STACK if part in parts]
    if chosen:
        yield from on_stack(chosen)


def main() -> None:
    """Measure, show, and write if that is wanted."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("parts", nargs="*", metavar="part", help="what to measure; all parts without it")
    arguments.add_argument("--write", action="store_true", help="write RESULTS.md, its plot and results.json")
    given = arguments.parse_args()
    unknown = sorted(set(given.parts) - set(ORDER))
    if unknown:
        arguments.error(f"no such part: {', '.join(unknown)}; parts are {', '.join(ORDER)}")
    try:
        for section in measure(given.parts or list(ORDER)):
            report.show(section)
            if given.write:
                # Part by part: what is measured stays, whatever comes of the next.
                report.write([section], FOLDER)
    except StreamlabError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
