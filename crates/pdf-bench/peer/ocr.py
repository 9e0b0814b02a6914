"""Measures how often the pupil whose name is on a copy is suggested for it: ocr.py PROGRAM REPORT SEED.

Headers are drawn, read by Tesseract as a worker has it read them, and compared with lists of invented names. The peers are
the same comparison copy by copy, without the assignment over the exam, and the plain question whether Tesseract read the
whole name to the letter."""

import io
import json
import os
import pathlib
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import unicodedata

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

PROGRAM, REPORT, SEED = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
# As crates/pdf-worker/src/child/read.rs has it.
TESSERACT = ["tesseract", "stdin", "stdout", "-l", "fra+eng", "--psm", "11"]
COPIES = 200
ROSTERS = [30, 200, 2000]
FONTS = [pathlib.Path("/usr/share/fonts"), pathlib.Path("var/packages/fonts-breip/usr/share/fonts")]
PRINTED = "DejaVuSans.ttf"
HANDS = ["Breip.ttf", "femkeklaver.ttf", "dkg.ttf", "Ecolier-court.ttf", "DancingScript-Regular.otf"]
# An A4 page of 144 dots per inch, its upper quarter: what an import makes of an identity zone of that size.
ZONE = (1191, 420)
BEGINNINGS = "Bel Mont Char Gran Ros Lan Vil Mar Dur Fau Gar Hau Jol Lec Mor Pel Rou Sau Tis Var Bou Cor Des Fer".split()
ENDINGS = "val fort din mier tel vigne court nel gnon lier ron deau beau quet ville reau chet mont rin zac geon let".split()
GIVEN = (
    "Alix Anaïs Baptiste Camille Chloé Clément Dominique Éloïse Émile Fanny Gaëlle Hugo Inès Jeanne Joël Juliette Kévin "
    "Léonie Loïc Lou Manon Mathéo Maxime Nina Noé Océane Ophélie Paul Quentin Rémi Salomé Sarah Théo Tom Ulysse Valentin "
    "Yanis Zoé"
).split()


def invented(count, choose):
    """Names of pupils, no two of them the same."""
    surnames = [one + other for one in BEGINNINGS for other in ENDINGS]
    pairs = [(surname, given) for surname in surnames for given in GIVEN]
    return choose.sample(pairs, count)


def font(name, size):
    found = [path for root in FONTS for path in root.rglob(name)]
    return ImageFont.truetype(str(found[0]), size)


def drawn(pupil, hand, choose):
    """The zone of a form: what is printed on it, and what a pupil wrote beside."""
    image = Image.new("L", ZONE, 252)
    draw = ImageDraw.Draw(image)
    surname, given = pupil
    for line, (label, text) in enumerate([("NOM :", surname.upper()), ("Prénom :", given), ("Classe :", "3e B")]):
        y = 90 + line * 90
        draw.text((90, y), label, font=font(PRINTED, 28), fill=20)
        if hand == PRINTED:
            draw.text((260, y), text, font=font(PRINTED, 28), fill=20)
        else:
            written(image, (260 + choose.randrange(30), y - 12), text, hand, choose)
    return image


def written(image, place, text, hand, choose):
    """Letter by letter, none as large, as dark, as upright or on the line as the one before."""
    x, y = place
    slant = choose.uniform(-6, 6)
    for letter in text:
        face = font(hand, 46 + choose.randrange(-4, 5))
        width = max(1, round(face.getlength(letter)))
        tile = Image.new("L", (width + 40, 110), 0)
        ImageDraw.Draw(tile).text((20, 20), letter, font=face, fill=255)
        tile = tile.rotate(slant + choose.uniform(-4, 4), resample=Image.BICUBIC)
        ink = Image.new("L", tile.size, 40 + choose.randrange(40))
        image.paste(ink, (round(x) - 20, y - 15 + choose.randrange(-3, 4)), tile)
        x += width + choose.uniform(-2, 3)


def scanned(image, resolution, noise, blur, choose):
    """As a scanner saw it: not straight, coarse, out of focus, with grain, and packed as a JPEG."""
    image = image.rotate(choose.uniform(-1.2, 1.2), resample=Image.BICUBIC, fillcolor=252)
    image = image.filter(ImageFilter.GaussianBlur(blur))
    size = [round(side * resolution) for side in image.size]
    image = image.resize(size, Image.BILINEAR)
    grain = numpy.random.default_rng(choose.randrange(1 << 32)).normal(0, noise, (image.height, image.width))
    return Image.fromarray((numpy.asarray(image) + grain).clip(0, 255).astype(numpy.uint8))


def read(image):
    """What is read, and in how many milliseconds of the processor."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {"OMP_THREAD_LIMIT": "1", "PATH": os.environ["PATH"]}
    run = subprocess.run(TESSERACT, input=file.getvalue(), capture_output=True, env=environment, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return run.stdout.decode("utf-8", "replace"), spent * 1000


def folded(text):
    plain = unicodedata.normalize("NFD", text.lower())
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain if letter.isascii()).split())


KINDS = {
    "printed": lambda pupil, choose: drawn(pupil, PRINTED, choose),
    "printed, bad scan": lambda pupil, choose: scanned(drawn(pupil, PRINTED, choose), 0.6, 14, 0.9, choose),
    "like handwriting": lambda pupil, choose: scanned(drawn(pupil, choose.choice(HANDS), choose), 1, 4, 0.4, choose),
    "like handwriting, bad scan": lambda pupil, choose: scanned(
        drawn(pupil, choose.choice(HANDS), choose), 0.6, 14, 0.9, choose
    ),
}


def compared(roster, readings):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"roster": roster, "readings": readings}, file)
        file.flush()
        return json.loads(subprocess.run([PROGRAM, "suggest", file.name], capture_output=True, check=True).stdout)


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "–"


def row(kind, size, pupils, readings, spent):
    """The first so many copies of a list of this size, in another order than the copies."""
    copies = min(size, COPIES)
    order = list(range(size))
    random.Random(SEED + size).shuffle(order)
    places = {number: place for place, number in enumerate(order)}
    answer = compared([pupils[number] for number in order], readings[:copies])
    first = within = alone = exact = sure = sure_right = none = 0
    for number in range(copies):
        together, single = answer["together"][number], answer["alone"][number]
        right = places[number]
        hit = bool(together) and together[0][0] == right
        first += hit
        within += any(place == right for place, _ in together)
        none += not together
        alone += bool(single) and single[0][0] == right
        words = folded(readings[number]).split()
        exact += all(word in words for word in folded(" ".join(pupils[number])).split())
        if together and together[0][1] >= 800:
            sure += 1
            sure_right += hit
    cells = [kind, size, copies, share(first, copies), share(alone, copies), share(exact, copies), share(within, copies)]
    cells += [share(none, copies), share(sure, copies), share(sure_right, sure)]
    cells += [f"{statistics.median(spent):.0f}", f"{answer['seconds'] * 1000 / copies:.2f}"]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main():
    load = os.getloadavg()[0]
    choose = random.Random(SEED)
    pupils = invented(max(ROSTERS), choose)
    found = {kind: [read(draw(pupil, choose)) for pupil in pupils[:COPIES]] for kind, draw in KINDS.items()}
    rows = [row(kind, size, pupils, *zip(*both)) for kind, both in found.items() for size in ROSTERS]
    tesseract = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    lines = [
        "# Benchmarks of suggestions",
        "",
        "Written by `make bench-ocr`: how often the pupil whose name is on a copy is suggested for it. Headers of invented pupils are",
        f"drawn as an import shows them, {COPIES} of each kind, read by Tesseract as a worker has it read them, and compared with lists",
        "that hold who wrote them and, in the last, nine times as many others. The peers are the same comparison copy by copy,",
        "without the assignment over all of them, and whether Tesseract read each word of the name to the letter. Times are of the",
        "processor, in the middle of all copies; loading Tesseract with its two languages is most of it.",
        "",
        "What looks like handwriting is five fonts, each letter turned, shifted and sized at random. Pupils write worse than fonts, and cursive",
        "worse than separate letters: of real handwriting expect less than this says. A bad scan is 86 dots per inch, out of focus,",
        "not straight, with grain.",
        "",
        "Where nobody is suggested, what was read is like no name of the list, or its pupil is likelier another copy's: that copy is",
        "identified by hand, as all are without Tesseract.",
        "",
        f"{processor()}, {os.cpu_count()} cores, load {load:.1f} before the run; {tesseract}; Python {platform.python_version()}; seed {SEED}.",
        "",
        "| header | names | copies | right first | copy by copy | read to the letter | right among five | nobody suggested | likelihood ≥ 0.8 | of these right "
        "| reading, ms a copy | matching, ms a copy |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
        *rows,
    ]
    REPORT.write_text("\n".join(lines) + "\n")


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


main()
