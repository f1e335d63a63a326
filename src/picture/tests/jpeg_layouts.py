#!/usr/bin/env python3
"""Generates JPEGs in every layout of components, sampling, scans, restarts and markers.

Usage: jpeg_layouts.py FOLDER [EVERY]

Writes FOLDER/NAME.jpg and what libjpeg-turbo shows of it, FOLDER/NAME.ppm; no .ppm where djpeg
fails or warns. Of the systematic layouts, only each EVERY-th is written. Needs `cjpeg` and `djpeg` of libjpeg-turbo (Debian: libjpeg-turbo-progs).
"""

import itertools
import math
import pathlib
import subprocess
import sys

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
every = int(sys.argv[2]) if len(sys.argv) > 2 else 1


def scene(width, height):
    """Smooth in every channel, so that decoders that upsample differently still agree."""
    out = bytearray()
    for y in range(height):
        for x in range(width):
            out += bytes(
                int(128 + 90 * math.sin(x / a + y / b + c))
                for a, b, c in ((17, 29, 0), (23, -19, 2), (-31, 21, 4))
            )
    return b"P6\n%d %d\n255\n" % (width, height) + bytes(out)


def cjpeg(source, *options):
    done = subprocess.run(["cjpeg", "-quality", "88", *options], input=source, capture_output=True)
    return done.stdout if done.returncode == 0 else None


def write(name, jpeg):
    (folder / f"{name}.jpg").write_bytes(jpeg)
    # Without -ppm a gray JPEG gives a PGM, and CMYK fails: those are compared elsewhere.
    done = subprocess.run(["djpeg", "-dct", "int"], input=jpeg, capture_output=True)
    if done.returncode == 0 and not done.stderr:
        (folder / f"{name}.ppm").write_bytes(done.stdout)


def segment(marker, payload):
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def segments(jpeg):
    """(start, marker, end) of each marker segment, entropy-coded data left out."""
    at = 2
    while at < len(jpeg) - 1:
        if jpeg[at] != 0xFF or jpeg[at + 1] in (0, 0xFF, *range(0xD0, 0xD8)):
            at += 1
            continue
        marker = jpeg[at + 1]
        end = at + 2 if marker == 0xD9 else at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        yield at, marker, end
        at = end


def without(jpeg, *markers):
    cuts = [(start, end) for start, marker, end in segments(jpeg) if marker in markers]
    for start, end in reversed(cuts):
        jpeg = jpeg[:start] + jpeg[end:]
    return jpeg


def before(jpeg, marker, inserted, which=0):
    places = [start for start, found, _ in segments(jpeg) if found == marker]
    if len(places) <= which:
        return None
    return jpeg[: places[which]] + inserted + jpeg[places[which] :]


ADOBE = b"Adobe\0\x64\0\0\0\0"
SCRIPTS = {
    "ybr": "0,1,2;",
    "y.b.r": "0;1;2;",
    "yb.r": "0,1;2;",
    "y.br": "0;1,2;",
    "b.r.y": "1;2;0;",
    "b.y.r": "1;0;2;",
    "r.b.y": "2;1;0;",
    "br.y": "1,2;0;",
}
SAMPLINGS = [
    *(f"{w}x{h},1x1,1x1" for w in (1, 2, 3, 4) for h in (1, 2, 3, 4) if w * h <= 8),
    "1x1,2x1,1x1", "1x1,1x1,2x1", "1x1,2x2,1x1", "2x1,1x1,2x1", "2x2,2x1,2x1", "2x2,1x2,1x2",
    "2x2,1x1,1x2", "1x1,1x2,1x2", "2x1,2x1,2x1", "1x1,2x1,2x1", "2x1,1x2,1x2", "2x2,2x2,1x1",
    "1x4,1x2,1x2", "3x2,1x1,1x1", "3x1,3x1,1x1", "1x2,2x1,2x1",
]
sources = {(w, h): scene(w, h) for w, h in ((96, 64), (97, 61), (33, 130))}
script = folder / "script"
count = 0
for (size, source), (name, scans), sampling, restart, progressive in itertools.product(
    sources.items(), SCRIPTS.items(), SAMPLINGS, ("0", "1", "1B", "3B"), (False, True)
):
    if progressive and name not in ("ybr", "b.r.y"):
        continue
    count += 1
    if count % every:
        continue
    if progressive:
        dc = scans.replace(";", ": 0-0, 0, 0;")
        order = "012" if name == "ybr" else "120"
        scans = dc + "".join(f"{c}: 1-63, 0, 1;" for c in order) + "".join(
            f"{c}: 1-63, 1, 0;" for c in order
        )
    script.write_text(scans)
    jpeg = cjpeg(source, "-sample", sampling, "-scans", str(script), "-restart", restart)
    if jpeg is not None:
        kind = "prog" if progressive else "base"
        write(f"{kind}-{name}-{sampling.replace(',', '_')}-r{restart}-{size[0]}x{size[1]}", jpeg)

for sampling, scans in itertools.product(("1x1,1x1,1x1", "2x2,1x1,1x1"), ("ybr", "y.b.r")):
    script.write_text(SCRIPTS[scans])
    base = cjpeg(sources[97, 61], "-sample", sampling, "-scans", str(script))
    progressive = cjpeg(sources[97, 61], "-sample", sampling, "-progressive")
    bare = without(base, 0xE0)
    jfif = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
    label = f"{sampling.replace(',', '_')}-{scans}"
    odd = {}
    for transform in range(3):
        adobe = segment(0xEE, ADOBE + bytes([transform]))
        odd[f"adobe{transform}"] = bare[:2] + adobe + bare[2:]
        odd[f"jfif-adobe{transform}"] = bare[:2] + jfif + adobe + bare[2:]
        odd[f"adobe{transform}-jfif"] = bare[:2] + adobe + jfif + bare[2:]
    odd["adobe-short"] = bare[:2] + segment(0xEE, b"Adobe\0d") + bare[2:]
    odd["bare"] = bare
    for ids in (b"RGB", b"\0\1\2", b"\1\2\3", b"\x22\x23\x24", b"YCc", b"\3\2\1"):
        named = bytearray(bare)
        for start, marker, _ in segments(bare):
            if marker in (0xC0, 0xC1, 0xC2):
                old = [named[start + 10 + 3 * i] for i in range(3)]
                for i in range(3):
                    named[start + 10 + 3 * i] = ids[i]
            if marker == 0xDA:
                for i in range(named[start + 4]):
                    at = start + 5 + 2 * i
                    named[at] = ids[old.index(named[at])]
        odd[f"ids-{ids.hex()}"] = bytes(named)
    odd["no-dht"] = without(base, 0xC4)
    odd["tem"] = before(base, 0xDB, b"\xff\x01")
    odd["fill"] = before(base, 0xDB, b"\xff" * 5)
    odd["zeros"] = before(base, 0xDB, b"\0" * 3)
    odd["app-before-sof"] = before(base, 0xC0, segment(0xE7, b"x" * 40))
    odd["app-before-sos"] = before(base, 0xDA, segment(0xE7, b"x" * 40))
    odd["com-before-sos"] = before(base, 0xDA, segment(0xFE, b"x" * 40))
    odd["app-between-scans"] = before(base, 0xDA, segment(0xE7, b"x" * 40), 1)
    for which in (1, 3, 5):
        for name, inserted in (
            ("app", segment(0xE7, b"x" * 40)), ("com", segment(0xFE, b"y")),
            ("empty-dht", segment(0xC4, b"")), ("fill", b"\xff\xff"),
        ):
            odd[f"prog-{name}-before-scan{which}"] = before(progressive, 0xDA, inserted, which)
    odd["trailer"] = base + b"\0\0trailer"
    odd["two-images"] = base + base
    odd["junk-before-eoi"] = base[:-2] + b"\0\0\xff\0\1" + base[-2:]
    restarts = ("-sample", sampling, "-restart", "2B")
    for kind, jpeg in (
        ("base", base),
        ("prog", progressive),
        ("base-restart", cjpeg(sources[97, 61], *restarts)),
        ("prog-restart", cjpeg(sources[97, 61], *restarts, "-progressive")),
        ("gray", cjpeg(sources[97, 61], "-grayscale")),
        ("gray-prog", cjpeg(sources[97, 61], "-grayscale", "-progressive")),
    ):
        for part in (10, 30, 60, 80, 90, 95, 97, 98, 99):
            cut = jpeg[: len(jpeg) * part // 100]
            # The rest of a file that was copied onto a full disk, or sent in part.
            filled = cut + bytes(max(len(jpeg) - len(cut), 400))
            odd[f"cut-{kind}-{part}"] = cut
            odd[f"cut-{kind}-{part}-eoi"] = cut + b"\xff\xd9"
            odd[f"cut-{kind}-{part}-zeros"] = filled
            odd[f"cut-{kind}-{part}-zeros-eoi"] = filled + b"\xff\xd9"
    for name, jpeg in odd.items():
        if jpeg is not None:
            write(f"odd-{name}-{label}", jpeg)
for options in ((), ("-progressive",), ("-restart", "1B")):
    write(f"gray-{''.join(options).replace(' ', '')}", cjpeg(sources[97, 61], "-grayscale", *options))
script.unlink()
print(len(list(folder.glob("*.jpg"))), "files,", len(list(folder.glob("*.ppm"))), "with a reference")
