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

import pymupdf

PROGRAM, CORPUS, REPORT, SEED = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4]
PEER = [sys.executable, str(pathlib.Path(__file__).with_name("peer.py"))]
ROUNDS = 3


def once(command):
    """Runs a peer; its own line, and the most memory that it had."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    line = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{command} failed")
    return json.loads(line) | {"megabytes": usage.ru_maxrss / 1024}


def median(commands, rounds=ROUNDS):
    """For every peer the median of each number."""
    runs = [[once(command) for command in commands] for _ in range(rounds)]
    keys = ("seconds", "pages", "bytes", "megabytes")
    return [{key: statistics.median(run[peer][key] for run in runs) for key in keys} for peer in range(len(commands))]


def speed(run):
    return run["pages"] / run["seconds"]


def imports():
    yield "| document | ours, pages/s | PyMuPDF, pages/s | times | two slots, times one | ours, MB | PyMuPDF, MB | ours, KB a page | PyMuPDF, KB a page |"
    yield "|---|---|---|---|---|---|---|---|---|"
    names = ("rgb-200", "rgb-300", "gray-200", "gray-300", "ccitt-200", "ccitt-300", "jbig2-200", "flate-200", "jpx-200", "vector")
    for name in names:
        file = str(CORPUS / f"{name}.pdf")
        one, two, peer = median([[PROGRAM, "import", file, "1"], [PROGRAM, "import", file, "2"], [*PEER, "import", file]])
        yield (
            f"| {name} | {speed(one):.1f} | {speed(peer):.1f} | {speed(one) / speed(peer):.1f} "
            f"| {speed(two) / speed(one):.2f} | {one['megabytes']:.0f} | {peer['megabytes']:.0f} "
            f"| {one['bytes'] / one['pages'] / 1000:.0f} | {peer['bytes'] / peer['pages'] / 1000:.0f} |"
        )


def finalizes():
    yield "| document | ours, ms | PyMuPDF's overlay, ms | times | re-rastering, ms | times | ours, MB | PyMuPDF, MB | ours, KB | PyMuPDF, KB |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    annotations = str(CORPUS / "annotations.json")
    for name in ("ccitt-100-pages", "rgb-100-pages"):
        file = str(CORPUS / f"{name}.pdf")
        ours, peer = median([[PROGRAM, "finalize", file, annotations], [*PEER, "finalize", file, annotations]])
        # So slow that one round has to do.
        (again,) = median([[*PEER, "reraster", file, annotations]], rounds=1)
        yield (
            f"| {name} | {ours['seconds'] * 1000:.0f} | {peer['seconds'] * 1000:.0f} "
            f"| {peer['seconds'] / ours['seconds']:.1f} | {again['seconds'] * 1000:.0f} "
            f"| {again['seconds'] / ours['seconds']:.0f} | {ours['megabytes']:.0f} | {peer['megabytes']:.0f} "
            f"| {ours['bytes'] / 1000:.0f} | {peer['bytes'] / 1000:.0f} |"
        )


def splits():
    yield "| document | ours, ms | PyMuPDF, ms | times | ours, MB | PyMuPDF, MB |"
    yield "|---|---|---|---|---|---|"
    file = str(CORPUS / "ccitt-400-pages.pdf")
    ours, peer = median([[PROGRAM, "split", file, "4"], [*PEER, "split", file, "4"]])
    yield (
        f"| ccitt-400-pages, 4 pages a copy | {ours['seconds'] * 1000:.0f} | {peer['seconds'] * 1000:.0f} "
        f"| {peer['seconds'] / ours['seconds']:.1f} | {ours['megabytes']:.0f} | {peer['megabytes']:.0f} |"
    )


def memory():
    yield "| document | ours, MB at most |"
    yield "|---|---|"
    for name in ("ccitt-100-pages", "rgb-100-pages"):
        (ours,) = median([[PROGRAM, "import", str(CORPUS / f"{name}.pdf"), "1"]], rounds=1)
        yield f"| {name} | {ours['megabytes']:.0f} |"


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
        "every page, one slot against one process; PyMuPDF writes PNG. The corpus is generated anew from the seed.",
        "",
        f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run; {rustc}; "
        f"PyMuPDF {pymupdf.__version__}; Python {platform.python_version()}; seed {SEED}.",
    ]
    tables = [
        ("Import", imports),
        ("Finalize 100 pages with 10 annotations each", finalizes),
        ("Split", splits),
        ("Memory of an import of 100 pages", memory),
    ]
    for title, table in tables:
        lines += ["", f"## {title}", "", *table()]
    REPORT.write_text("\n".join(lines) + "\n")


main()
