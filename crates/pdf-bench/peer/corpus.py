"""Writes the documents that both peers are measured on: corpus.py DIRECTORY SEED.

Scans are lines of handwriting on ruled paper with the grain of a scanner, packed as scanners do."""

import io
import json
import pathlib
import random
import sys
import zlib

import jbig2
import numpy
from PIL import Image, ImageDraw

A4 = (8.27, 11.69)


def sheet(seed, dpi):
    """Ruled paper with strokes on it."""
    choose = random.Random(seed)
    width, height = round(A4[0] * dpi), round(A4[1] * dpi)
    image = Image.new("RGB", (width, height), (250, 248, 242))
    draw = ImageDraw.Draw(image)
    step = dpi // 3
    for y in range(step, height, step):
        draw.line([(0, y), (width, y)], fill=(200, 210, 235), width=max(1, dpi // 150))
        x = dpi // 2
        while x < width - dpi // 2 and choose.random() < 0.98:
            points = [(x + i * dpi // 60, y - choose.randrange(dpi // 5)) for i in range(8)]
            draw.line(points, fill=(30, 40, 110), width=max(1, dpi // 90))
            x = points[-1][0] + dpi // 12
    return image


def grain(image, seed):
    noise = numpy.random.default_rng(seed).normal(0, 3, (image.height, image.width, 1))
    return Image.fromarray((numpy.asarray(image) + noise).clip(0, 255).astype(numpy.uint8))


def packed(image, kind):
    """The entries of the picture's dictionary, and its data."""
    size = f"/Width {image.width} /Height {image.height}"
    out = io.BytesIO()
    if kind in ("rgb", "gray"):
        image = image.convert("L") if kind == "gray" else image
        image.save(out, "JPEG", quality=75)
        space = "/DeviceGray" if kind == "gray" else "/DeviceRGB"
        return f"{size} /ColorSpace {space} /BitsPerComponent 8 /Filter /DCTDecode", out.getvalue()
    if kind == "flate":
        data = zlib.compress(image.tobytes(), 6)
        return f"{size} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode", data
    if kind == "jpx":
        image.save(out, "JPEG2000", quality_mode="rates", quality_layers=[20])
        return f"{size} /Filter /JPXDecode", out.getvalue()
    black = image.convert("L").point(lambda value: 255 if value > 150 else 0).convert("1")
    if kind == "jbig2":
        data = jbig2.packed(1 - numpy.asarray(black).astype(numpy.uint8))
        return f"{size} /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /JBIG2Decode", data
    black.save(out, "TIFF", compression="group4", strip_size=1 << 30)
    tiff = Image.open(io.BytesIO(out.getvalue()))
    start, length = tiff.tag_v2[273][0], tiff.tag_v2[279][0]
    # What is zero may be black or white; the file says which.
    inverted = "true" if tiff.tag_v2[262] == 1 else "false"
    parameters = f"/DecodeParms << /K -1 /Columns {image.width} /Rows {image.height} /BlackIs1 {inverted} >>"
    entries = f"{size} /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode {parameters}"
    return entries, out.getvalue()[start : start + length]


class Document:
    """A file of numbered objects."""

    def __init__(self):
        self.file, self.offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []

    def add(self, body):
        self.offsets.append(len(self.file))
        self.file += f"{len(self.offsets)} 0 obj\n".encode() + body + b"\nendobj\n"
        return len(self.offsets)

    def stream(self, entries, data):
        return self.add(f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream")

    def finish(self, path):
        table = len(self.file)
        self.file += f"xref\n0 {len(self.offsets) + 1}\n0000000000 65535 f \n".encode()
        for offset in self.offsets:
            self.file += f"{offset:010} 00000 n \n".encode()
        size = len(self.offsets) + 1
        self.file += f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
        path.write_bytes(self.file)


def begin(pages, below):
    document = Document()
    document.add(b"<< /Type /Catalog /Pages 2 0 R >>")
    kids = " ".join(f"{3 + below * index} 0 R" for index in range(pages))
    document.add(f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode())
    return document


def scan(path, pages, dpi, kind, seed):
    document = begin(pages, 3)
    sheets = [grain(sheet(seed + index, dpi), seed + index) for index in range(min(pages, 5))]
    pictures = [packed(image, kind) for image in sheets]
    for index in range(pages):
        number = len(document.offsets) + 1
        document.add(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.276 841.89] /Contents {number + 1} 0 R "
            f"/Resources << /XObject << /Im {number + 2} 0 R >> >> >>".encode()
        )
        document.stream("", b"q 595.276 0 0 841.89 0 0 cm /Im Do Q")
        document.stream("/Type /XObject /Subtype /Image " + pictures[index % 5][0], pictures[index % 5][1])
    document.finish(path)


def vector(path, pages, seed):
    choose, document = random.Random(seed), begin(pages, 2)
    for index in range(pages):
        lines = "".join(
            f"({' '.join(choose.choice(['alpha', 'beta', 'gamma', 'delta']) for _ in range(12))}) ' "
            for _ in range(45)
        )
        content = f"BT /F 10 Tf 16 TL 50 800 Td {lines} ET"
        number = len(document.offsets) + 1
        document.add(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R /Resources "
            "<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>".encode()
        )
        document.stream("/Filter /FlateDecode", zlib.compress(content.encode()))
    document.finish(path)


def annotations(path, pages, seed):
    choose, drawn = random.Random(seed), []
    for page in range(pages):
        for index in range(10):
            x, y = choose.uniform(0.05, 0.6), choose.uniform(0.05, 0.9)
            line = [[x + 0.01 * step, y + choose.uniform(0, 0.03)] for step in range(20)]
            kind = ["comment", "highlight", "ink", "comment"][index % 4]
            text = "À revoir : œuvre n° %d" % index if kind == "comment" else ""
            drawn.append({"page": page, "kind": kind, "place": [x, y, 0.3, 0.05], "text": text, "line": line})
    path.write_text(json.dumps(drawn))


def main():
    directory, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    for kind in ("rgb", "gray", "ccitt"):
        for dpi in (200, 300):
            scan(directory / f"{kind}-{dpi}.pdf", 10, dpi, kind, seed)
    scan(directory / "flate-200.pdf", 5, 200, "flate", seed)
    scan(directory / "jpx-200.pdf", 5, 200, "jpx", seed)
    scan(directory / "jbig2-200.pdf", 10, 200, "jbig2", seed)
    vector(directory / "vector.pdf", 30, seed)
    scan(directory / "rgb-100-pages.pdf", 100, 200, "rgb", seed)
    scan(directory / "ccitt-100-pages.pdf", 100, 200, "ccitt", seed)
    scan(directory / "ccitt-400-pages.pdf", 400, 200, "ccitt", seed)
    annotations(directory / "annotations.json", 100, seed)


main()
