// The frame of the page, and where its sheet comes from.

function select(id, label, value, options, onchange) {
  const list = h("select", { id, onchange: () => onchange(list.value) },
    options.map(([value_, text, attributes]) => h("option", { value: value_, selected: value_ === value, ...attributes }, text)));
  return h("div", {}, h("label", { for: id }, label), list);
}

function total(heading, ...children) {
  return h("section", { class: "total" }, h("h2", {}, heading), children);
}

function gainTotal(name) {
  const { gain } = sheet.totals;
  const page = gain[name];
  if (!gain.articles) return total(t[name], h("p", { class: "dim" }, t.noGain));
  const saved = (page.before - page.after) / gain.articles;
  return total(`${t[name]} · ${percent(page.before ? page.after / page.before - 1 : 0)}`,
    h("p", { class: "big" }, size(saved), h("small", {}, ` ${t.perView}`)),
    h("p", { class: "dim" }, `${size(saved * 1000)} ${t.perThousand}`),
    weights(page, Math.max(page.before, page.after, 1)));
}

function todoTotal() {
  const count = (state) => sheet.images.filter((image) => image.state === state).length;
  const serious = sheet.findings.filter((finding) => finding.severity !== "notice").length;
  const items = [
    [sheet.totals.without_alt, t.todoAlt], [count("broken"), t.todoBroken],
    [count("unbuilt"), t.todoUnbuilt], [serious, t.todoFindings],
  ].filter(([count]) => count);
  return total(t.todo, items.length
    ? h("ul", {}, items.map(([count, text]) => h("li", { class: "flag" }, text(count))))
    : h("p", { class: "ok" }, t.noTodo));
}

function rgesn() {
  const { formats, compression } = sheet.totals;
  const images = formats.reduce((sum, format) => sum + format.images, 0);
  const row = (name, value) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value));
  const score = (value) => (value == null ? t.unknown : scoreText(value));
  return h("details", { class: "more" }, h("summary", {}, t.rgesn), h("div", { class: "columns" },
    h("table", {}, h("caption", {}, t.rgesn1),
      h("thead", {}, h("tr", {}, [t.format, t.images, t.share, t.weight].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, formats.map((format) => h("tr", {}, h("th", { scope: "row" }, format.format), h("td", {}, num(format.images)),
        h("td", {}, `${num((format.images / images) * 100)}\u00a0%`), h("td", {}, size(format.bytes)))))),
    h("table", {}, h("caption", {}, t.rgesn2), h("tbody", {},
      row(t.median, score(compression.median_score)), row(t.lowest, score(compression.lowest_score)),
      row(t.scored, t.of(compression.scored, compression.images)), row(t.oversized, t.of(compression.oversized, compression.images))))));
}

function totals() {
  const files = sheet.totals;
  return h("section", { "aria-label": t.totals }, h("div", { class: "totals" },
    gainTotal("phone"), gainTotal("desktop"),
    total(t.images, h("p", { class: "big" }, num(sheet.images.length), h("small", {}, ` ${t.images.toLowerCase()}`)),
      h("p", {}, t.articles(sheet.articles.length)), h("p", { class: "dim" }, `${t.variantsUsed(files.variants)}, ${size(files.variant_bytes)}`)),
    todoTotal()), rgesn());
}

// What belongs to no article.
function rest() {
  const inArticles = new Set(sheet.articles.flatMap((article) => article.findings));
  const duplicates = sheet.findings.filter((finding) => finding.code === "similar-uploads");
  const others = sheet.findings.filter((finding, index) => !inArticles.has(index) && finding.code !== "similar-uploads");
  const list = (findings) => h("ul", { class: "findings" }, findings.map(findingItem));
  const part = (name, count, content) => h("details", {}, h("summary", {}, `${name} (${count})`), content);
  return h("section", { class: "rest" },
    part(t.unused, num(sheet.unused.length), sheet.unused.length ? fileTable(sheet.unused, t.unused) : h("p", { class: "dim" }, t.unusedNone)),
    part(t.orphaned, sheet.orphaned_unknown ? "?" : num(sheet.orphaned.length),
      sheet.orphaned_unknown ? h("p", {}, `${t.orphanedUnknown} `, h("span", { lang: "en" }, sheet.orphaned_unknown))
        : sheet.orphaned.length ? [h("p", { class: "dim" }, t.orphanedHint), fileTable(sheet.orphaned, t.orphaned)] : h("p", { class: "dim" }, t.orphanedNone)),
    part(t.duplicates, num(duplicates.length), duplicates.length ? list(duplicates) : h("p", { class: "dim" }, t.duplicatesNone)),
    part(t.other, num(others.length), others.length ? list(others) : h("p", { class: "dim" }, t.otherNone)));
}

let typing = 0;
// Whether the server of a preview does not answer.
let isLost = false;

function toolbar() {
  const choose = (name) => (value) => { view[name] = value; renderList(); };
  const states = ["all", "alt", "low", "findings", "unbuilt", "broken", "asIs"];
  const search = h("input", {
    type: "search", id: "search", value: view.text, autocomplete: "off",
    oninput: () => {
      view.text = search.value;
      cancelAnimationFrame(typing);
      typing = requestAnimationFrame(renderList);
    },
  });
  return h("search", { class: "bar" }, h("form", { onsubmit: (event) => event.preventDefault() },
    h("div", { class: "grow" }, h("label", { for: "search" }, t.search), search),
    select("show", t.show, view.state, states.map((state) => [state, t[state]]), choose("state")),
    select("sort", t.sort, view.sort, [["site", t.sortSite], ["score", t.sortScore], ["heavy", t.sortHeavy], ["new", t.sortNew]], choose("sort")),
    h("output", { id: "count", role: "status" })));
}

// Replaces the content of the page. The element with the focus keeps it, if it has an id.
function render() {
  const focused = document.activeElement?.id;
  setLanguage(lang);
  const app = document.getElementById("app");
  const list = document.getElementById("list") ?? h("div", { id: "list", tabindex: -1 });
  list.setAttribute("aria-label", t.list);
  list.setAttribute("role", "region");
  const languages = [["en", t.english, { lang: "en" }], ["fr", t.french, { lang: "fr" }]];
  const themes = [["auto", t.auto], ["light", t.light], ["dark", t.dark]];
  const top = scrollY;
  app.replaceChildren(
    h("a", { class: "skip", href: "#list", onclick: (event) => { event.preventDefault(); list.focus(); } }, t.skip),
    h("div", { class: "page" },
      h("header", { class: "top" },
        h("div", {}, h("p", { class: "brand" }, "planche"), h("h1", {}, `${t.title} – ${sheet.site}`)),
        h("div", { class: "controls" },
          select("language", t.language, lang, languages, (value) => { lang = value; render(); }),
          select("theme", t.theme, root.dataset.theme ?? "auto", themes, (value) => {
            if (value === "auto") delete root.dataset.theme;
            else root.dataset.theme = value;
          }))),
      h("main", {}, totals(), toolbar(), list, rest()),
      h("footer", {}, h("p", {}, t.made(sheet.version)), h("p", { id: "connection", role: "status", class: "flag", hidden: !isLost }, isLost && t.lost))));
  renderList();
  parts().forEach((details, place) => (details.open = openParts.has(place)));
  scrollTo(0, top);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

// The parts beside the list that the reader has opened.
const openParts = new Set();
const parts = () => [...document.querySelectorAll("#app > .page > main > :not(#list) details")];
document.addEventListener("toggle", (event) => {
  const place = parts().indexOf(event.target);
  if (place >= 0) openParts[event.target.open ? "add" : "delete"](place);
}, true);

function show(next) {
  sheet = next;
  render();
  if (panel.image) {
    const image = sheet.images.find((image) => image.id === panel.image.id);
    if (image) {
      panel.image = image;
      renderPanel();
    } else {
      panel.dialog.close();
    }
  }
  notify("planche:sheet", { sheet });
}

function createPanel() {
  panel.dialog = h("dialog", { "aria-labelledby": "panel-title", onclose: closePanel });
  document.body.append(panel.dialog);
  addEventListener("hashchange", follow);
}

async function fetchSheet() {
  const response = await fetch(`sheet.json${location.search}`, { cache: "no-store" });
  if (!response.ok) throw new Error(`sheet.json: ${response.status}`);
  show(await response.json());
}

async function start() {
  root.lang = lang;
  createPanel();
  if (!isPreview) {
    show(JSON.parse(document.getElementById("sheet").textContent));
    follow();
    return;
  }
  const status = h("p", { class: "empty", role: "status" }, t.loading);
  document.getElementById("app").replaceChildren(status);
  // Without it, the preview shows and does not edit.
  await import(`./edit.js${location.search}`).catch(() => {});
  await fetchSheet();
  follow();
  const events = new EventSource(`events${location.search}`);
  const connected = (isConnected) => () => {
    isLost = !isConnected;
    const status = document.getElementById("connection");
    status.hidden = isConnected;
    status.textContent = isConnected ? "" : t.lost;
  };
  events.addEventListener("open", connected(true));
  events.addEventListener("error", connected(false));
  // Of several changes at once, the last one counts.
  let running = null;
  let isStale = false;
  events.addEventListener("sheet", async () => {
    isStale = true;
    if (running) return;
    running = true;
    while (isStale) {
      isStale = false;
      await fetchSheet().catch(() => {});
    }
    running = null;
  });
}

start();
