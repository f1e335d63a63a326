// The original next to a variant: a slider over both, or side by side where the crop is not known.

// The position of the divider and the zoom stay while the reader goes from image to image.
const viewer = { at: 50, isZoomed: false };

function picture(path, attributes, onFail) {
  const shown = h("img", { src: url(path), alt: "", decoding: "async", ...attributes });
  shown.addEventListener("error", () => onFail(path), { once: true });
  return shown;
}

function compareElement(image, file) {
  const box = h("div", { class: "viewer fit" });
  const fail = (path) => {
    if (!box.querySelector(".note[role]")) box.append(h("p", { class: "note", role: "status" }, t.cannotLoad(path)));
  };
  const { original, framing } = image;
  if (!original) return h("p", { class: "note" }, t.state.broken);
  if (!file || file.bytes == null) {
    box.append(picture(original.path, { style: { "max-width": "100%", "max-height": "70dvh" }, alt: `${t.original}: ${nameOf(original.path)}` }, fail));
    return h("div", {}, box, h("p", { class: "note" }, image.state === "unbuilt" ? t.state.unbuilt : t.onlyOriginal));
  }
  const labels = [t.original, `${t.variant} ${num(file.width)} px ${file.format}`];
  const isHidden = framing.fit === "cover" && !framing.position;
  if (isHidden || original.is_animated) {
    box.className = "viewer pair";
    box.append(...[original.path, file.path].map((path, side) =>
      h("figure", {}, picture(path, { alt: labels[side] }, fail), h("figcaption", { class: "dim" }, labels[side]))));
    return h("div", {}, box, h("p", { class: "note" }, original.is_animated ? t.animated : t.autoCrop));
  }
  const before = picture(original.path, { class: `before ${framing.fit === "contain" ? "contain" : ""}` }, fail);
  if (framing.position) before.style.setProperty("object-position", framing.position.map((part) => `${part}%`).join(" "));
  const slider = h("input", {
    type: "range", min: 0, max: 100, step: 1, "aria-label": t.divider, "data-focus": "divider",
    oninput: () => move(Number(slider.value)),
  });
  const stage = h("div", { class: "compare" },
    picture(file.path, { class: "after" }, fail), before,
    h("span", { class: "tag left" }, labels[0]), h("span", { class: "tag right" }, labels[1]), slider);
  stage.style.setProperty("aspect-ratio", `${file.width} / ${file.height}`);
  const move = (at) => {
    viewer.at = at;
    slider.value = at;
    slider.setAttribute("aria-valuetext", t.dividerAt(at));
    stage.style.setProperty("--at", `${at}%`);
  };
  move(viewer.at);
  box.append(stage);
  const zoom = h("button", { type: "button", "aria-pressed": "false", "data-focus": "zoom", onclick: () => setZoom(!viewer.isZoomed) }, t.oneToOne);
  const setZoom = (isZoomed) => {
    viewer.isZoomed = isZoomed;
    zoom.setAttribute("aria-pressed", String(isZoomed));
    box.classList.toggle("fit", !isZoomed);
    // One pixel of the variant is one pixel of the screen.
    const width = `${file.width / devicePixelRatio}px`;
    stage.style.setProperty("width", isZoomed ? width : "100%");
    stage.style.setProperty("max-width", isZoomed ? "none" : `min(${file.width}px, 72dvh * ${file.width / file.height})`);
    for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", t.zoomed]]) {
      if (isZoomed) box.setAttribute(name, value);
      else box.removeAttribute(name);
    }
  };
  setZoom(viewer.isZoomed);
  return h("div", {}, box, h("div", { class: "tools" }, zoom,
    h("a", { href: url(original.path) }, t.openOriginal), h("a", { href: url(file.path) }, t.openVariant)));
}
