"""The results as tables, as docs/performance.md, and as a chart."""

import math
import os
import re
import statistics
import textwrap
from html import escape

CASES = {
    "a": "Photos at 320, 640, 960, 1280 and 1920 px, WebP 80, effort 4",
    "a4": "The same, photos of at most 4 megapixels",
    "b": "Thumbnails: originals of 24 megapixels at 320 px",
    "c": "Graphics: PNG at the widths of (a), lossless",
    "d": "Nothing to do: all files exist",
    "e": "One image has changed",
    "f": "AVIF at equal SSIMULACRA2: photos at the widths of (a)",
}
# A row of (e), for comparison.
ALONE = "planche, only that image"
WARM = ("d", "e")
# The end of a note on a peer that ignores the orientation of some originals.
LYING = "variants are not upright and have fewer pixels than planche's: less work"


class Medians:
    """Medians of the runs of one case, by peer."""

    def __init__(self, results, case):
        self.results, self.case = results, case
        self.runs = [run for run in results["runs"] if run["case"] == case]
        order = [*results["peers"][:1], ALONE, *results["peers"][1:]]
        self.peers = [peer for peer in order if any(run["peer"] == peer for run in self.runs)]

    def of(self, peer, threads, figure):
        values = [
            run[figure]
            for run in self.runs
            if run["peer"] == peer and run["threads"] == threads and figure in run
        ]
        return statistics.median(values) if values else None

    def ratio(self, peer, threads, figure):
        ours, theirs = self.of(self.results["peers"][0], threads, figure), self.of(peer, threads, figure)
        return theirs / ours if ours and theirs else None

    def score(self, peer):
        return self.results["scores"].get(f"{self.case} {peer}")


def tables(results):
    return "\n".join(section(results, case) for case in CASES if case in results["inputs"])


def section(results, case, about=""):
    """The table of one case. `about` says how it was measured, if not as the page's head says."""
    medians = Medians(results, case)
    lines = [heading(case), "", inputs(case, results["inputs"][case]), ""]
    if about:
        lines += [about, ""]
    head = ["", "CPU, one thread", "× planche", "CPU, default threads", "× planche"]
    head += ["wall, default threads", "× planche", "peak memory, one thread", "× planche"]
    head += ["peak memory, default threads", "× planche"]
    if case not in WARM:
        head += ["bytes", "× planche", "SSIMULACRA2"]
    lines += [row(head), "|---|" + "--:|" * (len(head) - 1)]
    for peer in medians.peers:
        cells = [peer]
        for threads, figure, shown in [
            ("one", "cpu", seconds),
            ("all", "cpu", seconds),
            ("all", "wall", seconds),
            ("one", "peak", mebibytes),
            ("all", "peak", mebibytes),
        ]:
            cells += [shown(medians.of(peer, threads, figure)), ratio(medians.ratio(peer, threads, figure))]
        if case not in WARM:
            cells += [thousands(medians.of(peer, "one", "bytes")), ratio(medians.ratio(peer, "one", "bytes"))]
            cells.append("–" if medians.score(peer) is None else f"{medians.score(peer):.2f}")
        lines.append(row(cells))
    if case == "e":
        lines += ["", of_one_picture(results, medians)]
    peers = {}
    for at, peer, note in results["notes"]:
        if at == case:
            peers.setdefault(note, []).append(peer)
    if peers:
        lines.append("")
    lines += [wrapped(f"- {'; '.join(names)}: {note}.", "  ") for note, names in peers.items()]
    return "\n".join(lines) + "\n"


def heading(case):
    return f"## ({case}) {CASES[case]}"


def wrapped(text, indent=""):
    """A paragraph in lines of at most 120 characters."""
    return textwrap.fill(text, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def inputs(case, of):
    text = f"{of['count']} images, {of['megapixels']:.0f} megapixels, {of['bytes'] / 1e6:.1f} MB"
    if of["drawn"]:
        text += f"; {of['drawn']} of them are photos enlarged to 6000 × 4000 px (`draw.py`)"
    if case in WARM:
        text += ", generated from one seed (`draw.py`), at 160 and 320 px"
    return text + "."


def of_one_picture(results, medians):
    """The cost of (e) relative to that of the changed image, with and without that of checking the others."""
    ours = medians.of(results["peers"][0], "one", "cpu")
    alone = medians.of(ALONE, "one", "cpu")
    text = f"With one image changed, planche takes {ours / alone:.2f} × the CPU of a site with only that image"
    warm = Medians(results, "d").of(results["peers"][0], "one", "cpu")
    if warm:
        text += f", or {(ours - warm) / alone:.2f} × after subtracting a run with nothing to do"
    return wrapped(text + " (one thread).")


def losses(results):
    """By case, a line for each figure in which a peer is better; bytes only if it made the same images."""
    found = []
    for case in results["inputs"]:
        medians = Medians(results, case)
        lying = {peer for at, peer, note in results["notes"] if at == case and note.endswith(LYING)}
        for peer in medians.peers[1:]:
            if peer == ALONE:
                continue
            for threads, figure, name in [
                ("one", "cpu", "CPU, one thread"),
                ("all", "cpu", "CPU, default threads"),
                ("all", "wall", "wall, default threads"),
                ("one", "peak", "peak memory, one thread"),
                ("all", "peak", "peak memory, default threads"),
                ("one", "bytes", "bytes"),
            ]:
                times = medians.ratio(peer, threads, figure)
                if figure == "bytes" and peer in lying:
                    continue
                if times and round(1 / times, 2) > 1:
                    found.append((case, name, 1 / times, peer))
            ours, theirs = medians.score(results["peers"][0]), medians.score(peer)
            if ours and theirs and round(theirs, 2) > round(ours, 2):
                found.append((case, "SSIMULACRA2", theirs - ours, peer))
    lines = {}
    for case, name in dict.fromkeys((case, name) for case, name, *_ in found):
        ahead = sorted((-by, peer) for at, of, by, peer in found if (at, of) == (case, name))
        if name == "SSIMULACRA2":
            better = [f"{peer} (by {-by:.2f} points)" for by, peer in ahead]
        else:
            better = [f"{peer} ({-by:.2f} ×)" for by, peer in ahead]
        line = wrapped(f"- ({case}) {name}: {'; '.join(better)}.", "  ")
        lines.setdefault(case, []).append(line)
    return lines


def row(cells):
    return "| " + " | ".join(cells) + " |"


def seconds(value):
    return "–" if value is None else f"{value:.2f} s" if value >= 0.1 else f"{value * 1000:.0f} ms"


def mebibytes(value):
    return "–" if value is None else f"{value / 2**20:.0f} MiB"


def thousands(value):
    return "–" if value is None else f"{value:,.0f}"


def ratio(value):
    return "–" if value is None else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def write(results, root):
    """Writes the page and its chart. Cases that were not run keep their tables."""
    path = os.path.join(root, "docs/performance.md")
    with open(path) as file:
        old = file.read()
    new = text(results, old)
    with open(path, "w") as file:
        file.write(new)
    with open(os.path.join(root, "docs/images/performance.svg"), "w") as file:
        file.write(chart(new))


def text(results, old):
    kept = {case: kept_section(old, case) for case in CASES if case not in results["inputs"]}
    kept = {case: of for case, of in kept.items() if of}
    head, of_these = about(results), ""
    if kept:
        of_these = head + "\n\n" + command(results)
        head = between(old, "performance.svg)\n\n", "\n\nThe command installs")
    else:
        head += "\n\n" + command(results)
    worse = losses(results)
    for case in kept:
        worse[case] = re.findall(rf"^- \({case}\) .*(?:\n  .*)*", between(old, "## Where", "\n## ("), re.M)
    worse = [line for case in CASES for line in worse.get(case, [])] or ["- Nowhere in these figures."]
    sections = [
        section(results, case, of_these) if case in results["inputs"] else kept[case]
        for case in CASES
        if case in results["inputs"] or case in kept
    ]
    return page(head, skipped(results), "\n".join(worse), "\n".join(sections))


def kept_section(old, case):
    found = re.search(rf"^{re.escape(heading(case))}\n.*?(?=^## )", old, re.M | re.S)
    return found.group().rstrip("\n") + "\n" if found else None


def between(text, start, end):
    start = text.index(start) + len(start)
    return text[start : text.index(end, start)]


def about(results):
    machine = results["machine"]
    node = f", Node {machine['node']}" if machine["node"] else ""
    versions = ", ".join(f"{peer} {version}" for peer, version in named_versions(results))
    runs = f"Medians of {results['repeats']} runs" if results["repeats"] > 1 else "One run each"
    system = f"{machine['model']}, {machine['threads']} threads, {machine['memory']}, {machine['system']}{node}"
    pillow = f"Score references: Pillow {results['pillow']}."
    return wrapped(f"{runs}, {results['date']}: {system}. Versions: {versions}. {pillow}")


def command(results):
    return f"```sh\n{results['command']}\n```"


def page(head, skipped, losses, tables):
    return f"""# Performance

This page compares planche with eight other tools: on the same images, at the same widths, as WebP of the same quality
and effort, and as AVIF of the same score. The tools run in turn, on one machine.

![CPU seconds as multiples of planche's](images/performance.svg)

{head}

The command installs the other tools into `target/peers/` (and Debian packages, if run as root), runs them and
`target/release/planche`, and writes this page. The images are those of the tests' corpus, which is not in the
repository: `$PLANCHE_CORPUS` may be any folder with photographs in `corpus/photos` and PNG graphics in
`corpus/graphics`. `--quick` runs once on a few images, to see whether everything works; `--peers` and `--cases` select
tools and cases; the page keeps the tables of the other cases. If a tool is missing from a table, a note below the table
gives the reason.
{skipped}
## How it is measured

- CPU is user and system time of the program and its child processes, including the start of Node.js. For the columns
  "one thread", the process is bound to one CPU, and thread pools that can be limited have one thread. For the columns
  "default threads", each tool decides; tools that process one image at a time run as two parallel processes
  (`xargs -P`).
- Peak memory is that of the largest process.
- In each repeat, every tool runs once; the order changes each time.
- SSIMULACRA2 (100 means identical) is the mean over all variants. The reference is Pillow's resize of the whole
  original: full decode, upright, in sRGB, Lanczos with three lobes, stored as PNG. planche also resizes with Lanczos,
  from all pixels or from a [scaled decode](presets.md#scaled-decoding). libvips, which sharp, eleventy-img, srcset,
  jampack and vipsthumbnail use, averages blocks of pixels first, or shrinks while decoding.
- For AVIF, a quality means something else in each tool. Each tool gets the quality whose mean score on these images is
  nearest to 75. It is found by bisection before anything is measured, and noted below the table. Efforts are the tools'
  own defaults; planche's is `auto`.
- Ratios are the tool's figure divided by planche's: above 1, planche needs less.
- planche runs as on a real site: it reads the configuration and an article, keeps its [ledger](README.md#words), and
  writes the records.

## Where planche loses

Tools that do better, with planche's figure as a multiple of theirs:

{losses}

{tables}
## Tried and rejected

- **Resizing small variants from a half-size copy.** Over 24 photos at 80 to 1920 px, a copy made by Lanczos, at least
  four times as wide as the variant, scores 95 or more (SSIMULACRA2) against the direct resize from 160 px on. A
  narrower copy, or one made by a box filter, does not always reach 95 (box at three times the width: 92.3 at worst). At
  four times the width, only variants of an eighth of the original's width gain, and the copy costs as much as two of
  them: 12 of 900 ms for a photo of 24 megapixels.
- **Resizing JPEG's own planes** (4:2:0, 4:2:2) one by one and passing them to libwebp, with `zune-jpeg` 0.5.16-rc3: 9%
  less CPU over 21 photos, 0.9% more bytes, and a mean score 0.3 points lower (up to 4 points if the variant's height
  is odd, because the chroma planes then cover half a row more). planche does not depend on release candidates.
- **Decoding JPEG at an eighth of its size**, as sharp and vipsthumbnail do. Compared with a quarter, as in planche, it
  saves a tenth of the decoder's time. Variants of up to a quarter of that width score 92.8 to 95.6 against a full
  decode; from a quarter, they score 95.4 to 97.3.
- **Keeping freed memory** (higher `malloc` thresholds) would save 1.4% of the CPU, all of it in page faults.
- **libwebp for newer processors.** Five photos at quality 80 and effort 4, gcc 12.2, least CPU of nine runs: with its
  SSE4.1 functions, chosen when it runs, 1.02 × the CPU of SSE2; all of it compiled for AVX2 (`-march=x86-64-v3`),
  1.00 ×; with `-O2` instead of `-O3`, 1.04 ×. The bytes are the same. `libwebp-sys` builds the SSE2 functions with
  `-O3`, and can add SSE4.1 only for the whole library, which older processors could then not run.
- **Several intra modes at once in AVX2** was not written. In a run over the photos of (a4), libwebp takes 84% of the
  CPU. Of all samples (`perf record -e cpu-clock`), 25% are in functions that transform and compare one 4 × 4 block
  (`ITransform` 8.8%, `SSE4x4` 8.0%, `FTransform` 4.5%, `Disto4x4` 4.2%), which two modes could share; 19% in those
  that process the coefficients one by one (`GetResidualCost` 6.9%, `QuantizeBlock` 6.1%, `VP8PutBit` 5.5%), which
  they could not. Half of the first, 15% of libwebp's CPU, is the most that a patch could save, and it would need
  libwebp's sources in planche.

## Notes

- srcset is `@flexis/srcset`, whose command is `srcset`, with the sharp version of this run (its own sharp comes from an
  install script). Its second optimization pass is off.
- eleventy-img is called without Eleventy.
- jampack processes a page that shows the images. Its widths are multiples of the smallest one, so that it also writes
  1600 px, and it encodes the largest one twice. Its bytes and scores are not compared.
- cwebp and srcset do not rotate images by their Exif orientation. cwebp, ImageMagick and Hugo do not convert color
  profiles to sRGB. Variants that are not upright are not scored.
- vipsthumbnail is Debian's. Its libvips resizes with low-precision vector code: `kodim07.png` at 320 px scores 69
  against the reference, and 83 with `--vips-novector`. It keeps metadata when it converts to sRGB, which adds bytes.
- cwebp decodes the original again for each width.
"""


def skipped(results):
    return "".join(f"\n{peer} is missing: {reason}.\n" for peer, reason in results.get("skipped", []))


def named_versions(results):
    """One name for two forms of one program."""
    seen = {}
    for peer, version in results["versions"].items():
        seen.setdefault(peer.split(",")[0], version)
    return seen.items()


# -- The chart

WIDTH, LABELS, BAR, GAP = 760, 190, 15, 6


def chart(page):
    """Bars from 1 to a peer's CPU as a multiple of planche's, on one thread, on a logarithmic scale.

    The figures are those of the page's tables.
    """
    sections = []
    for case in CASES:
        rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([0-9.]+) \|", kept_section(page, case) or "", re.M)
        bars = [(peer, float(times)) for peer, times in rows[1:] if peer != ALONE]
        if bars:
            sections.append((case, bars))
    all_times = [times for _, bars in sections for _, times in bars] or [1]
    low, high = min(0.5, *all_times), max(2, *all_times)
    left, right = LABELS + 34, WIDTH - 60
    scale = (right - left) / (math.log(high) - math.log(low))
    at = lambda times: left + (math.log(times) - math.log(low)) * scale
    parts, y = [], 64
    for case, bars in sections:
        parts.append(f'<text class="case" x="16" y="{y}">({case}) {escape(CASES[case])}</text>')
        y += 10
        bottom = y + BAR * len(bars)
        parts.append(f'<line x1="{at(1):.1f}" y1="{y - 3}" x2="{at(1):.1f}" y2="{bottom}"/>')
        for peer, times in bars:
            x, width = min(at(1), at(times)), abs(at(times) - at(1))
            kind = "more" if times >= 1 else "less"
            middle = y + BAR - 3.5
            parts.append(f'<text x="{LABELS}" y="{middle}" text-anchor="end">{escape(peer)}</text>')
            parts.append(f'<rect class="{kind}" x="{x:.1f}" y="{y}" width="{max(width, 1):.1f}" height="{BAR - 3}"/>')
            beside = f'x="{at(times) + 5:.1f}"' if times >= 1 else f'x="{at(times) - 5:.1f}" text-anchor="end"'
            parts.append(f'<text {beside} y="{middle}">{ratio(times)}</text>')
            y += BAR
        y += 3 * GAP + 8
    bottom = y - 3 * GAP
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{bottom + 12}" viewBox="0 0 {WIDTH} {bottom + 12}" role="img">
<title>CPU of each tool as a multiple of planche's, one thread</title>
<style>
text {{ font: 12px sans-serif; fill: #24292f }}
.title, .case {{ font-weight: bold }}
.title {{ font-size: 14px }}
.ground {{ fill: #ffffff }}
.more {{ fill: #2f6fb3 }}
.less {{ fill: #c4601d }}
line {{ stroke: #6e7781 }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #e6edf3 }}
.ground {{ fill: #0d1117 }}
.more {{ fill: #58a6ff }}
.less {{ fill: #f0883e }}
line {{ stroke: #8b949e }}
}}
</style>
<rect class="ground" width="100%" height="100%"/>
<text class="title" x="16" y="24">CPU of each tool as a multiple of planche's, one thread</text>
<text x="16" y="42">Right of the line: more CPU than planche. Left of it: less. Logarithmic scale.</text>
{chr(10).join(parts)}
</svg>
"""
