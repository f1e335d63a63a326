"""Prints the CRC-32 of all frames of an APNG as they are shown: RGBA of eight bits, composed by PNG (third edition,
section 11.3.6) in exact integers, colours of transparent pixels 0. Pillow decodes the single frames; its own composing
is not used, as it passes over a frame that gives way to what was before it.

    pip install Pillow && python3 tests/apng_reference.py FILE.apng
"""
import io
import struct
import sys
import zlib

from PIL import Image

CLEAR, RESTORE = 1, 2
OVER = 1
NONE = (0, 0, 0, 0)


def chunks(data):
    at = 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def over(above, below):
    if above[3] in (0, 255):
        return above if above[3] else below
    a, b = above[3] * 255, below[3] * (255 - above[3])
    colours = tuple((2 * (above[c] * a + below[c] * b) + a + b) // (2 * (a + b)) for c in range(3))
    return colours + ((2 * (a + b) + 255) // 510,)


def frames(data):
    parts = list(chunks(data))
    header = parts[0][1]
    before = b"".join(chunk(kind, part) for kind, part in parts if kind in (b"PLTE", b"tRNS"))
    found = []
    for kind, part in parts:
        if kind == b"fcTL":
            found.append((struct.unpack(">IIIIIHHBB", part), []))
        elif kind == b"IDAT" and found:
            found[-1][1].append(part)
        elif kind == b"fdAT":
            found[-1][1].append(part[4:])
    for (_, width, height, left, top, _, _, dispose, blend), pixels in found:
        png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">II", width, height) + header[8:])
        png += before + chunk(b"IDAT", b"".join(pixels)) + chunk(b"IEND", b"")
        still = Image.open(io.BytesIO(png)).convert("RGBA").tobytes()
        yield still, width, height, left, top, dispose, blend


def main():
    data = open(sys.argv[1], "rb").read()
    canvas_width, canvas_height = struct.unpack(">II", data[16:24])
    canvas, crc = [NONE] * (canvas_width * canvas_height), 0
    for still, width, height, left, top, dispose, blend in frames(data):
        before = list(canvas)
        places = [(top + y) * canvas_width + left + x for y in range(height) for x in range(width)]
        for at, place in enumerate(places):
            pixel = tuple(still[at * 4 : at * 4 + 4])
            canvas[place] = over(pixel, canvas[place]) if blend == OVER else pixel
        crc = zlib.crc32(b"".join(bytes(pixel if pixel[3] else NONE) for pixel in canvas), crc)
        if dispose in (CLEAR, RESTORE):
            for place in places:
                canvas[place] = NONE if dispose == CLEAR else before[place]
    print(f"{crc:#010x}")


main()
