"""site.py FOLDER ORIGINALS

Writes a site of many tiny originals, each with bytes of its own, and twice as many articles, to
measure what planche itself costs.
"""

import os
import struct
import sys
import zlib

SIDE = 16


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(number):
    """Grey, 16 × 16; the first pixels are the number."""
    pixels = struct.pack(">Q", number).ljust(SIDE * SIDE, b"\x80")
    rows = b"".join(b"\0" + pixels[row * SIDE : (row + 1) * SIDE] for row in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def main(folder, originals):
    os.makedirs(folder)
    with open(f"{folder}/planche.yml", "w") as file:
        file.write('generator: none\ncontent: ["articles/**"]\nuploads: [{ url: /uploads/, dir: uploads }]\n')
    for number in range(originals):
        group = f"{number // 1000:04}"
        if number % 1000 == 0:
            os.makedirs(f"{folder}/uploads/{group}")
            os.makedirs(f"{folder}/articles/{group}")
        with open(f"{folder}/uploads/{group}/{number}.png", "wb") as file:
            file.write(png(number))
        for copy in "ab":
            with open(f"{folder}/articles/{group}/{number}{copy}.md", "w") as file:
                file.write(f"---\ntitle: Article {number}\nimage: /uploads/{group}/{number}.png\n---\nText.\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
