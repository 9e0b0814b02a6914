"""Paints the first pages of a document with another engine: painter.py pdfium|mupdf FILE DIRECTORY DPI PAGES."""

import pathlib
import sys


def pdfium(path, directory, dpi, pages):
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    for index in range(min(len(document), pages)):
        document[index].render(scale=dpi / 72).to_pil().convert("RGB").save(directory / f"{index}.ppm")


def mupdf(path, directory, dpi, pages):
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    document = pymupdf.open(path)
    for index in range(min(document.page_count, pages)):
        document[index].get_pixmap(dpi=dpi).save(directory / f"{index}.ppm")


def main():
    engine, path, directory, dpi, pages = sys.argv[1:]
    {"pdfium": pdfium, "mupdf": mupdf}[engine](path, pathlib.Path(directory), int(dpi), int(pages))


main()
