"""The peers that are a command line for each picture: vipsthumbnail, cwebp, ImageMagick."""

import os
import re
import shlex
import shutil

from node import NO_MEMORY
from work import Command, given


class Shell:
    is_slow = True
    cases = {"a", "a4", "b", "c"}
    notes = {"d": NO_MEMORY, "e": NO_MEMORY}

    def __init__(self, tools):
        self.tools = tools
        self.program = next(filter(shutil.which, self.programs), None)

    def missing(self):
        return None if self.program else f"`{self.programs[0]}` is not installed (Debian: {self.debian})"

    def prepare(self, job, folder, threads):
        pictures = self.pictures(folder)
        out = os.path.join(folder, "out")
        if not os.path.isdir(pictures):
            os.makedirs(out)
            given(job, pictures)
        names = [
            {**picture, "file": os.path.join(pictures, os.path.basename(picture["file"]))}
            for picture in job["pictures"]
        ]
        lines = [shlex.join(line) for line in self.lines(job, names, out)]
        if threads == "one":
            script = os.path.join(folder, "work.sh")
            text = "set -e\n" + "\n".join(lines) + "\n"
            argv = ["sh", script]
        else:
            script = os.path.join(folder, "work.txt")
            text = "".join(f"{line}\0" for line in lines)
            argv = ["xargs", "-0", "-a", script, "-P", str(os.cpu_count()), "-n", "1", "sh", "-c", 'eval "exec $0"']
        with open(script, "w") as file:
            file.write(text)
        env = {"VIPS_CONCURRENCY": "1", "MAGICK_THREAD_LIMIT": "1"} if threads == "one" else {}
        return Command(argv, env)

    def pictures(self, folder):
        return os.path.join(folder, "pictures")

    def outputs(self, folder):
        for name in os.listdir(os.path.join(folder, "out")):
            match = re.fullmatch(r"(.+)-(\d+)\.webp", name)
            if match:
                yield match[1], int(match[2]), os.path.join(folder, "out", name)


class Vips(Shell):
    name = "vipsthumbnail"
    is_slow = False
    programs, debian = ["vipsthumbnail"], "libvips-tools"

    def lines(self, job, pictures, out):
        # What is converted to sRGB needs no profile; `strip` alone keeps it.
        options = f"Q={job['quality']},effort={job['effort']},strip,profile=none"
        options += ",lossless" if job["lossless"] else ""
        for width in sorted({width for picture in pictures for width in picture["widths"]}):
            files = [picture["file"] for picture in pictures if width in picture["widths"]]
            target = f"{out}/%s-{width}.webp[{options}]"
            yield [self.program, "--size", f"{width}x", "--export-profile", "srgb", "--output", target, *files]

    def version(self, read):
        return read(["vips", "--version"]).removeprefix("vips-")


class Cwebp(Shell):
    name = "cwebp"
    programs, debian = ["cwebp"], "webp"

    def lines(self, job, pictures, out):
        for picture in pictures:
            for width in picture["widths"]:
                lossless = ["-lossless"] if job["lossless"] else []
                yield [
                    *[self.program, "-quiet", *lossless, "-q", str(job["quality"]), "-m", str(job["effort"])],
                    *["-resize", str(width), "0", picture["file"], "-o", f"{out}/{picture['stem']}-{width}.webp"],
                ]

    def version(self, read):
        return read([self.program, "-version"]).splitlines()[0]


class Magick(Shell):
    name = "ImageMagick"
    programs, debian = ["convert-im6.q16", "magick", "convert"], "imagemagick"

    def lines(self, job, pictures, out):
        for picture in pictures:
            top = max(picture["widths"])
            # Twice the wanted size: the JPEG decoder may not shrink further.
            hint = f"jpeg:size={2 * top}x{2 * (top * picture['height'] // picture['width'] + 1)}"
            line = [self.program, "-define", hint, picture["file"], "-auto-orient", "-strip"]
            line += ["-quality", str(job["quality"]), "-define", f"webp:method={job['effort']}"]
            line += ["-define", "webp:lossless=true"] if job["lossless"] else []
            for width in picture["widths"]:
                target = f"{out}/{picture['stem']}-{width}.webp"
                line += ["(", "+clone", "-resize", f"{width}x", "-write", target, "+delete", ")"]
            yield [*line, "null:"]

    def version(self, read):
        return read([self.program, "-version"]).split()[2]
