"""planche, as a Jekyll site runs it: one article that names all pictures."""

import os
import re

from work import Command, given, write

VARIANT = re.compile(r"(.+)-(\d+)\.[0-9a-f]+\.(?:webp|avif)")


class Planche:
    name = "planche"
    cases = {"a", "a4", "b", "c", "d", "e", "f"}
    notes = {}

    def __init__(self, tools):
        self.program = tools.planche

    def missing(self):
        return None if os.access(self.program, os.X_OK) else f"`{self.program}` is not there"

    def prepare(self, job, folder, threads):
        pictures = self.pictures(folder)
        if not os.path.isdir(pictures):
            given(job, pictures)
            write(f"{folder}/_config.yml", "title: peers\n")
            write(
                f"{folder}/presets/card.yml",
                f"widths: {job['ladder']}\nsizes: 100vw\nquality: {job['quality']}\nformats: [{job['format']}]\n"
                f"effort: {job['effort']}\nlossless: {'always' if job['lossless'] else 'never'}\n",
            )
            named = "".join(
                f'- image: "/uploads/{os.path.basename(picture["file"])}"\n'
                for picture in job["pictures"]
            )
            write(
                f"{folder}/_posts/2024-01-01-peers.md",
                f"---\ntitle: Peers\npictures:\n{named}---\n",
            )
        jobs = ["--jobs", "1"] if threads == "one" else []
        return Command([self.program, "build", "--quiet", *jobs, folder])

    def pictures(self, folder):
        return os.path.join(folder, "uploads")

    def outputs(self, folder):
        variants = self.variants(folder)
        for name in os.listdir(variants):
            if match := VARIANT.fullmatch(name):
                yield match[1], int(match[2]), os.path.join(variants, name)

    def left_out(self, folder):
        listed = os.path.join(self.variants(folder), "left-out.txt")
        if os.path.exists(listed):
            with open(listed) as file:
                for line in file:
                    name, _, size = line.strip().partition(" ")
                    if match := VARIANT.fullmatch(name):
                        yield match[1], int(match[2]), int(size)

    def variants(self, folder):
        return os.path.join(folder, "uploads/variants")

    def version(self, read):
        return read([self.program, "--version"]).removeprefix("planche ")
