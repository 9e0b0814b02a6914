"""Compares page images with those of other engines, and corrected documents with their sources:
compare.py PROGRAM WORK REPORT DIRECTORY...

Every PDF below the directories is painted by the engine, by poppler, by PDFium and by MuPDF. A page is right if the
engine is no further from one of the others than they are from each other. Then the document is corrected twice: with
annotations, where qpdf must have nothing to say, and without, where PDFium must paint the same pages as before."""

import collections
import json
import multiprocessing
import pathlib
import shutil
import subprocess
import sys

import numpy
from PIL import Image

Image.MAX_IMAGE_PIXELS = None
PROGRAM, WORK, REPORT = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
DIRECTORIES = [pathlib.Path(name) for name in sys.argv[4:]]
PAINTER = [sys.executable, str(pathlib.Path(__file__).with_name("painter.py"))]
REFEREES = ("poppler", "pdfium", "mupdf")
DPI = 144
PAGES = 2
SECONDS = 20
WORKERS = 2
OUTCOMES = (
    "right",
    "different",
    "alone",
    "refused",
    "not corrected",
    "qpdf",
    "qpdf, as on the source",
    "kept",
    "changed",
)
# Pages are compared at a quarter of their size, and part by part: how engines smooth edges and grain is not the question.
COARSER = 4
PART = 8
# What is left of that, of 255: over a page, and over its worst part.
SMOOTHING = 1.5
SMOOTHING_OF_PART = 16.0


def run(command):
    """What it says, or why it does not."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None, "time-out"
    said = (done.stdout + done.stderr).decode(errors="replace").strip()
    if done.returncode == 0:
        return said, None
    told = [line for line in said.splitlines() if line.startswith("Error: ")] or said.splitlines()[-1:]
    return None, (told or [f"exit {done.returncode}"])[0].removeprefix("Error: ")


def painted(engine, file, directory, dpi=DPI):
    """The pages that an engine paints, by their index, and why there are none."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    if engine == "ours":
        _, reason = run([PROGRAM, "import", str(file), str(PAGES), str(directory)])
        return {int(path.stem): path for path in directory.glob("*.display")}, reason
    if engine == "poppler":
        _, reason = run(["pdftoppm", "-cropbox", "-r", str(dpi), "-l", str(PAGES), str(file), str(directory / "p")])
        return {int(path.stem.split("-")[-1]) - 1: path for path in directory.glob("p-*.ppm")}, reason
    _, reason = run([*PAINTER, engine, str(file), str(directory), str(dpi), str(PAGES)])
    return {int(path.stem): path for path in directory.glob("*.ppm")}, reason


def pixels(path, size):
    return numpy.asarray(Image.open(path).convert("RGB").resize(size, Image.Resampling.BOX), dtype=numpy.int16)


def distance(one, other):
    """The mean difference, and that of the worst part."""
    apart = numpy.abs(one - other).mean(axis=2)
    height, width = (length // PART * PART for length in apart.shape)
    if not height or not width:
        return apart.mean(), apart.mean()
    parts = apart[:height, :width].reshape(height // PART, PART, width // PART, PART).mean(axis=(1, 3))
    return apart.mean(), parts.max()


def is_right(ours, others):
    """Whether the engine is among the others, and how far it is from the nearest."""
    names = list(others)
    between = [distance(others[a], others[b]) for index, a in enumerate(names) for b in names[index + 1 :]]
    spread = max((apart[0] for apart in between), default=0.0), max((apart[1] for apart in between), default=0.0)
    apart = {name: distance(ours, others[name]) for name in names}
    name, (mean, worst) = min(apart.items(), key=lambda item: item[1])
    right = any(
        mean <= max(spread[0], SMOOTHING) and worst <= max(spread[1], SMOOTHING_OF_PART) for mean, worst in apart.values()
    )
    return right, f"{mean:.1f} (worst part {worst:.0f}) from {name}; others {spread[0]:.1f} ({spread[1]:.0f}) apart"


def compare(file, seen, work):
    ours, reason = painted("ours", file, work / "ours")
    others = {engine: painted(engine, file, work / engine) for engine in REFEREES}
    if reason and not ours:
        agree = sum(not pages for pages, _ in others.values())
        seen["refused"].append(f"{file.name}: {reason}; {agree} of {len(REFEREES)} others have no page either")
        return
    for index in sorted(ours):
        present = {engine: pages[index] for engine, (pages, _) in others.items() if index in pages}
        if len(present) < 2:
            seen["alone"].append(f"{file.name}, page {index + 1}")
            continue
        try:
            size = tuple(max(1, length // COARSER) for length in Image.open(next(iter(present.values()))).size)
            right, how = is_right(pixels(ours[index], size), {engine: pixels(path, size) for engine, path in present.items()})
        except (OSError, ValueError) as error:
            right, how = False, f"an image that cannot be read: {error}"
        seen["right" if right else "different"].append(f"{file.name}, page {index + 1}: {how}")


def faults(file):
    said, reason = run(["qpdf", "--check", str(file)])
    warnings = [line for line in (said or "").splitlines() if "WARNING" in line]
    return reason or (warnings[0].split(":", 2)[-1] if warnings else None)


def correct(file, seen, work):
    """Corrects the document, and looks at what came out."""
    target = work / "corrected"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    _, reason = run([PROGRAM, "finalize", str(file), str(WORK / "annotations.json"), str(target)])
    if reason:
        seen["not corrected"].append(f"{file.name}: {reason}")
        return
    if fault := faults(target / "document.pdf"):
        seen["qpdf, as on the source" if faults(file) else "qpdf"].append(f"{file.name}: {fault}")
    _, reason = run([PROGRAM, "finalize", str(file), str(WORK / "none.json"), str(target)])
    before, _ = painted("pdfium", file, work / "before", DPI // 2)
    after, _ = painted("pdfium", target / "document.pdf", work / "after", DPI // 2)
    changed = []
    for index, path in before.items():
        size = Image.open(path).size
        if index not in after or Image.open(after[index]).size != size:
            changed.append(f"{file.name}, page {index + 1}: size")
        elif (apart := distance(pixels(path, size), pixels(after[index], size)))[1] > 1.0:
            changed.append(f"{file.name}, page {index + 1}: {apart[0]:.2f} (worst part {apart[1]:.0f})")
    seen["kept"].extend(f"{file.name}, page {index + 1}" for index in before)
    seen["changed"].extend(changed)


def look_at(file):
    """All that is to be said about a file."""
    seen, work = collections.defaultdict(list), WORK / str(multiprocessing.current_process().pid)
    compare(file, seen, work)
    correct(file, seen, work)
    print(file, flush=True)
    return seen


def drawings():
    for page in range(PAGES):
        for index, kind in enumerate(("comment", "highlight", "ink", "error", "bonus", "stamp")):
            text = "" if kind == "ink" else "À revoir : œuvre, ∀x∈ℝ 🦀"
            place, line = [0.1, 0.1 + 0.13 * index, 0.4, 0.1], [[0.2, 0.3], [0.5, 0.5]]
            yield {"page": page, "kind": kind, "place": place, "text": text, "line": line}


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    (WORK / "annotations.json").write_text(json.dumps(list(drawings())))
    (WORK / "none.json").write_text("[]")
    files = sorted(file for directory in DIRECTORIES for file in directory.rglob("*.pdf"))
    seen, done = collections.defaultdict(list), 0
    with multiprocessing.Pool(WORKERS) as pool:
        for part in pool.imap_unordered(look_at, files):
            done += 1
            for name, entries in part.items():
                seen[name] += entries
            write(done, seen)


def write(done, seen):
    lines = [f"{done} files"]
    for name in OUTCOMES:
        lines += [f"## {name}: {len(seen[name])}"] + ([] if name in ("right", "kept") else sorted(seen[name]))
    REPORT.write_text("\n".join(lines) + "\n")


main()
