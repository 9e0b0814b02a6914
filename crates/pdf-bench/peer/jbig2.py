"""Packs a black and white picture as JBIG2: one generic region, arithmetically coded (ITU-T T.88, annex E)."""

import struct

import numpy

# Of every state: its probability, the next one after the likely and the unlikely bit, and whether they change places.
STATES = [
    (0x5601, 1, 1, 1), (0x3401, 2, 6, 0), (0x1801, 3, 9, 0), (0x0AC1, 4, 12, 0), (0x0521, 5, 29, 0), (0x0221, 38, 33, 0),
    (0x5601, 7, 6, 1), (0x5401, 8, 14, 0), (0x4801, 9, 14, 0), (0x3801, 10, 14, 0), (0x3001, 11, 17, 0), (0x2401, 12, 18, 0),
    (0x1C01, 13, 20, 0), (0x1601, 29, 21, 0), (0x5601, 15, 14, 1), (0x5401, 16, 14, 0), (0x5101, 17, 15, 0), (0x4801, 18, 16, 0),
    (0x3801, 19, 17, 0), (0x3401, 20, 18, 0), (0x3001, 21, 19, 0), (0x2801, 22, 19, 0), (0x2401, 23, 20, 0), (0x2201, 24, 21, 0),
    (0x1C01, 25, 22, 0), (0x1801, 26, 23, 0), (0x1601, 27, 24, 0), (0x1401, 28, 25, 0), (0x1201, 29, 26, 0), (0x1101, 30, 27, 0),
    (0x0AC1, 31, 28, 0), (0x09C1, 32, 29, 0), (0x08A1, 33, 30, 0), (0x0521, 34, 31, 0), (0x0441, 35, 32, 0), (0x02A1, 36, 33, 0),
    (0x0221, 37, 34, 0), (0x0141, 38, 35, 0), (0x0111, 39, 36, 0), (0x0085, 40, 37, 0), (0x0049, 41, 38, 0), (0x0025, 42, 39, 0),
    (0x0015, 43, 40, 0), (0x0009, 44, 41, 0), (0x0005, 45, 42, 0), (0x0001, 45, 43, 0), (0x5601, 46, 46, 0),
]
# The pixels that a pixel is guessed from, by row and column from it; the last four places are the movable ones.
NEIGHBOURS = [(-2, -1), (-2, 0), (-2, 1), (-1, -2), (-1, -1), (-1, 0), (-1, 1), (-1, 2), (0, -4), (0, -3), (0, -2), (0, -1)]
MOVABLE = [(-1, 3), (-1, -3), (-2, 2), (-2, -2)]


class Coder:
    """The arithmetic coder."""

    def __init__(self):
        # The byte in front is never used but may be added to.
        self.out, self.code, self.wide, self.left = bytearray(1), 0, 0x8000, 12

    def byte(self):
        if self.out[-1] != 0xFF and self.code >= 0x8000000:
            self.out[-1] += 1
            self.code &= 0x7FFFFFF
        short = self.out[-1] == 0xFF
        shift, self.left = (20, 7) if short else (19, 8)
        self.out.append(self.code >> shift & 0xFF)
        self.code &= (1 << shift) - 1

    def encode(self, contexts, bits):
        state, likely = [0] * 65536, [0] * 65536
        for context, bit in zip(contexts, bits):
            chance, after_likely, after_unlikely, swap = STATES[state[context]]
            self.wide -= chance
            if bit == likely[context]:
                if self.wide & 0x8000:
                    self.code += chance
                    continue
                if self.wide < chance:
                    self.wide = chance
                else:
                    self.code += chance
                state[context] = after_likely
            else:
                if self.wide < chance:
                    self.code += chance
                else:
                    self.wide = chance
                likely[context] ^= swap
                state[context] = after_unlikely
            while True:
                self.wide, self.code, self.left = self.wide << 1, self.code << 1, self.left - 1
                if self.left == 0:
                    self.byte()
                if self.wide & 0x8000:
                    break

    def finish(self):
        top = self.code + self.wide
        self.code |= 0xFFFF
        if self.code >= top:
            self.code -= 0x8000
        for _ in range(2):
            self.code <<= self.left
            self.byte()
        if self.out[-1] != 0xFF:
            self.out.append(0xFF)
        return bytes(self.out[1:]) + b"\xac"


def packed(black):
    """A PDF's JBIG2 stream of a picture, given as rows of ones for black and zeros for white."""
    height, width = black.shape
    around = numpy.zeros((height + 2, width + 8), numpy.uint32)
    around[2:, 4 : 4 + width] = black
    contexts = numpy.zeros((height, width), numpy.uint32)
    for down, right in NEIGHBOURS + MOVABLE:
        contexts = contexts << 1 | around[2 + down : 2 + down + height, 4 + right : 4 + right + width]
    coder = Coder()
    coder.encode(contexts.ravel().tolist(), black.ravel().tolist())
    places = b"".join(struct.pack(">bb", right, down) for down, right in MOVABLE)
    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 0) + places + coder.finish()
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    return b"".join(
        struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data for number, kind, data in ((0, 48, page), (1, 38, region))
    )
