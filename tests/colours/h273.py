#!/usr/bin/env python3
"""Prints the rows of CODED in tests/colours.rs: colours by the formulas of ITU-T H.273 (primaries, transfer functions) and
IEC 61966-2-1, all about the white of D65, clipped. PQ and HLG: white is at 203 cd/m² (ITU-R BT.2408)."""
import math

PRIMARIES = {1: [(.64, .33), (.30, .60), (.15, .06)], 9: [(.708, .292), (.170, .797), (.131, .046)],
             12: [(.680, .320), (.265, .690), (.150, .060)]}
WHITE = (.3127, .3290)
PATCHES = [(0, 0, 0), (255, 255, 255), (128, 128, 128), (64, 64, 64), (200, 30, 30), (30, 160, 40), (40, 60, 200),
           (220, 200, 60), (90, 180, 190), (170, 80, 160), (240, 180, 150), (100, 70, 50)]


def inverse(m):
    a, b, c, d, e, f, g, h, i = sum(m, [])
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return [[(e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det],
            [(f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det],
            [(d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det]]


def times(m, v):
    return [sum(x * y for x, y in zip(row, v)) for row in m]


def to_xyz(primaries):
    columns = [[x / y, 1, (1 - x - y) / y] for x, y in primaries]
    m = [list(row) for row in zip(*columns)]
    white = [WHITE[0] / WHITE[1], 1, (1 - sum(WHITE)) / WHITE[1]]
    scale = times(inverse(m), white)
    return [[value * s for value, s in zip(row, scale)] for row in m]


def srgb(v):
    return v / 12.92 if v <= .04045 else ((v + .055) / 1.055) ** 2.4


def pq(v):
    p = v ** (32 / 2523)
    return (max(p - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * p)) ** (16384 / 2610) * 10000 / 203


def hlg(v):
    scene = v * v / 3 if v <= .5 else (math.exp((v - .55991073) / .17883277) + .28466892) / 12
    return scene ** 1.2 * 1000 / 203


def encoded(light):
    light = min(max(light, 0), 1)
    value = light * 12.92 if light <= .0031308 else 1.055 * light ** (1 / 2.4) - .055
    return round(value * 255)


TRANSFER = {13: srgb, 8: lambda v: v, 4: lambda v: v ** 2.2, 16: pq, 18: hlg, 14: srgb}
for primaries, transfer in [(12, 13), (9, 13), (9, 14), (9, 8), (1, 4), (9, 16), (9, 18)]:
    m = to_xyz(PRIMARIES[primaries])
    back = inverse(to_xyz(PRIMARIES[1]))
    rows = []
    for patch in PATCHES:
        light = [min(TRANSFER[transfer](v / 255), 1) for v in patch]
        rows.append("[%d, %d, %d]" % tuple(encoded(v) for v in times(back, times(m, light))))
    print(f"    (\n        ({primaries}, {transfer}),\n        [{', '.join(rows)}],\n    ),")
