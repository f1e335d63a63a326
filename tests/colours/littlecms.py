#!/usr/bin/env python3
"""Prints the rows of PATCHES in tests/colours.rs: the colours of a grid, taken by each profile of the corpus to sRGB by
LittleCMS (Pillow's ImageCms), relative colorimetric, without black point compensation.

Usage: python3 tests/colours/littlecms.py ../shared/corpus/odd
"""
import io
import sys
from pathlib import Path

from PIL import Image, ImageCms

RGB = [(0, 0, 0), (255, 255, 255), (128, 128, 128), (64, 64, 64), (200, 30, 30), (30, 160, 40), (40, 60, 200),
       (220, 200, 60), (90, 180, 190), (170, 80, 160), (240, 180, 150), (100, 70, 50)]
CMYK = [(0, 0, 0, 0), (0, 0, 0, 255), (255, 0, 0, 0), (0, 255, 0, 0), (0, 0, 255, 0), (128, 64, 32, 16),
        (30, 200, 180, 20), (60, 50, 50, 128), (200, 20, 240, 40), (10, 30, 60, 0), (255, 255, 255, 255), (90, 80, 70, 60)]
FILES = ["colour/P3-sRGB-color-ring.png", "colour/adobe-Maxime-Pierrot.png", "colour/display-Arnaud-Menard.png",
         "colour/HUAWEI-EVA-L09-16bit_709_g1_dt.png", "colour/hd-bulletins-form.png", "colour/p3.png",
         "colour/red-at-12-oclock-with-color-profile.jpg", "colour/rgb-to-gbr-test.png",
         "colour/sample.jpg", "colour/ultra-hdr.jpg", "colour/adobe-camille-canaple.jpg", "formats/f1t.tif",
         "orientation/exif-Landscape_15.jpg", "colour/Channel_digital_image_CMYK_color.jpg"]


def main(corpus):
    for name in FILES:
        icc = Image.open(corpus / name).info["icc_profile"]
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        space = profile.profile.xcolor_space.strip()
        mode, patches = ("CMYK", CMYK) if space == "CMYK" else ("RGB", RGB)
        picture = Image.new(mode, (len(patches), 1))
        picture.putdata(patches)
        srgb = ImageCms.createProfile("sRGB")
        out = ImageCms.profileToProfile(picture, profile, srgb, renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                                        outputMode="RGB", flags=0)
        colours = ", ".join("[%d, %d, %d]" % out.getpixel((x, 0)) for x in range(len(patches)))
        print(f'    (\n        "{name}",\n        [{colours}],\n    ),')


main(Path(sys.argv[1]))
