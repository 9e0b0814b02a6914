"""Measures the engine against PyMuPDF, turn by turn, and writes what came out: bench.py PROGRAM CORPUS REPORT SEED.

Each row is the median of several rounds. In a round all peers of a row run one after the other, so that a machine
that slows down slows them all down."""

import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version

PROGRAM, CORPUS, REPORT, SEED = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4]
# Documents are written there by both, and there is never one from before: as in the directory of a job.
WRITTEN = CORPUS.with_name("written")
PEER = [sys.executable, str(pathlib.Path(__file__).with_name("peer.py"))]
ROUNDS = 3
# More pages than any document has.
ALL = "1000"
# How many times PyMuPDF's pages per second are asked for.
IMPORTS = {
    "rgb-200": 40,
    "rgb-300": 40,
    "gray-200": 40,
    "gray-300": 40,
    "ccitt-200": 5,
    "ccitt-300": 5,
    "jbig2-200": 4,
    "flate-200": 6,
    "jpx-200": 2,
    "vector": 3,
}


def once(command):
    """Runs a peer by itself."""
    for file in WRITTEN.iterdir():
        file.unlink()
    return ended(started(command))


def together(command):
    """Runs a peer twice at the same time, as the children of two slots: each opens the document itself."""
    runs = [ended(process) for process in [started(command), started(command)]]
    return runs[0] | {"pages": sum(run["pages"] for run in runs), "seconds": max(run["seconds"] for run in runs)}


def started(command):
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def ended(process):
    """What a peer says in its own line, its processor time, and the most memory that it had.

    What is counted as a process's memory includes, for its first moment, that of this one: it imports nothing large."""
    line = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{process.args} failed")
    # Where a peer does not say it itself, all of it counts.
    measured = {"processor": usage.ru_utime + usage.ru_stime, "megabytes": usage.ru_maxrss / 1024}
    return measured | json.loads(line)


def median(commands, rounds=ROUNDS):
    """For every peer the median of each number."""
    return medians([lambda command=command: once(command) for command in commands], rounds)


def medians(ways, rounds):
    runs = [[way() for way in ways] for _ in range(rounds)]
    keys = ("seconds", "processor", "pages", "bytes", "megabytes")
    return [{key: statistics.median(run[way][key] for run in runs) for key in keys} for way in range(len(ways))]


def speed(run):
    return run["pages"] / run["processor"]


def times(one, other, clock="processor"):
    """How many times as long the other takes."""
    return f"{other[clock] / one[clock]:.1f}"


def difference(file):
    """How far the first page's image is from PyMuPDF's."""
    with tempfile.TemporaryDirectory() as shelf:
        subprocess.run([PROGRAM, "import", file, "1", shelf], check=True, stdout=subprocess.DEVNULL)
        image = str(pathlib.Path(shelf, "00000.display"))
        done = subprocess.run([*PEER, "difference", file, image], check=True, capture_output=True)
        return float(done.stdout)


def imports():
    yield (
        "| document | ours, pages/s | PyMuPDF, pages/s | times | asked for | times by the clock | ours, MB | PyMuPDF, MB "
        "| ours, KB a page | PyMuPDF, KB a page | difference of 255 |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for name, asked in IMPORTS.items():
        file = str(CORPUS / f"{name}.pdf")
        one, peer = median([[PROGRAM, "import", file, ALL], [*PEER, "import", file]])
        yield (
            f"| {name} | {speed(one):.1f} | {speed(peer):.1f} | {times(one, peer)} | {asked} | {times(one, peer, 'seconds')} "
            f"| {one['megabytes']:.0f} | {peer['megabytes']:.0f} "
            f"| {one['bytes'] / one['pages'] / 1000:.0f} | {peer['bytes'] / peer['pages'] / 1000:.0f} "
            f"| {difference(file):.1f} |"
        )


def milliseconds(run):
    return f"{run['processor'] * 1000:.0f}"


def finalizes():
    yield (
        "| document | ours, ms | PyMuPDF's overlay, ms | times | times by the clock | re-rastering, ms | times "
        "| ours, MB | PyMuPDF, MB | ours, KB | PyMuPDF, KB |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    annotations = str(CORPUS / "annotations.json")
    for name in ("ccitt-100-pages", "rgb-100-pages"):
        file = str(CORPUS / f"{name}.pdf")
        ours, peer = median([[*peer, "finalize", file, annotations, str(WRITTEN)] for peer in ([PROGRAM], PEER)])
        # So slow that one round has to do.
        (again,) = median([[*PEER, "reraster", file, annotations]], rounds=1)
        yield (
            f"| {name} | {milliseconds(ours)} | {milliseconds(peer)} | {times(ours, peer)} "
            f"| {times(ours, peer, 'seconds')} | {milliseconds(again)} | {times(ours, again)} "
            f"| {ours['megabytes']:.0f} | {peer['megabytes']:.0f} "
            f"| {ours['bytes'] / 1000:.0f} | {peer['bytes'] / 1000:.0f} |"
        )


def splits():
    yield "| document | ours, ms | PyMuPDF, ms | times | times by the clock | ours, MB | PyMuPDF, MB |"
    yield "|---|---|---|---|---|---|---|"
    file = str(CORPUS / "ccitt-400-pages.pdf")
    ours, peer = median([[*peer, "split", file, "4", str(WRITTEN)] for peer in ([PROGRAM], PEER)])
    yield (
        f"| ccitt-400-pages, 4 pages a copy | {milliseconds(ours)} | {milliseconds(peer)} | {times(ours, peer)} "
        f"| {times(ours, peer, 'seconds')} | {ours['megabytes']:.0f} | {peer['megabytes']:.0f} |"
    )


def slots():
    yield "| document | one slot, pages/s by the clock | two slots, pages/s | times | one slot, MB |"
    yield "|---|---|---|---|---|"
    for name in ("ccitt-100-pages", "rgb-100-pages"):
        file = str(CORPUS / f"{name}.pdf")
        command = [PROGRAM, "import", file, ALL]
        # Short runs: their median needs more of them.
        one, two = medians([lambda: once(command), lambda: together(command)], rounds=3 * ROUNDS)
        slower, faster = (run["pages"] / run["seconds"] for run in (one, two))
        yield f"| {name} | {slower:.1f} | {faster:.1f} | {faster / slower:.1f} | {one['megabytes']:.0f} |"


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    lines = [
        "# Benchmarks of the PDF engine",
        "",
        "Written by `make bench-pdf`. The engine alone, without sandbox, blobs and network, against PyMuPDF doing the",
        "same work in the same minutes; medians of "
        f"{ROUNDS} rounds. Import makes a display image at 144 dpi and a thumbnail of",
        "every page, one slot against one process; PyMuPDF writes PNG. Documents are written to files. The corpus is",
        "generated anew from the seed.",
        "Speeds and times are of the processor, starting Python not counted; where other programs run on the machine as well,",
        "only those can be repeated. The difference is the mean of all channels of the first page at half the size, of 255.",
        "",
        f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run; {rustc}; "
        f"PyMuPDF {version('pymupdf')}; Python {platform.python_version()}; seed {SEED}.",
    ]
    WRITTEN.mkdir(parents=True, exist_ok=True)
    tables = [
        ("Import", imports),
        ("Finalize 100 pages with 10 annotations each (asked for: 10 times, and 100 times re-rastering)", finalizes),
        ("Split (asked for: 5 times)", splits),
        ("Import of 100 pages in each of two slots (asked for: 1.8 times one, less than 100 MB)", slots),
    ]
    for title, table in tables:
        lines += ["", f"## {title}", "", *table()]
    REPORT.write_text("\n".join(lines) + "\n")


main()
