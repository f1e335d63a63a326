"""jampack: a built page that shows all pictures, packed in place."""

import os
import shutil

from node import Node
from work import Command, given, write


class Jampack(Node):
    name = "jampack"
    is_slow = True
    package = "@divriots/jampack"
    cases = {"a", "a4", "b", "c", "d", "e"}
    notes = {}
    # Its widths are steps, from the largest one down, and that one is encoded twice.
    is_compared = False

    def prepare(self, job, folder, threads):
        pictures = self.pictures(folder)
        if not os.path.isdir(pictures):
            given(job, pictures)
            step, top = job["ladder"][0], job["ladder"][-1]
            # With 100, its near-lossless mode is lossless.
            quality = 100 if job["lossless"] else job["quality"]
            mode = "lossless" if job["lossless"] else "lossly"
            webp = f"effort: {job['effort']}, quality: {quality}"
            write(
                f"{folder}/jampack.config.mjs",
                "export default { image: { embed_size: 0,\n"
                f"  srcset_min_width: {step}, srcset_max_width: {top}, srcset_step: {step},\n"
                f"  webp: {{ options_lossless: {{ {webp}, mode: '{mode}' }},\n"
                f"    options_lossly: {{ {webp}, mode: '{mode}' }} }},\n"
                "} };\n",
            )
        # jampack refuses a page that it has already packed, so each run gets a fresh one, as from a
        # generator.
        site = os.path.join(folder, "site")
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(pictures, site)
        shown = "".join(
            f'<p><img src="{os.path.basename(picture["file"])}" alt="a picture">\n'
            for picture in job["pictures"]
        )
        write(f"{site}/index.html", f"<!doctype html>\n<html lang=en><title>Peers</title><body>\n{shown}")
        program = os.path.join(self.tools.peers, "node_modules", self.package, "dist/index.js")
        env = {"UV_THREADPOOL_SIZE": "1", "VIPS_CONCURRENCY": "1"} if threads == "one" else {}
        cache = ["--cache_folder", os.path.join(folder, "cache")] if job["warm"] else ["--nocache"]
        return Command(["node", program, "site", "--onlyoptim", *cache], env, folder)

    def outputs(self, folder):
        return []
