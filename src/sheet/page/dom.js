// Building the page. Every text of the site becomes a text node or an attribute, never HTML.

// An element with attributes, properties that start with `on`, and children; false, null and
// undefined are left out.
function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value == null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "style") for (const [name, of] of Object.entries(value)) element.style.setProperty(name, of);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

const isPreview = root.dataset.mode === "preview";

// The URL of a file of the site, by its path.
function url(path) {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return isPreview ? `image/${encoded}${location.search}` : (root.dataset.root ?? "") + encoded;
}

function nameOf(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}

// A horizontal bar with its value beside it, so that it can be read without seeing the bar.
function rod(part, text, isOld) {
  const width = `calc((100% - 5.5rem) * ${Math.min(Math.max(part, 0), 1).toFixed(4)})`;
  return h("span", { class: "rod" }, h("i", { class: isOld && "old", style: { width } }), h("span", {}, text));
}

// Before and after, as two bars of one scale.
function weights(page, scale) {
  const change = page.before ? page.after / page.before - 1 : 0;
  return h("div", { class: "weights" },
    h("div", {}, h("span", { class: "dim" }, t.before), rod(page.before / scale, size(page.before), true)),
    h("div", {}, h("span", { class: "dim" }, t.after), rod(page.after / scale, `${size(page.after)} (${percent(change)})`)));
}

// A text of a finding in the page's language; what has no French stays English, and says so.
function said(finding, part) {
  const text = lang === "fr" ? finding.french[part] : finding[part];
  return h("span", { lang: text === finding[part] && "en" }, text);
}

function findingItem(finding) {
  const place = [finding.file, finding.line, finding.column].filter((part) => part != null).join(":");
  return h("li", { class: finding.severity },
    h("strong", {}, t[finding.severity]), " ", h("code", {}, finding.code),
    finding.criterion && ` · ${t.criterion} ${finding.criterion}`,
    h("div", {}, said(finding, "message")),
    finding.hint && h("div", { class: "dim" }, `${t.hint} `, said(finding, "hint")),
    place && h("div", { class: "path" }, place));
}

function fileTable(files, caption) {
  const sum = files.reduce((sum, file) => sum + file.bytes, 0);
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h("table", {},
      h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t.file), h("th", { scope: "col" }, t.bytes))),
      h("tbody", {}, files.map((file) => h("tr", {},
        h("td", { class: "path" }, h("a", { href: url(file.path) }, file.path)), h("td", {}, size(file.bytes))))),
      h("tfoot", {}, h("tr", {}, h("th", { scope: "row" }, t.total), h("td", {}, size(sum))))));
}
