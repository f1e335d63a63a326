"""Draws what the corpus does not have, says how large pictures are, and makes references of them.

`draw.py small FOLDER COUNT SEED`, `draw.py large FOLDER PHOTO…`, `draw.py screencast FILE`, `draw.py sizes PICTURE…`,
`draw.py references < lines of PICTURE<tab>PNG<tab>WIDTH<tab>HEIGHT`, `draw.py decoded < lines of PICTURE<tab>PNG`
"""

import io
import os
import random
import sys

from PIL import Image, ImageCms, ImageDraw, ImageFilter, ImageFont, ImageOps


def small(folder, count, seed):
    """Pictures of 480 × 320 pixels: a sky of two colours, discs, and grain; each different."""
    for number in range(count):
        draw = random.Random(f"{seed}-{number}")
        colour = lambda: tuple(draw.randrange(256) for _ in range(3))
        picture = Image.new("RGB", (2, 2))
        picture.putdata([colour() for _ in range(4)])
        picture = picture.resize((480, 320), Image.Resampling.BICUBIC)
        pen = ImageDraw.Draw(picture)
        for _ in range(40):
            x, y, r = draw.randrange(480), draw.randrange(320), draw.randrange(4, 60)
            pen.ellipse((x - r, y - r, x + r, y + r), fill=colour())
        grain = Image.frombytes("L", (480, 320), draw.randbytes(480 * 320))
        grain = grain.filter(ImageFilter.GaussianBlur(0.8)).convert("RGB")
        picture = Image.blend(picture.filter(ImageFilter.GaussianBlur(1)), grain, 0.12)
        picture.save(os.path.join(folder, f"small-{seed}-{number:04}.jpg"), quality=85)


def large(folder, photos):
    """Photos enlarged to 6000 × 4000 pixels, as a camera of 24 megapixels stores them."""
    for photo in photos:
        name = os.path.splitext(os.path.basename(photo))[0]
        with Image.open(photo) as picture:
            enlarged = picture.convert("RGB").resize((6000, 4000), Image.Resampling.LANCZOS)
            enlarged.save(os.path.join(folder, f"{name}-24mp.jpg"), quality=90)


def screencast(path):
    """A GIF of an editor in which text is typed and scrolled, a menu opens, and the pointer moves."""
    draw = random.Random("screencast")
    width, height = 960, 720
    font, small = ImageFont.load_default(17), ImageFont.load_default(13)
    word = lambda: "".join(draw.choice("abcdefghilmnoprstu") for _ in range(draw.randrange(2, 10)))
    line = lambda: " ".join(word() for _ in range(draw.randrange(3, 9)))
    lines = [" " * draw.choice([0, 2, 4]) + line() for _ in range(80)]
    colours = [draw.choice(["#d4d4d4", "#9cdcfe", "#ce9178", "#6a9955", "#c586c0"]) for _ in lines]
    frames, scrolled, typed = [], 0, 0
    for number in range(60):
        picture = Image.new("RGB", (width, height), "#1e1e1e")
        pen = ImageDraw.Draw(picture)
        pen.rectangle((0, 0, width, 34), fill="#3c3c3c")
        pen.text((14, 7), "notes.md", font=font, fill="#cccccc")
        pen.rectangle((0, 35, 220, height), fill="#252526")
        for row in range(20):
            pen.text((16, 48 + row * 24), lines[row].strip()[:24], font=small, fill="#bbbbbb")
        if 30 <= number < 42:
            scrolled += 23
        else:
            typed += draw.randrange(2, 6)
        for row in range(34):
            y = 48 + row * 23 - scrolled
            if 36 < y < height:
                pen.text((240, y), lines[row], font=font, fill=colours[row])
        left = typed
        for row in range(3):
            pen.text((240, 440 + row * 23), lines[40 + row][: max(0, left)], font=font, fill="#d4d4d4")
            left -= len(lines[40 + row])
        if 46 <= number < 56:
            pen.rectangle((420, 120, 700, 330), fill="#2d2d30", outline="#606060")
            for row in range(8):
                if row == (number - 46) % 8:
                    pen.rectangle((424, 126 + row * 25, 696, 150 + row * 25), fill="#094771")
                pen.text((436, 128 + row * 25), lines[60 + row].strip()[:28], font=small, fill="#dddddd")
        x, y = 300 + number * 7, 600 - number * 8
        pen.polygon([(x, y), (x, y + 18), (x + 5, y + 14), (x + 12, y + 13)], fill="#ffffff", outline="#000000")
        frames.append(picture)
    palette = frames[50].quantize(128, method=Image.Quantize.MEDIANCUT)
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=120, loop=0)


def sizes(pictures):
    """Width and height of each as it is shown, by its Exif orientation."""
    for path in pictures:
        with Image.open(path) as picture:
            width, height = picture.size
            turned = picture.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        print(*((height, width) if turned else (width, height)))


def references():
    """The whole picture, upright, in sRGB, by Lanczos with three lobes over all its pixels."""
    opened = None
    for line in sys.stdin:
        path, target, width, height = line.rstrip("\n").split("\t")
        if opened != path:
            whole, opened = upright(path), path
        whole.resize((int(width), int(height)), Image.Resampling.LANCZOS).save(target, compress_level=1)


def decoded():
    """Pictures as they are, as PNG."""
    for line in sys.stdin:
        path, target = line.rstrip("\n").split("\t")
        with Image.open(path) as picture:
            picture.save(target, compress_level=1)


def upright(path):
    with Image.open(path) as picture:
        profile = picture.info.get("icc_profile")
        has_alpha = "A" in picture.getbands() or "transparency" in picture.info
        whole = ImageOps.exif_transpose(picture)
        whole = whole.convert("RGBA" if has_alpha else "RGB")
    if profile and ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip() == "RGB":
        srgb = ImageCms.createProfile("sRGB")
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        whole = ImageCms.profileToProfile(whole, given, srgb, ImageCms.Intent.RELATIVE_COLORIMETRIC)
    return whole


if __name__ == "__main__":
    if sys.argv[1] == "sizes":
        sizes(sys.argv[2:])
    elif sys.argv[1] == "references":
        references()
    elif sys.argv[1] == "screencast":
        screencast(sys.argv[2])
    elif sys.argv[1] == "decoded":
        decoded()
    else:
        os.makedirs(sys.argv[2], exist_ok=True)
        if sys.argv[1] == "small":
            small(sys.argv[2], int(sys.argv[3]), sys.argv[4])
        else:
            large(sys.argv[2], sys.argv[3:])
