// The panel of one image, a modal dialog. Its permalink is the fragment of the page.
//
// Another script may add to the panel: `planche:image-open` on the document has as `detail` the
// image, its article, an empty `element` in the panel that stays through updates, and `url(path)`,
// the URL of a file. `planche:sheet` has the new sheet, after the page has shown it.

const panel = {
  dialog: null,
  image: null,
  // The variant that is compared, by its path; null for the largest.
  file: null,
  slot: null,
  opener: null,
};

function notify(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

function comparedFile(image) {
  const written = image.files.filter((file) => file.exists);
  const listed = written.filter((file) => file.is_listed);
  const of = listed.length ? listed : written;
  return written.find((file) => file.path === panel.file) ?? of[of.length - 1] ?? null;
}

function quality(file) {
  // Equal pixels: `lossless: auto` has chosen that encoding.
  if (file.score === 100) return t.lossless;
  if (file.target != null) return t.target(num(file.target));
  return file.quality != null ? num(file.quality) : t.lossless;
}

// The devices that load a file, such as "phone 2×".
function usersOf(image, index) {
  const users = [];
  image.loads.forEach((densities, device) => {
    const of = densities.flatMap((load, place) => (load.file === index ? [`${sheet.devices[device].densities[place]}×`] : []));
    if (of.length) users.push(`${t[sheet.devices[device].name]} ${of.join(", ")}`);
  });
  return users.join(" · ");
}

function widthsSection(image) {
  if (!image.files.length) return null;
  const largest = Math.max(...image.files.map((file) => file.bytes ?? 0), 1);
  const chosen = comparedFile(image);
  const row = (file, index) => h("tr", { class: file === chosen && "chosen" },
    h("th", { scope: "row" }, h("label", {},
      h("input", {
        type: "radio", name: "variant", value: index, checked: file === chosen, disabled: !file.exists, "data-focus": `variant-${index}`,
        onchange: () => { panel.file = file.path; renderPanel(); },
      }), `${num(file.width)} px ${file.format}`), file.media && h("small", {}, `${t.onlyFor} ${file.media}`)),
    h("td", { class: "l" }, file.bytes == null ? t.missing : rod(file.bytes / largest, size(file.bytes))),
    h("td", {}, quality(file)),
    h("td", { class: "l" }, file.score == null ? t.noScore : rod(file.score / 100, num(file.score, 1)),
      file.score != null && h("small", {}, `${t.grade(file.score)}, ${t.worst(num(file.worst_region, 1))}`)),
    h("td", { class: "l" }, file.is_listed || file.bytes == null ? usersOf(image, index) : file.exists ? t.unlisted : t.leftOut));
  return h("section", {},
    h("h3", {}, t.widths),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t.widths, "data-focus": "widths" },
      h("table", { class: "widths" }, h("caption", { class: "hidden" }, t.widths),
        h("thead", {}, h("tr", {}, [t.width, t.bytes, t.quality, t.score, t.use].map((name, place) =>
          h("th", { scope: "col", class: place !== 2 && "l" }, name)))),
        h("tbody", {}, image.files.map(row)))));
}

function devicesSection(image) {
  if (!image.loads.length) return null;
  const cell = (load) => {
    const file = image.files[load.file];
    return h("td", {}, file ? `${num(file.width)} px ${file.format}` : t.original, h("small", {}, size(load.bytes)));
  };
  return h("section", {},
    h("h3", {}, t.devices),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t.devices, "data-focus": "devices" },
      h("table", { class: "devices" }, h("caption", { class: "hidden" }, t.devices),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t.device), sheet.devices[0].densities.map((density) => h("th", { scope: "col" }, `${density}×`)))),
        h("tbody", {}, sheet.devices.map((device, place) => h("tr", {},
          h("th", { scope: "row" }, t[device.name],
            h("small", { class: "dim" }, ` ${image.loads[place][0].place == null ? t.window(device.width) : t.place(image.loads[place][0].place)}`)),
          image.loads[place].map(cell)))))));
}

function fact(name, ...values) {
  const present = values.filter((value) => value != null && value !== false && value !== "");
  return present.length ? [h("dt", {}, name), h("dd", {}, present)] : [];
}

function textsSection(image) {
  const { alt } = image;
  return h("section", {}, h("h3", {}, t.texts), h("dl", { class: "facts" },
    fact(t.altText, altLine(image)),
    alt.key && fact(alt.state === "missing" ? t.whereKey : t.key, h("code", {}, alt.key)),
    fact(t.caption, image.caption ?? t.noCaption)));
}

function cropSection(image) {
  const { focus } = image;
  if (!focus) return null;
  const point = focus.point?.map((part) => num(part, 2)).join(" ");
  return h("section", {}, h("h3", {}, t.crop), h("dl", { class: "facts" },
    fact(t.focus, point ? `${point} (${focus.is_set ? t.isSet : t.isDefault})` : t.chosen),
    focus.key ? fact(focus.is_set ? t.key : t.whereKey, h("code", {}, focus.key)) : fact(t.key, t.noFocusKey)));
}

function recordSection(image) {
  const article = sheet.articles[image.article];
  const { original } = image;
  return h("section", {}, h("h3", {}, t.record), h("dl", { class: "facts" },
    fact(t.file, h("span", { class: "path" }, original?.path ?? image.value)),
    original && fact(t.size, `${num(original.width)} × ${num(original.height)}, ${original.format}, ${size(original.bytes)}`),
    fact(t.preset, image.preset),
    fact(t.recordKey, h("code", {}, image.record)),
    image.sizes && fact(t.sizes, h("code", {}, image.sizes)),
    fact(t.article, h("span", { class: "path" }, article.path)),
    fact(t.at, image.key && h("code", {}, image.key), image.key && image.line != null && ", ", image.line != null && t.line(num(image.line), num(image.column))),
    fact(t.permalink, h("a", { href: `#${image.id}`, "data-focus": "permalink" }, `#${image.id}`))));
}

function findingsSection(image) {
  const findings = findingsOf(image);
  if (!findings.length) return null;
  return h("section", {}, h("h3", {}, t.findingsOf(findings.length)), h("ul", { class: "findings" }, findings.map(findingItem)));
}

// The images in the order of the list, for "previous" and "next".
function neighbour(step) {
  const images = selection().flatMap((entry) => entry.images);
  const place = images.findIndex((image) => image.id === panel.image.id);
  return images[place + step];
}

function renderPanel() {
  const { dialog, image } = panel;
  const focused = dialog.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  const [top, zoom] = [dialog.scrollTop, dialog.querySelector(".viewer")];
  const scrolled = zoom && [zoom.scrollLeft, zoom.scrollTop];
  const go = (step, label) => {
    const other = neighbour(step);
    return h("button", { type: "button", "data-focus": `step${step}`, disabled: !other, onclick: () => (location.hash = other.id) }, label);
  };
  const article = sheet.articles[image.article];
  dialog.replaceChildren(
    h("header", { class: "panel-head" },
      h("div", {}, h("h2", { id: "panel-title", tabindex: -1, "data-focus": "title" }, nameOf(image.original?.path ?? image.value)),
        h("p", { class: "dim" }, article.title ?? article.path)),
      h("div", { class: "moves" }, go(-1, t.previous), go(1, t.next),
        h("button", { type: "button", "data-focus": "close", onclick: () => dialog.close() }, t.close))),
    h("div", { class: "panel-body" },
      h("div", {},
        h("section", { "aria-label": t.compare }, compareElement(image, comparedFile(image))),
        widthsSection(image), devicesSection(image)),
      h("div", {}, panel.slot, textsSection(image), cropSection(image), findingsSection(image), recordSection(image))));
  dialog.scrollTop = top;
  const now = dialog.querySelector(".viewer");
  if (scrolled && now) [now.scrollLeft, now.scrollTop] = scrolled;
  if (focused) dialog.querySelector(`[data-focus="${focused}"]:not(:disabled)`)?.focus({ preventScroll: true });
}

function openPanel(image) {
  const isNew = panel.image?.id !== image.id;
  const { dialog } = panel;
  if (!dialog.open) panel.opener = document.activeElement;
  if (isNew) {
    panel.file = null;
    panel.slot = h("div", { "data-slot": "edit" });
    dialog.scrollTop = 0;
  }
  panel.image = image;
  renderPanel();
  if (!dialog.open) dialog.showModal();
  if (isNew) {
    const focused = document.activeElement;
    const isMoving = dialog.contains(focused) && focused.dataset.focus?.startsWith("step") && !focused.disabled;
    if (!isMoving) dialog.querySelector("#panel-title").focus();
    notify("planche:image-open", { image, article: sheet.articles[image.article], element: panel.slot, url });
  }
}

function closePanel() {
  const { image, opener } = panel;
  panel.image = null;
  panel.dialog.replaceChildren();
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  const link = image && document.querySelector(`#list [data-image="${image.id}"] a`);
  const target = link ?? (opener?.isConnected ? opener : document.getElementById("list"));
  target.focus();
}

// Opens what the fragment names, or closes the panel.
function follow() {
  const id = decodeURIComponent(location.hash.slice(1));
  const image = sheet.images.find((image) => image.id === id);
  if (image) openPanel(image);
  else if (panel.dialog.open && !id) panel.dialog.close();
}
