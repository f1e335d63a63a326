"""The results as tables, as docs/performance.md, and as a chart."""

import math
import os
import statistics
from html import escape

CASES = {
    "a": "Ladder: photos at 320, 640, 960, 1280 and 1920 px, WebP 80, effort 4",
    "a4": "Ladder: photos of at most 4 megapixels",
    "b": "Thumbnails: originals of 24 megapixels at 320 px",
    "c": "Graphics: PNG at the ladder's widths, lossless",
    "d": "Nothing to do: everything has been made before",
    "e": "One picture of these has changed",
}
# The row of what (e) is held against.
ALONE = "planche, that picture alone"
WARM = ("d", "e")
# The end of a note on pictures whose orientation a peer does not heed.
LYING = "variants come out lying, with fewer pixels than planche's: its figures are of less work"


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


def section(results, case):
    medians = Medians(results, case)
    lines = [f"## ({case}) {CASES[case]}", "", inputs(case, results["inputs"][case]), ""]
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
    for peer in results["peers"]:
        if peer not in medians.peers:
            lines.append(row([peer] + ["–"] * (len(head) - 1)))
    if case == "e":
        lines += ["", of_one_picture(results, medians)]
    notes = [(peer, note) for at, peer, note in results["notes"] if at == case]
    if notes:
        lines.append("")
    lines += [f"- {peer}: {note}." for peer, note in notes]
    return "\n".join(lines) + "\n"


def inputs(case, of):
    text = f"{of['count']} pictures, {of['megapixels']:.0f} megapixels, {of['bytes'] / 1e6:.1f} MB"
    if of["drawn"]:
        text += f"; {of['drawn']} of them are photos of the corpus, enlarged to 6000 × 4000 px (`draw.py`)"
    if case in WARM:
        text += ", drawn from one seed (`draw.py`), at 160 and 320 px"
    return text + "."


def of_one_picture(results, medians):
    """(e) against the cost of that picture, with and without that of looking at the others."""
    ours = medians.of(results["peers"][0], "one", "cpu")
    alone = medians.of(ALONE, "one", "cpu")
    text = f"With one picture changed, planche takes {ours / alone:.2f} × what that picture takes alone, in a site of its own"
    warm = Medians(results, "d").of(results["peers"][0], "one", "cpu")
    if warm:
        text += f"; without what a run takes that finds nothing to do, {(ours - warm) / alone:.2f} ×"
    return text + " (CPU, one thread)."


def losses(results):
    """Each figure in which a peer is ahead; bytes only where it made the same pictures."""
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
    lines = []
    for case, name in dict.fromkeys((case, name) for case, name, *_ in found):
        ahead = sorted((-by, peer) for at, of, by, peer in found if (at, of) == (case, name))
        if name == "SSIMULACRA2":
            told = [f"{-by:.2f} below {peer}'s" for by, peer in ahead]
        else:
            told = [f"{-by:.2f} × {peer}'s" for by, peer in ahead]
        lines.append(f"- ({case}) {name}: {', '.join(told)}.")
    return lines or ["- Nowhere in these figures."]


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
    with open(os.path.join(root, "docs/images/performance.svg"), "w") as file:
        file.write(chart(results))
    with open(os.path.join(root, "docs/performance.md"), "w") as file:
        file.write(text(results))


def text(results):
    machine = results["machine"]
    node = f", Node {machine['node']}" if machine["node"] else ""
    versions = ", ".join(f"{peer} {version}" for peer, version in named_versions(results))
    return f"""# Performance, beside others

The same pictures, the same widths, WebP at the same quality and effort, in planche and in what else makes pictures responsive: side by side, in turn, in one run.

![CPU seconds as multiples of planche's](images/performance.svg)

{"Medians of " + str(results['repeats']) + " runs each" if results['repeats'] > 1 else "One run each"} on {results['date']}: {machine['model']}, {machine['threads']} threads, {machine['memory']}, {machine['system']}{node}.
Versions: {versions}. References of SSIMULACRA2: Pillow {results['pillow']}.

```sh
{results['command']}
```

It installs the peers into `target/peers/` (Debian's packages where it is run as root), and takes planche from `target/release/`. The pictures are those of
`$PLANCHE_CORPUS`. `--quick` tells in one repeat on a few pictures whether all of it works; `--peers` and `--cases` take a part. Where a figure is missing (–), a line below the table says why.
{skipped(results)}
## How it is measured

- CPU is user and system time of a program and all that it starts, from its start to its end: of a Node program that is Node's start too. In the column for one thread the
  process is bound to one processor, and every pool of threads that can be told so has one; the other columns are what the program does by itself, or two
  pictures at a time where it takes one (`xargs -P` for command lines).
- Peak memory is that of the largest process.
- Runs go in turn: each peer once, then each again, beginning with another one.
- SSIMULACRA2 (100: the same) is the mean over all variants, held against what Pillow makes of the whole original: full decode, upright, to sRGB, Lanczos with three lobes,
  PNG. planche's resizer is Lanczos over all pixels too, and over those of a picture decoded at a half or a quarter of its size where all rungs are an eighth or a
  sixteenth as wide at most; libvips, on which sharp, eleventy-img, srcset, jampack and vipsthumbnail rest, averages boxes of pixels
  before, or shrinks while it decodes.
- Ratios are the peer's figure by planche's: above 1, planche takes less.
- planche is run as on a site: it reads the configuration and an article, keeps its ledger, writes the records.

## Where planche loses

{chr(10).join(losses(results))}

{tables(results)}
## What was tried, and is not there

- Resizing small rungs from a picture that is halved first: over 24 photos at 80 to 1920 px, what comes from a half of four times the rung's width or more, itself made by Lanczos,
  scores 95 or more (SSIMULACRA2) against the direct one from 160 px on; from less, or by a box, not always (box at three times the width: 92.3 at worst).
  At four times the width only rungs of an eighth of the original's width gain, and the half costs as much as two of them: 12 of 900 ms for a photo of 24 megapixels.
- JPEG's own planes (4:2:0, 4:2:2) resized one by one and given to libwebp, by `zune-jpeg` 0.5.16-rc3: 9 % less CPU over 21 photos, 0.9 % more bytes, and 0.3 points lower in the mean
  (up to 4 where the rung's height is odd, as the planes of colour then cover half a row more). Release candidates are not built on.
- Decoding a JPEG at an eighth of its size, as sharp and vipsthumbnail do: against a quarter, which planche does, it saves a tenth of the decoder's time, and variants of
  up to a quarter of that width score 92.8 to 95.6 against those of all pixels, where those of the quarter score 95.4 to 97.3.
- Keeping freed memory (malloc's thresholds raised): 1.4 % of the CPU, all of it page faults.

## Notes

- srcset is `@flexis/srcset`, whose command is `srcset`, on the sharp of this run (its own comes from an install script); its second pass of optimisation is off.
- eleventy-img is called without Eleventy around it.
- jampack packs a page that shows the pictures. Its widths are steps of the ladder's smallest, so that 1600 px come too, and it encodes the largest twice;
  its bytes and scores are not compared.
- cwebp and srcset do not turn pictures upright by their Exif orientation, and cwebp, ImageMagick and Hugo do not convert colour profiles to sRGB. Pictures that come out
  lying are not scored.
- vipsthumbnail is Debian's, whose libvips resizes with vector code of little precision: held against the reference, its `kodim07.png` at 320 px scores 69, and 83 with
  `--vips-novector`. It keeps metadata where it converts to sRGB, which its bytes show.
- cwebp (which decodes the original again for every width), ImageMagick, Hugo and jampack do the ladder of all photos with `--slow` only: they take several times
  as long, and (a4) has them.
"""


def skipped(results):
    return "".join(f"\n{peer} is not in these figures: {reason}.\n" for peer, reason in results.get("skipped", []))


def named_versions(results):
    """One name for two forms of one program."""
    seen = {}
    for peer, version in results["versions"].items():
        seen.setdefault(peer.split(",")[0], version)
    return seen.items()


# -- The chart

WIDTH, LABELS, BAR, GAP = 760, 190, 15, 6


def chart(results):
    """Bars from 1 to a peer's CPU as a multiple of planche's, on one thread, on a logarithmic scale."""
    sections = []
    for case in results["inputs"]:
        medians = Medians(results, case)
        bars = [(peer, medians.ratio(peer, "one", "cpu")) for peer in medians.peers[1:] if peer != ALONE]
        sections.append((case, [(peer, times) for peer, times in bars if times]))
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
<title>CPU of each peer as a multiple of planche's, one thread</title>
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
<text class="title" x="16" y="24">CPU, one thread: each peer's as a multiple of planche's</text>
<text x="16" y="42">To the right of the line: takes more than planche. To its left: takes less. Logarithmic.</text>
{chr(10).join(parts)}
</svg>
"""
