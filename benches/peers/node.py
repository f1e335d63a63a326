"""The peers from npm that a driver of ours calls: sharp, eleventy-img, srcset."""

import os
import re

from work import Command, given, written


class Node:
    """A driver beside this file, run by Node in the folder of the installed packages."""

    def __init__(self, tools):
        self.tools = tools

    def missing(self):
        folder = os.path.join(self.tools.peers, "node_modules", self.package)
        return None if os.path.isdir(folder) else f"`{self.package}` is not installed (npm)"

    def prepare(self, job, folder, threads):
        pictures = self.pictures(folder)
        if not os.path.isdir(pictures):
            os.makedirs(os.path.join(folder, "out"))
            given(job, pictures)
        job_file = written(job, folder, pictures)
        driver = os.path.join(self.tools.peers, self.driver)
        env = {"UV_THREADPOOL_SIZE": "1", "VIPS_CONCURRENCY": "1"} if threads == "one" else {}
        argv = ["node", driver, job_file, os.path.join(folder, "out"), threads, *self.arguments]
        return Command(argv, env)

    def pictures(self, folder):
        return os.path.join(folder, "pictures")

    def outputs(self, folder):
        for name in os.listdir(os.path.join(folder, "out")):
            match = re.fullmatch(r"(.+?)-(\d+)(\.[\w-]+)?\.(?:webp|avif)", name)
            if match:
                yield match[1], int(match[2]), os.path.join(folder, "out", name)

    def version(self, read):
        path = os.path.join(self.tools.peers, "node_modules", self.package, "package.json")
        script = f"console.log(JSON.parse(require('fs').readFileSync('{path}')).version)"
        return read(["node", "-e", script])


NO_MEMORY = "no cache, so that a second run repeats all the work"


class SharpClone(Node):
    name = "sharp, clone()"
    package, driver, arguments = "sharp", "sharp.mjs", ["clone"]
    cases = {"a", "a4", "b", "c", "f"}
    notes = {"d": NO_MEMORY, "e": NO_MEMORY}


class SharpPlain(SharpClone):
    name = "sharp, one call per size"
    cases = {"a", "a4", "b", "c"}
    arguments = ["plain"]


class EleventyImg(Node):
    name = "eleventy-img"
    package, driver, arguments = "@11ty/eleventy-img", "eleventy-img.mjs", []
    cases = {"a", "a4", "b", "c", "d", "e"}
    notes = {}


class Srcset(Node):
    name = "srcset"
    package, driver, arguments = "@flexis/srcset", "srcset.mjs", []
    cases = {"a", "a4", "b", "c"}
    notes = {"d": NO_MEMORY, "e": NO_MEMORY}
