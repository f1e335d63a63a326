"""evidence.py PHOTOS FOLDER [--sites 20] [--store URL] [--program planche]

Builds sites of the same photographs twice: with `planche build`, and with `plan`, a simulated Ray
cluster of three nodes that loses an actor and a node (packaging/wheel/tests/cluster.py), and
`apply`. Compares the files of both, and prints the CPU seconds of each step. In FOLDER, which must
not exist, are the sites, and the store unless it has a URL. Needs Linux, and Ray in this Python.
"""

import argparse
import ctypes
import json
import os
import pathlib
import resource
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PR_SET_CHILD_SUBREAPER = 36


def cpu(command, **options):
    """Runs a command. Returns the CPU seconds of all its descendants, and its standard output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(command, stdout=subprocess.PIPE, check=False, **options)
    while True:
        # Processes that have outlived their parents, such as the workers of a killed node.
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        raise SystemExit(f"{command}: exit code {run.returncode}\n{run.stdout.decode()}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, run.stdout.decode()


def write_site(folder, photos, number):
    (folder / "uploads").mkdir(parents=True)
    (folder / "articles").mkdir()
    (folder / "planche.yml").write_text(
        'generator: none\ncontent: ["articles/**"]\nuploads: [{ url: /uploads/, dir: uploads }]\n'
    )
    for photo in photos:
        # Bytes after the end of an image make it a different original.
        (folder / "uploads" / photo.name).write_bytes(photo.read_bytes() + b"%d" % number)
        (folder / "articles" / f"{photo.name}.md").write_text(f"---\nimage: /uploads/{photo.name}\n---\nText.\n")


def files(folder):
    """The content of all files, of planche's own ones that of the digests only."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and (not name.startswith(".planche/") or name == ".planche/variants.b3"):
            found[name] = path.read_bytes()
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--sites", type=int, default=20)
    parser.add_argument("--store")
    parser.add_argument("--program", default="planche")
    args = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.environ["PLANCHE_CACHE"] = ""
    os.environ["PYTHONPATH"] = str(ROOT / "packaging/wheel/python")
    args.folder.mkdir(parents=True)
    folder = args.folder.resolve()
    photos = sorted(path for path in args.photos.iterdir() if path.is_file())
    store = args.store or str(folder / "store")
    here = [folder / "here" / str(number) for number in range(args.sites)]
    there = [folder / "there" / str(number) for number in range(args.sites)]
    for number in range(args.sites):
        write_site(here[number], photos, number)
        write_site(there[number], photos, number)

    def cluster(jobs, results):
        script = ROOT / "packaging/wheel/tests/cluster.py"
        return cpu([sys.executable, script, jobs, results, store, args.program])

    nothing, results = folder / "nothing", folder / "results"
    nothing.write_text("")
    start, _ = cluster(nothing, folder / "no-results")
    print(f"start and end of Ray: {start:.2f} CPU seconds", flush=True)
    built = sum(cpu([args.program, "build", "--quiet"], cwd=site)[0] for site in here)
    print(f"build: {built:.2f} CPU seconds, {len(photos) * args.sites} images", flush=True)
    planned, owners = 0.0, {}
    with open(folder / "jobs", "w") as jobs:
        for number, site in enumerate(there):
            took, lines = cpu([args.program, "plan", "--jobs-out", "-", "--store", store], cwd=site)
            planned += took
            jobs.write(lines)
            for line in lines.splitlines():
                owners[json.loads(line)["id"]] = number
    ray, told = cluster(folder / "jobs", results)
    print(told, end="", flush=True)
    answers = [json.loads(line) for line in results.read_text().splitlines() if line]
    workers = sum(answer["cpu_ms"] for answer in answers) / 1000
    applied = 0.0
    for number, site in enumerate(there):
        own = [json.dumps(answer) for answer in answers if owners[answer["id"]] == number]
        (folder / "own").write_text("\n".join(own))
        applied += cpu([args.program, "apply", folder / "own", "--store", store, "--quiet"], cwd=site)[0]
    for one, other in zip(here, there):
        if files(one) != files(other):
            raise SystemExit(f"{one} and {other} differ")
    images = len(owners)
    print(f"plan: {planned:.2f}, Ray: {ray:.2f} (workers in jobs that ended: {workers:.2f}), apply: {applied:.2f}")
    seam = planned + ray - start + applied
    print(f"without the start of Ray: {seam / built:.3f} of build, {(seam - built) * 1000 / images:.1f} ms more per image")
    print(f"with it: {(seam + start) / built:.3f} of build")
    print(f"{args.sites} sites are the same, byte for byte")


if __name__ == "__main__":
    main()
