// The texts of the page in its two languages.
const WORDS = {
  en: {
    title: "Contact sheet", skip: "Skip to the images", language: "Language", theme: "Colors",
    auto: "System", light: "Light", dark: "Dark", english: "English", french: "Français",
    totals: "Totals", perView: "saved per view", perThousand: "per 1,000 views", on: "on",
    phone: "Phone", tablet: "Tablet", desktop: "Desktop", before: "before", after: "after",
    noGain: "Known once all variants exist: run planche.",
    images: "Images", articles: (n) => n === 1 ? "1 article" : `${num(n)} articles`,
    variantsUsed: (n) => n === 1 ? "1 variant in use" : `${num(n)} variants in use`,
    todo: "To do", noTodo: "Nothing found.",
    todoAlt: (n) => `${num(n)} without alt text (RGAA 1.1, 1.2)`,
    todoBroken: (n) => `${num(n)} with a missing or unusable upload`,
    todoUnbuilt: (n) => `${num(n)} without their variants: run planche`,
    todoFindings: (n) => n === 1 ? "1 error or warning" : `${num(n)} errors and warnings`,
    rgesn: "Figures for RGESN 5.1 and 5.2",
    rgesn1: "RGESN 5.1: formats that a phone loads", rgesn2: "RGESN 5.2: compression and size that a phone loads",
    format: "Format", share: "Share", weight: "Weight",
    median: "Median score (SSIMULACRA2)", lowest: "Lowest score", scored: "Images with a score",
    oversized: "Images with twice the pixels that the screen shows, or more",
    of: (a, b) => `${num(a)} of ${num(b)}`, unknown: "unknown",
    search: "Search", show: "Show", sort: "Sort",
    all: "All images", alt: "Without alt text", low: "Score below 70", unbuilt: "Without variants",
    broken: "Upload missing or unusable", asIs: "Published as is", findings: "With findings",
    sortSite: "As on disk", sortScore: "Worst score first", sortHeavy: "Heaviest article first", sortNew: "Newest first",
    shown: (n, m) => `${num(n)} of ${num(m)} images`, none: "No image matches.", noImages: "No article has an image.",
    list: "Images by article", findingsOf: (n) => n === 1 ? "1 finding" : `${num(n)} findings`,
    error: "Error", warning: "Warning", notice: "Notice", hint: "What to do:",
    quoted: (text) => `“${text}”`, noAlt: "No alt text", emptyAlt: "Empty alt text", decorative: "Decorative: needs no text",
    unknownAlt: "Alt text not known: a template makes it, or no rule names its key",
    noPreview: "no preview", state: { ready: "ready", unbuilt: "no variants yet", "as-is": "published as is", broken: "upload missing or unusable" },
    score: "Score", noScore: "not scored", lossless: "lossless",
    grade: (s) => s >= 90 ? "indistinguishable" : s >= 70 ? "high" : s >= 50 ? "medium" : "low",
    close: "Close", previous: "Previous", next: "Next",
    compare: "Original and variant", original: "Original", variant: "Variant",
    divider: "Position of the divider", dividerAt: (n) => `${n}% original`,
    oneToOne: "Actual pixels (1:1)", fit: "Whole image", zoomed: "Image at its actual pixels: scroll to see all of it",
    autoCrop: "planche chooses this crop from the image, so the two are shown side by side.",
    animated: "An animation: the two are shown side by side.",
    cannotLoad: (p) => `${p} could not be loaded. Open this page from where planche wrote it, with the site's files beside it; and the format may be one that browsers do not show.`,
    onlyOriginal: "Pages show the original: there is no variant.",
    openOriginal: "Open the original", openVariant: "Open the variant",
    widths: "Widths, with bytes, quality and score", width: "Width", bytes: "Bytes", quality: "Quality", use: "Loaded by",
    target: (n) => `for ${n}`, worst: (n) => `worst part ${n}`, unlisted: "not in the srcset", leftOut: "left out of the srcset, not published", missing: "not written yet", onlyFor: "only for",
    devices: "What devices load", device: "Device", place: (n) => `shown at ${num(n)} px`, window: (n) => `window of ${num(n)} px`,
    texts: "Texts", altText: "Alt text", caption: "Caption", noCaption: "none", key: "Key", criterion: "RGAA", whereKey: "It goes under",
    crop: "Crop", focus: "Focal point", chosen: "chosen by planche", isSet: "set in the article", isDefault: "from the preset",
    noFocusKey: "An image in a list or in the text has no key of its own.",
    record: "Record", file: "File", size: "Size", preset: "Preset", recordKey: "Record under", sizes: "sizes", at: "Place",
    permalink: "Permalink", article: "Article", line: (l, c) => `line ${l}, column ${c}`,
    unused: "Uploads that nothing uses", unusedNone: "Every upload beside those in use is used.",
    orphaned: "Orphaned variants", orphanedNone: "None.", orphanedHint: "planche clean deletes them.",
    orphanedUnknown: "Not known, because", duplicates: "Duplicate uploads", duplicatesNone: "None found.",
    other: "Findings about the site", otherNone: "None.", total: "total",
    made: (v) => `Made by planche ${v}. One view is one article, and one load of its images.`,
    problem: {
      "alt-missing": "is missing", "alt-empty": "is empty", "alt-file-name": "is a file name",
      "alt-repeats": "repeats the title or the caption", "alt-long": "is longer than 125 characters",
      "link-without-name": "is empty, and it is the only content of a link",
    },
    loading: "Loading…", lost: "The preview does not answer.",
  },
  fr: {
    title: "Planche-contact", skip: "Aller aux images", language: "Langue", theme: "Couleurs",
    auto: "Système", light: "Clair", dark: "Sombre", english: "English", french: "Français",
    totals: "Totaux", perView: "économisés par vue", perThousand: "pour 1 000 vues", on: "sur",
    phone: "Téléphone", tablet: "Tablette", desktop: "Ordinateur", before: "avant", after: "après",
    noGain: "Connu dès que toutes les variantes existent : lancer planche.",
    images: "Images", articles: (n) => n < 2 ? `${n} article` : `${num(n)} articles`,
    variantsUsed: (n) => n < 2 ? `${n} variante utilisée` : `${num(n)} variantes utilisées`,
    todo: "À faire", noTodo: "Rien à signaler.",
    todoAlt: (n) => `${num(n)} sans texte alternatif (RGAA 1.1, 1.2)`,
    todoBroken: (n) => `${num(n)} dont le fichier manque ou est inutilisable`,
    todoUnbuilt: (n) => `${num(n)} sans variantes : lancer planche`,
    todoFindings: (n) => n < 2 ? `${n} erreur ou avertissement` : `${num(n)} erreurs et avertissements`,
    rgesn: "Chiffres pour les critères 5.1 et 5.2 du RGESN",
    rgesn1: "RGESN 5.1 : formats chargés par un téléphone", rgesn2: "RGESN 5.2 : compression et taille de ce que charge un téléphone",
    format: "Format", share: "Part", weight: "Poids",
    median: "Score médian (SSIMULACRA2)", lowest: "Score le plus bas", scored: "Images avec un score",
    oversized: "Images ayant au moins deux fois les pixels que l’écran affiche",
    of: (a, b) => `${num(a)} sur ${num(b)}`, unknown: "inconnu",
    search: "Rechercher", show: "Afficher", sort: "Trier",
    all: "Toutes les images", alt: "Sans texte alternatif", low: "Score inférieur à 70", unbuilt: "Sans variantes",
    broken: "Fichier manquant ou inutilisable", asIs: "Publiées telles quelles", findings: "Avec des constats",
    sortSite: "Comme sur le disque", sortScore: "Pires scores d’abord", sortHeavy: "Articles les plus lourds d’abord", sortNew: "Plus récents d’abord",
    shown: (n, m) => `${num(n)} sur ${num(m)} images`, none: "Aucune image ne correspond.", noImages: "Aucun article ne contient d’image.",
    list: "Images par article", findingsOf: (n) => n < 2 ? `${n} constat` : `${num(n)} constats`,
    error: "Erreur", warning: "Avertissement", notice: "Remarque", hint: "Que faire :",
    quoted: (text) => `«\u00a0${text}\u00a0»`, noAlt: "Pas de texte alternatif", emptyAlt: "Texte alternatif vide", decorative: "Décorative : sans texte",
    unknownAlt: "Texte alternatif inconnu : un gabarit le produit, ou aucune règle n’indique sa clé",
    noPreview: "pas d’aperçu", state: { ready: "prête", unbuilt: "pas encore de variantes", "as-is": "publiée telle quelle", broken: "fichier manquant ou inutilisable" },
    score: "Score", noScore: "sans score", lossless: "sans perte",
    grade: (s) => s >= 90 ? "indiscernable" : s >= 70 ? "élevée" : s >= 50 ? "moyenne" : "basse",
    close: "Fermer", previous: "Précédente", next: "Suivante",
    compare: "Original et variante", original: "Original", variant: "Variante",
    divider: "Position de la séparation", dividerAt: (n) => `${n}\u00a0% d’original`,
    oneToOne: "Pixels réels (1:1)", fit: "Image entière", zoomed: "Image en pixels réels : faites défiler pour tout voir",
    autoCrop: "planche choisit ce cadrage d’après l’image : les deux sont donc côte à côte.",
    animated: "Une animation : les deux sont côte à côte.",
    cannotLoad: (p) => `${p} n’a pas pu être chargé. Ouvrir cette page là où planche l’a écrite, avec les fichiers du site à côté ; il se peut aussi que les navigateurs n’affichent pas ce format.`,
    onlyOriginal: "Les pages affichent l’original : il n’y a pas de variante.",
    openOriginal: "Ouvrir l’original", openVariant: "Ouvrir la variante",
    widths: "Largeurs, avec poids, qualité et score", width: "Largeur", bytes: "Poids", quality: "Qualité", use: "Chargée par",
    target: (n) => `pour ${n}`, worst: (n) => `pire partie ${n}`, unlisted: "absente du srcset", leftOut: "écartée du srcset, non publiée", missing: "pas encore écrite", onlyFor: "seulement pour",
    devices: "Ce que chargent les appareils", device: "Appareil", place: (n) => `affichée sur ${num(n)} px`, window: (n) => `fenêtre de ${num(n)} px`,
    texts: "Textes", altText: "Texte alternatif", caption: "Légende", noCaption: "aucune", key: "Clé", criterion: "RGAA", whereKey: "Sa clé serait",
    crop: "Cadrage", focus: "Point focal", chosen: "choisi par planche", isSet: "défini dans l’article", isDefault: "du préréglage",
    noFocusKey: "Une image d’une liste ou du texte n’a pas de clé à elle.",
    record: "Fiche", file: "Fichier", size: "Taille", preset: "Préréglage", recordKey: "Fiche sous", sizes: "sizes", at: "Emplacement",
    permalink: "Lien permanent", article: "Article", line: (l, c) => `ligne ${l}, colonne ${c}`,
    unused: "Fichiers que rien n’utilise", unusedNone: "Tous les fichiers voisins de ceux qui servent sont utilisés.",
    orphaned: "Variantes orphelines", orphanedNone: "Aucune.", orphanedHint: "planche clean les supprime.",
    orphanedUnknown: "Inconnu, car", duplicates: "Fichiers en double", duplicatesNone: "Aucun trouvé.",
    other: "Constats sur le site", otherNone: "Aucun.", total: "total",
    made: (v) => `Produite par planche ${v}. Une vue est un article, et un chargement de ses images.`,
    problem: {
      "alt-missing": "manque", "alt-empty": "est vide", "alt-file-name": "est un nom de fichier",
      "alt-repeats": "répète le titre ou la légende", "alt-long": "dépasse 125 caractères",
      "link-without-name": "est vide, et un lien ne contient rien d’autre",
    },
    loading: "Chargement…", lost: "L’aperçu ne répond pas.",
  },
};

const root = document.documentElement;
let lang = root.dataset.lang ?? (navigator.language?.startsWith("fr") ? "fr" : "en");
let t = WORDS[lang];
let numbers = new Intl.NumberFormat(lang);

function setLanguage(next) {
  lang = next;
  t = WORDS[lang];
  numbers = new Intl.NumberFormat(lang);
  root.lang = lang;
  document.title = sheet ? `${t.title} – ${sheet.site}` : t.title;
}

function num(value, digits = 0) {
  return digits
    ? value.toLocaleString(lang, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    : numbers.format(Math.round(value));
}

function size(bytes) {
  if (bytes == null) return t.unknown;
  const units = lang === "fr" ? ["o", "Kio", "Mio", "Gio", "Tio"] : ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = bytes;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit && Math.abs(value) < 100 ? num(value, 1) : num(value)}\u00a0${units[unit]}`;
}

function percent(part) {
  const value = Math.round(part * 100);
  return `${value < 0 ? "−" : value > 0 ? "+" : "±"}${Math.abs(value)}\u00a0%`;
}
