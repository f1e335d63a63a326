// What the page shows: the sheet, and what its reader searches for.
let sheet = null;
const view = { text: "", state: "all", sort: "site" };

const LOW = 70;

// The worst score of what the record lists; null if nothing has one.
function worstScore(image) {
  const scores = image.files.filter((file) => file.is_listed && file.score != null).map((file) => file.score);
  return scores.length ? Math.min(...scores) : null;
}

function lacksAlt(image) {
  return image.alt.state === "missing" || image.alt.state === "empty";
}

function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

const STATES = {
  all: () => true,
  alt: lacksAlt,
  low: (image) => (worstScore(image) ?? 100) < LOW,
  unbuilt: (image) => image.state === "unbuilt",
  broken: (image) => image.state === "broken",
  asIs: (image) => image.state === "as-is",
  findings: (image) => image.alt.problems.length > 0 || findingsOf(image).length > 0,
};

// The findings about an image: those about its upload, and those at its place.
function findingsOf(image) {
  return sheet.articles[image.article].findings.map((index) => sheet.findings[index]).filter((finding) =>
    finding.file === image.original?.path ||
    finding.file === sheet.articles[image.article].path && finding.line === image.line && image.line != null);
}

function words(image) {
  image.words ??= plain([
    image.value, image.original?.path, image.preset, image.alt.text, image.caption, image.key,
    sheet.articles[image.article].path, sheet.articles[image.article].title,
  ].filter(Boolean).join(" "));
  return image.words;
}

// The articles to show with their images, in order.
function selection() {
  const wanted = plain(view.text.trim()).split(/\s+/).filter(Boolean);
  const matches = (image) => STATES[view.state](image) && wanted.every((word) => words(image).includes(word));
  const found = [];
  for (const article of sheet.articles) {
    const images = article.images.map((index) => sheet.images[index]).filter(matches);
    if (images.length) found.push({ article, images });
  }
  const score = (image) => worstScore(image) ?? 101;
  if (view.sort === "score") {
    for (const entry of found) {
      entry.images.sort((one, other) => score(one) - score(other));
      entry.by = score(entry.images[0]);
    }
  } else if (view.sort === "heavy") {
    for (const entry of found) entry.by = -(entry.article.gain?.phone.after ?? 0);
  } else if (view.sort === "new") {
    return found.sort((one, other) => {
      const [a, b] = [one.article.date ?? "", other.article.date ?? ""];
      return a < b ? 1 : a > b ? -1 : 0;
    });
  }
  return view.sort === "site" ? found : found.sort((one, other) => one.by - other.by);
}
