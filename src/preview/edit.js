// What only a preview can do: the progress of a run, drafts of new images, and edits.
//
// The page imports this module, and tells it by events of `document` which image is open in its
// panel (`planche:image-open`) and that there is another sheet (`planche:sheet`). All that comes
// from the site goes into text nodes and properties, never into HTML.

const WORDS = {
  en: {
    preview: "Preview",
    working: (files) => (files ? `Working on ${files}…` : "Working on the whole site…"),
    progress: (run) => `${run.finished} of ${run.images} images, ${run.variants} variants written`,
    done: (run) => (run.variants ? `Up to date: ${run.variants} variants written` : "Up to date"),
    waiting: (reason) => `Waiting: ${reason}`,
    lost: "The preview has ended, or cannot be reached.",
    drafts: "New images",
    draftsNote: "Drafts: the final files are being made.",
    draft: (path) => `Draft of ${path}`,
    edit: "Edit",
    focus: "Focal point",
    focusHelp: "Click the image, drag the point, or move it with the arrow keys. Crops are centered on it as far as the image allows.",
    point: (x, y) => `Focal point, ${x}% from the left, ${y}% from the top`,
    left: "From the left, in percent",
    top: "From the top, in percent",
    crop: (preset) => `Crop of ${preset}`,
    crops: "Crops",
    altLabel: (key) => `Alt text (${key})`,
    saveFocus: "Write the focal point to the article",
    saveAlt: "Write the alt text to the article",
    resetFocus: "Discard the new focal point",
    saving: "Writing…",
    saved: (key, article) => `Wrote ${key} in ${article}.`,
    same: "The article already says so.",
    undone: (key, article) => `Took ${key} back in ${article}.`,
    failed: (reason) => `Nothing was written: ${reason}`,
    edits: "Edits of this session",
    undo: "Undo",
    undoOf: (key, article) => `Undo ${key} in ${article}`,
  },
  fr: {
    preview: "Aperçu",
    working: (files) => (files ? `Traitement de ${files}…` : "Traitement de tout le site…"),
    progress: (run) => `${run.finished} images sur ${run.images}, ${run.variants} variantes écrites`,
    done: (run) => (run.variants ? `À jour : ${run.variants} variantes écrites` : "À jour"),
    waiting: (reason) => `En attente : ${reason}`,
    lost: "L’aperçu est terminé ou injoignable.",
    drafts: "Nouvelles images",
    draftsNote: "Ébauches : les fichiers définitifs sont en préparation.",
    draft: (path) => `Ébauche de ${path}`,
    edit: "Modifier",
    focus: "Point focal",
    focusHelp: "Cliquer sur l’image, faire glisser le point ou le déplacer avec les flèches du clavier. Les recadrages sont centrés sur lui autant que l’image le permet.",
    point: (x, y) => `Point focal, à ${x}\u00a0% du bord gauche et ${y}\u00a0% du haut`,
    left: "Depuis la gauche, en pourcentage",
    top: "Depuis le haut, en pourcentage",
    crop: (preset) => `Recadrage de ${preset}`,
    crops: "Recadrages",
    altLabel: (key) => `Texte alternatif (${key})`,
    saveFocus: "Écrire le point focal dans l’article",
    saveAlt: "Écrire le texte alternatif dans l’article",
    resetFocus: "Abandonner le nouveau point focal",
    saving: "Écriture…",
    saved: (key, article) => `${key} est écrit dans ${article}.`,
    same: "L’article le dit déjà.",
    undone: (key, article) => `${key} est annulé dans ${article}.`,
    failed: (reason) => `Rien n’a été écrit : ${reason}`,
    edits: "Modifications de cette session",
    undo: "Annuler",
    undoOf: (key, article) => `Annuler ${key} dans ${article}`,
  },
};

const STYLE = `
.live { position: sticky; bottom: 0; z-index: 5; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem;
  padding: .5rem 1rem; background: var(--card); border-top: 1px solid var(--edge); }
.live h2 { font-size: 1rem; }
.live section { flex-basis: 100%; max-height: 40vh; overflow: auto; }
dialog .live { position: static; margin-block: 1rem; border: 1px solid var(--edge); }
.live-drafts { display: flex; flex-wrap: wrap; gap: .75rem; margin-block: .5rem; }
.live-drafts img { display: block; height: 8rem; width: auto; max-width: 100%; }
.live-drafts figcaption { max-width: 16rem; overflow-wrap: anywhere; }
.live-edits li { overflow-wrap: anywhere; margin-block: .25rem; }
.live button, .edit button { font: inherit; min-height: 2rem; padding: .25rem .75rem; cursor: pointer; }
.edit { display: grid; gap: 1rem; border: 1px solid var(--edge); border-radius: .25rem; padding: .75rem; }
.edit-stage { position: relative; display: inline-block; max-width: 100%; cursor: crosshair; touch-action: none; line-height: 0; }
.edit-stage img { display: block; max-width: 100%; max-height: 50vh; width: auto; height: auto; user-select: none; }
.edit .edit-point { position: absolute; width: 2rem; height: 2rem; min-height: 0; margin: -1rem 0 0 -1rem; padding: 0;
  border: 3px solid #fff; outline: 2px solid #000; border-radius: 50%; background: transparent; cursor: grab; touch-action: none; }
.edit .edit-point:focus-visible { outline: 4px solid #000; box-shadow: 0 0 0 8px #fff; border-radius: 50%; }
.edit-crops { display: flex; flex-wrap: wrap; gap: 1rem; margin-block: .75rem; }
.edit-crops img { display: block; height: 8rem; object-fit: cover; max-width: 100%; }
.edit label { display: block; margin-block: .5rem .25rem; }
.edit textarea { display: block; width: 100%; min-height: 4rem; font: inherit; }
.edit input[type=range] { display: block; width: 100%; max-width: 20rem; min-height: 1.5rem; }
.edit-actions { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .5rem; }
@media print { .live, .edit { display: none; } }
`;

const query = location.search;
const words = () => WORDS[document.documentElement.lang === "fr" ? "fr" : "en"];

/** An element with properties and children; texts become text nodes. */
function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const imageUrl = (path) => `image/${path.split("/").map(encodeURIComponent).join("/")}${query}`;
const draftUrl = (id) => `draft/${encodeURIComponent(id)}${query}`;

/** Sends an edit. Returns the edits that can be undone; throws the reason for a refusal. */
async function post(address, body) {
  let response;
  try {
    response = await fetch(address + query, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error(words().lost);
  }
  const answer = await response.json().catch(() => ({ error: response.statusText }));
  if (!response.ok) throw new Error(answer.error ?? response.statusText);
  return answer;
}

// ---------------------------------------------------------------------------------------- Crops

/** The window of a crop in pixels of the original, by its aspect ratio. */
export function windowOf(own, aspect) {
  if (aspect > own.width / own.height) {
    return { width: own.width, height: Math.round(own.width / aspect) };
  }
  return { width: Math.round(own.height * aspect), height: own.height };
}

/** Where a window around a point begins: what the engine computes, in whole pixels. */
function begin(point, own, size) {
  const at = Math.floor((own * point + 5000) / 10000);
  return Math.min(Math.max(at - Math.floor(size / 2), 0), Math.max(own - size, 0));
}

/**
 * The `object-position` of a crop, in percent. `point` is in ten-thousandths of the width and the
 * height.
 */
export function positionOf(point, own, aspect) {
  const size = windowOf(own, aspect);
  const percent = (at, own, size) => (own > size ? (100 * begin(at, own, size)) / (own - size) : 50);
  return [percent(point.x, own.width, size.width), percent(point.y, own.height, size.height)];
}

// --------------------------------------------------------------------------------- The live bar

const bar = {
  state: { kind: "working", value: "" },
  message: "",
  drafts: new Map(),
  edits: [],
  root: el("aside", { className: "live" }),
  status: el("p", { role: "status", id: "live-status" }),
  note: el("p", { role: "status", id: "live-note", tabIndex: -1, "data-focus": "live-note" }),
  draftsSection: el("section", { hidden: true }),
  editsSection: el("section", { hidden: true }),

  start() {
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, styleSheet()];
    this.root.append(this.status, this.note, this.draftsSection, this.editsSection);
    document.body.append(this.root);
    this.render();
  },

  render() {
    const say = words();
    this.root.setAttribute("aria-label", say.preview);
    const { kind, value } = this.state;
    setText(this.status, kind === "lost" ? say.lost : say[kind](value));
    setText(this.note, this.message);
    this.renderDrafts(say);
    this.renderEdits(say);
  },

  renderDrafts(say) {
    const drafts = [...this.drafts.values()];
    this.draftsSection.hidden = drafts.length === 0;
    const items = drafts.map((draft) =>
      el("li", {}, el("figure", {},
        el("img", { src: draftUrl(draft.id), alt: say.draft(draft.path), width: draft.width, height: draft.height }),
        el("figcaption", {}, draft.path))));
    const list = el("ul", { className: "live-drafts" }, ...items);
    this.draftsSection.replaceChildren(el("h2", {}, say.drafts), el("p", {}, say.draftsNote), list);
  },

  renderEdits(say) {
    this.editsSection.hidden = this.edits.length === 0;
    const active = document.activeElement;
    const focused = this.editsSection.contains(active) ? active.dataset.focus : null;
    const items = [...this.edits].reverse().map((edit) => {
      const undo = el("button", {
        type: "button",
        "data-focus": `undo-${edit.edit}`,
        "aria-label": say.undoOf(edit.key, edit.article),
        onclick: () => this.undo(edit),
      }, say.undo);
      return el("li", {}, `${edit.key} – ${edit.article} `, undo);
    });
    const list = el("ul", { className: "live-edits" }, ...items);
    this.editsSection.replaceChildren(el("h2", {}, say.edits), list);
    // If the button that had the focus is gone, its result is read instead.
    const same = focused && this.editsSection.querySelector(`[data-focus="${focused}"]`);
    if (focused) (same ?? this.note).focus();
  },

  say(message) {
    this.message = message;
    setText(this.note, message);
  },

  /** Takes the list of edits that the server has sent. */
  take(edits) {
    this.edits = edits;
    this.renderEdits(words());
  },

  async undo(edit) {
    this.say(words().saving);
    try {
      this.take(await post("undo", { edit: edit.edit }));
      unsaved.clear();
      this.say(words().undone(edit.key, edit.article));
    } catch (error) {
      this.say(words().failed(error.message));
    }
  },
};

/** A live region announces a text only if it changes. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function styleSheet() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  return sheet;
}

// ------------------------------------------------------------------------------------- The panel

// What was typed or moved and not written yet, by the id of the image: it outlives a new sheet.
const unsaved = new Map();

// The image that is open: its element in the panel, and what its editor was built from.
const opened = { element: null, id: null, key: "" };

/** Builds the editor of the open image, unless it is up to date. */
function build() {
  const image = sheet?.images.find((image) => image.id === opened.id);
  if (!image) return;
  // All presets of the same place show the same point.
  const same = sheet.images.filter((other) => other.article === image.article && other.key === image.key);
  const crops = same.filter((other) => other.framing.fit === "cover");
  const key = JSON.stringify([words() === WORDS.fr, image.focus, image.alt, image.original, crops.map((crop) => [crop.preset, crop.framing])]);
  if (key === opened.key) return;
  opened.key = key;
  const say = words();
  const editor = el("section", { className: "edit", "aria-label": say.edit });
  if (image.focus?.key && image.original) editor.append(focusEditor(say, image, crops));
  if (image.alt.key && image.key) editor.append(altEditor(say, image));
  const focused = opened.element.contains(document.activeElement) && document.activeElement.dataset.focus;
  opened.element.querySelector(".edit")?.remove();
  if (editor.childElementCount) opened.element.prepend(editor);
  if (focused) editor.querySelector(`[data-focus="${focused}"]`)?.focus();
}

function remember(image, change) {
  unsaved.set(image.id, { ...unsaved.get(image.id), ...change });
}

function forget(image, name) {
  const { [name]: _, ...rest } = unsaved.get(image.id) ?? {};
  unsaved.set(image.id, rest);
}

/** Writes an edit, and says how it went. */
async function write(image, change, name) {
  bar.say(words().saving);
  const before = bar.edits.at(-1)?.edit ?? 0;
  try {
    const edits = await post("edit", { image: image.id, ...change });
    bar.take(edits);
    forget(image, name);
    const last = edits.at(-1);
    bar.say(last && last.edit > before ? words().saved(last.key, last.article) : words().same);
  } catch (error) {
    bar.say(words().failed(error.message));
  }
}

function focusEditor(say, image, cropped) {
  const own = image.original;
  const [x, y] = image.focus.point ?? [0.5, 0.5];
  const stored = { x: Math.round(x * 10000), y: Math.round(y * 10000) };
  let point = unsaved.get(image.id)?.focus ?? stored;

  const shown = el("img", { src: imageUrl(own.path), alt: "", width: own.width, height: own.height, draggable: false });
  const marker = el("button", { type: "button", className: "edit-point", "data-focus": "edit-point" });
  const stage = el("div", { className: "edit-stage" }, shown, marker);
  const slider = (label, name) => {
    const input = el("input", { type: "range", min: 0, max: 100, step: 1, "data-focus": `edit-${name}` });
    input.addEventListener("input", () => move({ ...point, [name]: Number(input.value) * 100 }));
    return { input, label: el("label", {}, label, input) };
  };
  const left = slider(say.left, "x");
  const top = slider(say.top, "y");

  const crops = cropped.map((other) => {
    const picture = el("img", { src: imageUrl(own.path), alt: say.crop(other.preset) });
    picture.dataset.preset = other.preset;
    const size = windowOf(own, other.framing.aspect);
    picture.style.aspectRatio = `${size.width} / ${size.height}`;
    return { picture, aspect: other.framing.aspect, item: el("li", {}, el("figure", {}, picture, el("figcaption", {}, other.preset))) };
  });

  const save = el("button", { type: "button", "data-focus": "edit-save-focus" }, say.saveFocus);
  const reset = el("button", { type: "button", "data-focus": "edit-reset-focus" }, say.resetFocus);
  save.addEventListener("click", () => write(image, { focus: `${point.x / 10000} ${point.y / 10000}` }, "focus"));
  reset.addEventListener("click", () => { forget(image, "focus"); show(stored); });

  function show(to) {
    point = to;
    const [px, py] = [point.x / 100, point.y / 100];
    marker.style.left = `${px}%`;
    marker.style.top = `${py}%`;
    marker.setAttribute("aria-label", say.point(Math.round(px), Math.round(py)));
    left.input.value = Math.round(px);
    top.input.value = Math.round(py);
    for (const { picture, aspect } of crops) {
      const [a, b] = positionOf(point, own, aspect);
      picture.style.objectPosition = `${a}% ${b}%`;
    }
  }

  function move(to) {
    const within = (value) => Math.min(10000, Math.max(0, Math.round(value / 10) * 10));
    show({ x: within(to.x), y: within(to.y) });
    remember(image, { focus: point });
  }

  const fromPointer = (event) => {
    const box = shown.getBoundingClientRect();
    move({ x: (10000 * (event.clientX - box.left)) / box.width, y: (10000 * (event.clientY - box.top)) / box.height });
  };
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    marker.focus();
    stage.setPointerCapture(event.pointerId);
    fromPointer(event);
  });
  stage.addEventListener("pointermove", (event) => {
    if (stage.hasPointerCapture(event.pointerId)) fromPointer(event);
  });
  marker.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 1000 : 100;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    move({ x: point.x + by[0], y: point.y + by[1] });
  });

  show(point);
  return el("div", {},
    el("h3", {}, say.focus),
    el("p", {}, say.focusHelp),
    stage,
    left.label,
    top.label,
    el("ul", { className: "edit-crops", "aria-label": say.crops }, ...crops.map((crop) => crop.item)),
    el("div", { className: "edit-actions" }, save, reset));
}

function altEditor(say, image) {
  const stored = image.alt.text ?? "";
  const text = el("textarea", { rows: 2, maxLength: 2000, "data-focus": "edit-alt" });
  text.value = unsaved.get(image.id)?.alt ?? stored;
  text.addEventListener("input", () => remember(image, { alt: text.value }));
  const save = el("button", { type: "button", "data-focus": "edit-save-alt" }, say.saveAlt);
  save.addEventListener("click", () => write(image, { alt: text.value }, "alt"));
  return el("div", {},
    el("label", {}, say.altLabel(image.alt.key), text),
    el("div", { className: "edit-actions" }, save));
}

// ------------------------------------------------------------------------------------ Connections

function connect() {
  const events = new EventSource(`events${query}`);
  const on = (name, take) => events.addEventListener(name, (event) => take(JSON.parse(event.data)));
  const state = (kind, value) => {
    bar.state = { kind, value };
    setText(bar.status, words()[kind](value));
  };
  on("begun", (files) => state("working", files.join(", ")));
  on("progress", (run) => state("progress", run));
  on("done", (run) => state("done", run));
  on("waiting", (reason) => state("waiting", reason));
  on("edits", (edits) => bar.take(edits));
  const drafts = (all) => {
    for (const draft of all) bar.drafts.set(draft.path, draft);
    settle();
  };
  on("drafts", drafts);
  on("draft", (draft) => drafts([draft]));
  events.addEventListener("error", () => {
    bar.state = { kind: "lost" };
    setText(bar.status, words().lost);
  });
}

let sheet = null;

/** Drafts of images whose variants exist are no longer needed. */
function settle() {
  const ready = (sheet?.images ?? []).filter((image) => image.state !== "unbuilt" && image.original);
  for (const image of ready) bar.drafts.delete(image.original.path);
  bar.renderDrafts(words());
}

document.addEventListener("planche:sheet", (event) => {
  sheet = event.detail.sheet;
  settle();
  if (opened.element) build();
});
document.addEventListener("planche:image-open", (event) => {
  opened.element = event.detail.element;
  opened.id = event.detail.image.id;
  opened.key = "";
  build();
  // What is outside a modal dialog can be neither read nor used.
  opened.element.append(bar.root);
});
document.addEventListener("close", () => {
  opened.element = null;
  document.body.append(bar.root);
}, true);
new MutationObserver(() => {
  bar.render();
  if (opened.element) build();
}).observe(document.documentElement, { attributeFilter: ["lang"] });

bar.start();
connect();
