#!/usr/bin/env python3
"""Writes the seeds of fuzz/corpus/picture: one small picture a format and variety, drawn here, by Pillow.

Usage: python3 fuzz/seeds.py
"""
import io
from pathlib import Path

from PIL import Image, ImageCms, ImageDraw

FOLDER = Path(__file__).parent / "corpus" / "picture"


def drawn(mode):
    picture = Image.new("RGBA", (17, 11), (250, 240, 30, 255))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((2, 2, 12, 9), fill=(200, 30, 60, 128))
    draw.line((0, 10, 16, 0), fill=(20, 60, 220, 255))
    if mode == "I;16":
        return picture.convert("L").convert("I").point(lambda v: v * 257).convert("I;16")
    return picture.convert(mode)


def save(name, mode, **options):
    picture = drawn(mode)
    out = io.BytesIO()
    picture.save(out, **options)
    (FOLDER / name).write_bytes(out.getvalue())


FOLDER.mkdir(parents=True, exist_ok=True)
exif = Image.Exif()
exif[0x0112] = 6
p = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
save("rgb.jpg", "RGB", format="JPEG", exif=exif, icc_profile=p)
save("progressive.jpg", "RGB", format="JPEG", progressive=True, subsampling=2)
save("gray.jpg", "L", format="JPEG", restart_marker_blocks=1)
save("cmyk.jpg", "CMYK", format="JPEG")
for mode in ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]:
    save(f"{mode.lower().replace(';', '')}.png", mode, format="PNG")
save("exif.png", "RGB", format="PNG", exif=exif, icc_profile=p)
frame = drawn("RGBA").rotate(180)
save("animated.png", "RGBA", format="PNG", save_all=True, append_images=[frame], duration=50)
save("still.gif", "P", format="GIF")
save("animated.gif", "P", format="GIF", save_all=True, append_images=[frame.convert("P")], duration=50)
save("lossy.webp", "RGBA", format="WEBP", exif=exif)
save("lossless.webp", "RGB", format="WEBP", lossless=True, icc_profile=p)
save("animated.webp", "RGBA", format="WEBP", save_all=True, append_images=[frame], duration=50)
for name, mode, compression in [("bilevel", "1", "group4"), ("gray", "L", "packbits"), ("rgb", "RGB", "tiff_lzw"),
                                ("rgba", "RGBA", "tiff_adobe_deflate"), ("cmyk", "CMYK", None), ("gray16", "I;16", None)]:
    save(f"{name}.tif", mode, format="TIFF", compression=compression)
for mode in ["1", "P", "RGB"]:
    save(f"{mode.lower()}.bmp", mode, format="BMP")
save("icon.ico", "RGBA", format="ICO", sizes=[(16, 10), (8, 5)])
save("bitmap.ico", "RGBA", format="ICO", sizes=[(16, 10)], bitmap_format="bmp")
save("lossy.avif", "RGBA", format="AVIF", quality=50)
save("full.avif", "RGB", format="AVIF", quality=90, subsampling="4:4:4", exif=exif)
(FOLDER / "shapes.svg").write_text("""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">
<defs><linearGradient id="a"><stop stop-color="red"/><stop offset="1"/></linearGradient><clipPath id="b"><circle cx="4" cy="4" r="4"/></clipPath>
<filter id="c"><feGaussianBlur stdDeviation="1"/></filter><rect id="d" width="3" height="3"/></defs>
<g clip-path="url(#b)" opacity=".5"><rect width="9" height="9" fill="url(#a)"/></g><use xlink:href="#d" filter="url(#c)"/></svg>
""")
