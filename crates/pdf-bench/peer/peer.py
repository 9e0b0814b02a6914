"""One measured run of PyMuPDF doing what the engine does: peer.py import FILE, reraster FILE ANNOTATIONS,
finalize FILE ANNOTATIONS DIRECTORY, split FILE PAGES DIRECTORY, or difference FILE IMAGE.

Prints one line of JSON like korrigo-pdf-bench. Loading Python and PyMuPDF is not counted."""

import json
import pathlib
import sys
import time

import pymupdf

pymupdf.TOOLS.mupdf_display_errors(False)
FONT = pymupdf.Font("helv")
DPI = 144
THUMBNAIL = 240


def rasterize(path):
    """Display image as PNG at 144 dpi, and a thumbnail."""
    size, document = 0, pymupdf.open(path)
    for page in document:
        size += len(page.get_pixmap(dpi=DPI).tobytes("png"))
        scale = THUMBNAIL / max(page.rect.width, page.rect.height)
        size += len(page.get_pixmap(matrix=pymupdf.Matrix(scale, scale)).tobytes("jpeg"))
    return document.page_count, size


def annotate(page, drawn):
    width, height = page.rect.width, page.rect.height
    x, y, w, h = drawn["place"]
    rectangle = pymupdf.Rect(x * width, y * height, (x + w) * width, (y + h) * height)
    if drawn["kind"] == "highlight":
        page.draw_rect(rectangle, color=None, fill=(1, 0.93, 0.35), fill_opacity=0.35)
    elif drawn["kind"] == "ink":
        points = [pymupdf.Point(px * width, py * height) for px, py in drawn["line"]]
        page.draw_polyline(points, color=(0.8, 0.1, 0.1), width=1.8)
    else:
        page.draw_rect(rectangle, color=(0.1, 0.25, 0.7))
        writer = pymupdf.TextWriter(page.rect)
        writer.append((rectangle.x0 + 2, rectangle.y0 + 10), drawn["text"], font=FONT, fontsize=10)
        writer.write_text(page)


def finalize(path, annotations, directory):
    document = pymupdf.open(path)
    for drawn in json.load(open(annotations)):
        annotate(document[drawn["page"]], drawn)
    report = document.new_page(width=595, height=842)
    writer = pymupdf.TextWriter(report.rect)
    writer.append((50, 80), "Note : 13,5 / 20", font=FONT, fontsize=22)
    writer.write_text(report)
    target = pathlib.Path(directory, "peer.pdf")
    document.save(target, deflate=True)
    return document.page_count, target.stat().st_size


def reraster(path, annotations):
    """As the earlier implementation did: every page becomes an image, with everything painted into it."""
    document, result = pymupdf.open(path), pymupdf.open()
    for drawn in json.load(open(annotations)):
        annotate(document[drawn["page"]], drawn)
    for page in document:
        image = page.get_pixmap(dpi=DPI).tobytes("png")
        target = result.new_page(width=page.rect.width, height=page.rect.height)
        target.insert_image(target.rect, stream=image)
    return result.page_count, len(result.tobytes(deflate=True))


def split(path, pages, directory):
    document, size, pages = pymupdf.open(path), 0, int(pages)
    for first in range(0, document.page_count, pages):
        booklet = pymupdf.open()
        booklet.insert_pdf(document, from_page=first, to_page=min(first + pages, document.page_count) - 1)
        target = pathlib.Path(directory, f"peer-{first}.pdf")
        booklet.save(target)
        size += target.stat().st_size
    return document.page_count, size


def difference(path, image):
    """How far the first page is from an image of it, at half the size: the mean of all channels, of 255."""
    import numpy
    from PIL import Image

    pixmap = pymupdf.open(path)[0].get_pixmap(dpi=DPI)
    pages = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples), Image.open(image).convert("RGB")
    size = (pixmap.width // 2, pixmap.height // 2)
    one, other = (numpy.asarray(page.resize(size, Image.Resampling.BOX), dtype=numpy.int16) for page in pages)
    return numpy.abs(one - other).mean()


def main():
    task, path, *rest = sys.argv[1:]
    if task == "difference":
        print(difference(path, *rest))
        return
    started, processor = time.perf_counter(), time.process_time()
    pages, size = {
        "import": lambda: rasterize(path),
        "finalize": lambda: finalize(path, *rest),
        "reraster": lambda: reraster(path, *rest),
        "split": lambda: split(path, *rest),
    }[task]()
    spent = {"seconds": time.perf_counter() - started, "processor": time.process_time() - processor}
    print(json.dumps(spent | {"pages": pages, "bytes": size}))


main()
