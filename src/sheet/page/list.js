// The list of articles with their images. Articles are built when there is time, a few at once; the
// browser lays out those that come into view.

// Built articles by path, with what they were built from.
const built = new Map();
let pending = null;
let isPrinting = false;
// What is opened for printing.
let closed = [];

function altLine(image) {
  const { alt } = image;
  const criteria = alt.problems.map((problem) => problem.criterion).join(", ");
  if (alt.state === "text") {
    return [
      h("p", { class: "alt" }, t.quoted(alt.text)),
      alt.problems.map((problem) => h("p", { class: "flag" }, `${t.altText} ${t.problem[problem.code]} (RGAA ${problem.criterion})`)),
    ];
  }
  if (lacksAlt(image)) return h("p", { class: "flag" }, `${alt.state === "missing" ? t.noAlt : t.emptyAlt} (RGAA ${criteria})`);
  return h("p", { class: "alt" }, alt.state === "decorative" ? t.decorative : t.unknownAlt);
}

// The thumbnail of the page, and over it the smallest variant as soon as it is in view and loaded.
function thumbnail(image) {
  const data = sheet.thumbnails[image.thumbnail];
  const path = image.files.find((file) => file.exists)?.path ?? image.original?.path;
  const none = h("span", { class: "none" }, t.noPreview);
  if (image.state === "broken" || !path) return none;
  const shown = h("img", { src: url(path), alt: "", loading: "lazy", decoding: "async" });
  const below = data ? h("img", { src: data, alt: "", decoding: "async" }) : null;
  shown.addEventListener("error", () => (below ? shown.remove() : shown.replaceWith(none)), { once: true });
  return [below, shown];
}

function scoreText(score) {
  return score == null ? t.noScore : `${num(score, 1)} · ${t.grade(score)}`;
}

function frame(image) {
  const { original } = image;
  const load = image.loads[0]?.[1];
  const worst = worstScore(image);
  const isWrong = image.state === "broken" || image.state === "unbuilt";
  return h("li", { class: "frame", "data-image": image.id },
    h("div", { class: "pic" }, thumbnail(image)),
    h("div", { class: "text" },
      h("a", { class: "open", href: `#${image.id}` }, nameOf(original?.path ?? image.value)),
      h("p", { class: "dim" }, original && `${num(original.width)} × ${num(original.height)} ${original.format}`, original && " · ", image.preset),
      original && load && image.state !== "as-is" && h("p", {}, `${size(original.bytes)} → ${size(load.bytes)} `, h("span", { class: "dim" }, `(${t.phone.toLowerCase()} 2×)`)),
      worst != null && h("p", { class: `score ${worst < LOW ? "flag" : "ok"}` }, `${t.score} ${scoreText(worst)}`),
      image.state !== "ready" && h("p", { class: isWrong ? "flag" : "dim" }, t.state[image.state]),
      altLine(image)));
}

function articleElement({ article, images }) {
  const findings = article.findings.map((index) => sheet.findings[index]);
  const scale = Math.max(article.gain?.phone.before ?? 0, article.gain?.desktop.before ?? 0, 1);
  const id = `a-${article.images.length ? sheet.images[article.images[0]].id : article.path}`;
  return h("section", { class: "article", "aria-labelledby": id },
    h("header", {},
      h("div", {},
        h("h2", { id }, article.title ?? nameOf(article.path)),
        h("p", { class: "path" }, article.path, article.date && ` · ${article.date}`),
        findings.length > 0 && h("details", { class: "findings" },
          h("summary", {}, t.findingsOf(findings.length)), h("ul", {}, findings.map(findingItem)))),
      article.gain && h("div", { class: "gains" }, ["phone", "desktop"].map((name) =>
        h("div", {}, h("p", { class: "dim" }, t[name]), weights(article.gain[name], scale))))),
    h("ul", { class: "strip" }, images.map(frame)));
}

function cached(entry) {
  const key = JSON.stringify([lang, entry, entry.article.findings.map((index) => sheet.findings[index]),
    entry.images.map((image) => sheet.thumbnails[image.thumbnail]?.length)]);
  const known = built.get(entry.article.path);
  if (known?.key === key) return known.element;
  const element = articleElement(entry);
  built.set(entry.article.path, { key, element });
  return element;
}

const later = window.requestIdleCallback ?? ((work) => setTimeout(() => work({ timeRemaining: () => 8 }), 1));

// Shows what is selected: at once what fits a screen, then the rest.
function renderList() {
  const entries = selection();
  const list = document.getElementById("list");
  const count = entries.reduce((sum, entry) => sum + entry.images.length, 0);
  document.getElementById("count").textContent = t.shown(count, sheet.images.length);
  pending = null;
  let next = 0;
  const add = (images) => {
    const some = document.createDocumentFragment();
    for (let added = 0; next < entries.length && added < images; next++) {
      added += entries[next].images.length;
      some.append(cached(entries[next]));
    }
    return some;
  };
  if (!entries.length) {
    list.replaceChildren(h("p", { class: "empty" }, sheet.images.length ? t.none : t.noImages));
    return;
  }
  list.replaceChildren(add(isPrinting ? Infinity : 16));
  const work = { finish: () => list.append(add(Infinity)) };
  pending = work;
  const go = (deadline) => {
    if (pending !== work) return;
    do list.append(add(12)); while (next < entries.length && deadline.timeRemaining() > 4);
    if (next < entries.length) later(go);
    else pending = null;
  };
  if (next < entries.length) later(go);
  else pending = null;
}

addEventListener("beforeprint", () => {
  isPrinting = true;
  pending?.finish();
  pending = null;
  for (const image of document.querySelectorAll("#list img[loading]")) image.loading = "eager";
  closed = [...document.querySelectorAll("#app details:not([open])")];
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  isPrinting = false;
  for (const details of closed) details.open = false;
});
