// Responsive images from the records that planche writes. In the configuration:
//
//   import planche from "./planche.eleventy.cjs";                         // modules
//   eleventyConfig.addPlugin(planche, { build: true });
//   eleventyConfig.addPlugin(require("./planche.eleventy.cjs"));          // CommonJS
//
// It makes the images of Markdown texts responsive, and adds
//
//   {% planche image, image_responsive, image_alt, { class: "wide" } %}
//   {{ post.content | planche_absolute }}      for feeds: URLs begin with the option `url`
//
// Options of the plugin:
//
// build        runs planche before each build (default: false)
// command      the program (default: "planche")
// prefix       adds the pathPrefix to URLs (default: true; set it to false with the HTML Base plugin)
// url          the site's URL without a path, such as "https://example.org", for feeds
// placeholder  "class": the class planche-336699 for a placeholder of that color, and no `style`
//
// Options of the shortcode, in its fourth argument; all others become attributes of the image:
//
// preset       shows another preset of the record, one of those under its `also:`
// class        the class of the image
// sizes        replaces the preset's `sizes`
// loading      eager or lazy
// eager        how many images of the page load eagerly (default: 1); the others are lazy
// caption      puts the image into a figure with this caption
// link         "original": links the image to the original, if it has alt text
// absolute     true: URLs begin with the option `url`
const { spawnSync } = require("node:child_process");

// The first image of a page is only known once the whole page is rendered.
const MARK = "data-planche";
const MARKED = new RegExp(`(?:<picture>(?:<source(?:[^>"]|"[^"]*")*>)*)?<img\\s(?:[^>"]|"[^"]*")*>`, "g");

// Keeps eleventy-img's transform from encoding the variants again.
const IGNORE = "eleventy:ignore";

module.exports = function (eleventyConfig, options = {}) {
  const { build = false, command = "planche", prefix = true, placeholder } = options;
  const host = (options.url ?? "").replace(/\/$/, "");

  if (build) {
    eleventyConfig.on("eleventy.before", () => {
      const { error, status } = spawnSync(command, ["build", "--quiet"], { stdio: "inherit" });
      if (error) {
        console.warn(`planche: cannot run \`${command}\` (${error.code}); the images are not updated`);
      } else if (status !== 0) {
        console.error("planche: there were errors, see above");
      }
    });
  }

  const filter = eleventyConfig.getFilter("url");
  const url = (path) => (prefix && isLocal(path) ? filter(path) : path);
  const absolute = (path) => (isLocal(path) ? host + url(path) : path);

  eleventyConfig.addShortcode("planche", function (src, record, alt, more = {}) {
    if (!src) return "";
    const found = matching(src, [record, ...(more.images ?? this.ctx?.responsive_images ?? [])]);
    const { preset, images, absolute: isAbsolute, ...others } = more;
    const shown = found?.also?.[preset] ?? found;
    return figure(shown, { src, alt: alt ?? "", placeholder, ...others }, isAbsolute ? absolute : url);
  });

  // Without the marks that only the transform below replaces.
  eleventyConfig.addFilter("planche_absolute", (html) =>
    String(html ?? "").replace(MARKED, (tags) =>
      unmarked(tags)
        .replace(/(\ssrc=")(\/(?!\/)[^"]*)/g, (_, start, path) => start + host + path)
        .replace(/(\ssrcset=")([^"]*)/g, (_, start, srcset) => start + srcset.replace(/(^|, )\/(?!\/)/g, `$1${host}/`)),
    ),
  );

  eleventyConfig.amendLibrary("md", (md) => markdown(md, url, placeholder));

  eleventyConfig.addTransform("planche", function (content) {
    if (!(this.page.outputPath || "").endsWith(".html")) return content;
    let shown = 0;
    return content.replace(MARKED, (tags) => {
      const [, eager] = tags.match(` ${MARK}="(\\d+)"`) ?? [];
      if (eager === undefined) return unmarked(tags);
      const isEager = shown < Number(eager);
      const loading = isEager ? `loading="eager"${shown === 0 ? ' fetchpriority="high"' : ""}` : 'loading="lazy"';
      shown += 1;
      const sized = isEager ? tags.replace(/ sizes="auto, /g, ' sizes="') : tags;
      return unmarked(sized.replace(/ data-planche="\d+"/, ` ${loading}`));
    });
  });
};

const unmarked = (tags) => tags.replace(/ (?:data-planche="\d+"|eleventy:ignore(?:="")?)/g, "");

// markdown-it passes the page's data to its renderers as `env`. The site's own rule for images runs
// first: it may print a figure around the image, or attributes of its own.
function markdown(md, url, placeholder) {
  const before = { ...md.renderer.rules };
  const responsive = (html, env, alt) =>
    html.replace(/<img\s[^>]*>/gi, (tag) => {
      const attributes = attributesOf(tag);
      const find = (src) => matching(src, env?.responsive_images, url);
      const found = "srcset" in attributes ? null : (find(attributes.src) ?? find(decoded(attributes.src ?? "")));
      return found ? picture(found, { placeholder, ...attributes, alt: attributes.alt || alt }, url) : tag;
    });
  md.renderer.rules.image = (tokens, index, settings, env, self) => {
    const html = before.image(tokens, index, settings, env, self);
    const alt = self.renderInlineAsText(tokens[index].children ?? [], settings, env);
    return /<picture\b/i.test(html) ? html : responsive(html, env, alt);
  };
  for (const rule of ["html_inline", "html_block"]) {
    md.renderer.rules[rule] = (tokens, index, settings, env) => responsive(tokens[index].content, env);
  }
}

// The attributes of a tag, with the character references decoded that our values may contain.
function attributesOf(tag) {
  const attributes = {};
  for (const [, name, ...values] of tag.matchAll(/\s([^\s"'>\/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g)) {
    const value = values.find((value) => value !== undefined) ?? "";
    const named = { amp: "&", quot: '"', apos: "'", lt: "<", gt: ">", "#39": "'" };
    attributes[name.toLowerCase()] = value.replace(/&(amp|quot|apos|lt|gt|#39);/g, (_, name) => named[name]);
  }
  return attributes;
}

// The record whose original is a reference, as written or as rendered.
function matching(reference, records, url = (path) => path) {
  return (records ?? []).find((record) => {
    if (!reference || !record?.original) return false;
    const plain = withoutExpressions(record.original);
    return [record.original, plain, url(plain)].includes(reference);
  });
}

// `{{ prefix }}/a.png` and `{{ "/a.png" | url }}` are rendered before the Markdown.
function withoutExpressions(value) {
  if (!value.includes("{{")) return value;
  const [, literal] = value.match(/{{-?\s*["']([^"']+)["']/) ?? [];
  return literal ?? value.slice(value.lastIndexOf("}}") + 2);
}

// markdown-it percent-encodes URLs.
function decoded(src) {
  try {
    return decodeURI(src);
  } catch {
    return src;
  }
}

const isLocal = (path) => path.startsWith("/") && !path.startsWith("//");

// The image of a shortcode, with its caption and its link.
function figure(record, { caption, link, ...attributes }, url) {
  const image = picture(record, attributes, url);
  const linked = link === "original" && attributes.alt ? `${tag("a", { href: url(attributes.src) })}${image}</a>` : image;
  const text = String(caption ?? "").replace(/<[^>]*>/g, "").trim();
  if (!text) return linked;
  return `${tag("figure", { role: "figure", "aria-label": text })}${linked}<figcaption>${escaped(text)}</figcaption></figure>`;
}

function picture(record, attributes, url) {
  const candidates = (srcset) =>
    srcset
      ?.split(", ")
      .map((candidate) => candidate.replace(/^\S+/, url))
      .join(", ");
  const { src, alt, class: name, sizes, loading, eager = 1, style, placeholder, ...more } = attributes;
  const { width, height, ...others } = withinWidths(record, more);
  const sized = width === undefined && height === undefined;
  // Unless the image turns out to be eager. An image without a width would be as wide as its file.
  const isAuto = (!loading || loading === "lazy") && (sized || width !== undefined);
  const list = (own) => own && automatic(limited(sizes || own, limit(width, style)), isAuto);
  const byClass = placeholder === "class";
  const blur = record?.blur ? ` url(${record.blur}) center/cover no-repeat` : "";
  const background = record?.colour || blur ? `background:${record.colour ?? ""}${blur}` : undefined;
  const color = byClass ? record?.colour?.replace("#", "planche-") : undefined;
  const image = tag("img", {
    src: url(record?.src ?? src),
    srcset: candidates(record?.srcset),
    sizes: list(record?.sizes),
    width: sized ? record?.width : width,
    height: sized ? record?.height : height,
    ...(loading ? { loading, fetchpriority: loading === "eager" ? "high" : undefined } : { [MARK]: Number(eager) }),
    decoding: "async",
    style: style ?? (byClass ? undefined : background),
    class: [name, color].filter(Boolean).join(" ") || undefined,
    ...others,
    alt,
    [IGNORE]: "",
  });
  if (!record?.sources) return image;
  const sources = record.sources.map((source) =>
    tag("source", {
      media: source.media,
      type: source.type,
      srcset: candidates(source.srcset),
      sizes: list(source.sizes),
      width: source.width,
      height: source.height,
    }),
  );
  return `<picture>${sources.join("")}${image}</picture>`;
}

// The widths that the author has set for eleventy-img limit ours.
function withinWidths(record, { "eleventy:widths": widths, ...attributes }) {
  const widest = Math.max(0, ...String(widths ?? "").split(",").map(Number).filter(Number.isFinite));
  const isLimit = widest > 0 && widest < record?.width && attributes.width === undefined && attributes.height === undefined;
  return isLimit ? { ...attributes, width: widest, height: Math.round((record.height * widest) / record.width) } : attributes;
}

const automatic = (sizes, isAuto) => (isAuto && !sizes.startsWith("auto") ? `auto, ${sizes}` : sizes);

// The width that the author set, in whole pixels.
function limit(width, style) {
  const [, css] = String(style ?? "").match(/(?:^|;)\s*width:\s*(\d+)px\s*(?:;|$)/) ?? [];
  return css ?? (/^\d+$/.test(String(width ?? "")) ? width : undefined);
}

// `sizes` in which no length is larger than a width; a list with functions stays.
function limited(sizes, width) {
  if (width === undefined || /(calc|min|max|clamp)\(|not /.test(sizes)) return sizes;
  return sizes
    .split(", ")
    .map((entry) => entry.replace(/^(.*\) )?([^ ]+)$/, `$1min(${width}px, $2)`))
    .join(", ");
}

const escaped = (text) => {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return String(text).replace(/[&<>"]/g, (c) => entities[c]);
};

function tag(name, attributes) {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return `<${name}${written.join("")}>`;
}
