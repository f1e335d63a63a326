// Responsive images from the records that planche writes. In the configuration:
//
//   eleventyConfig.addPlugin(require("./planche.eleventy.cjs"));          // CommonJS
//   import planche from "./planche.eleventy.cjs";                         // modules
//   eleventyConfig.addPlugin(planche, { build: true });
//
// It adds the shortcode {% planche image, image_responsive, alt, { class, sizes, loading } %} and
// makes the images of Markdown texts responsive.
//
// build    runs planche before each build (default: false)
// command  the program (default: "planche")
// prefix   adds the pathPrefix to URLs (default: true; set it to false with the HTML Base plugin)
const { spawnSync } = require("node:child_process");

// The first image of a page is only known once the whole page is rendered.
const MARK = "data-planche";

module.exports = function (eleventyConfig, options = {}) {
  const { build = false, command = "planche", prefix = true } = options;

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

  eleventyConfig.addShortcode("planche", function (src, record, alt, more = {}) {
    const found = matching(src, [record, ...(this.ctx?.responsive_images ?? [])]);
    return picture(found, { src, alt: alt ?? "", ...more }, url);
  });

  eleventyConfig.amendLibrary("md", (md) => markdown(md, url));

  eleventyConfig.addTransform("planche", function (content) {
    if (!(this.page.outputPath || "").endsWith(".html")) return content;
    let seen = false;
    return content.replaceAll(` ${MARK}=""`, () => {
      const loading = seen ? ' loading="lazy"' : ' loading="eager" fetchpriority="high"';
      seen = true;
      return loading;
    });
  });
};

// markdown-it passes the page's data to its renderers as `env`.
function markdown(md, url) {
  const before = { ...md.renderer.rules };
  md.renderer.rules.image = (tokens, index, settings, env, self) => {
    const token = tokens[index];
    const attributes = Object.fromEntries(token.attrs ?? []);
    const found = matching(decoded(attributes.src), env?.responsive_images, url);
    if (!found) return before.image(tokens, index, settings, env, self);
    const alt = self.renderInlineAsText(token.children, settings, env);
    return picture(found, { ...attributes, alt }, url);
  };
  for (const rule of ["html_inline", "html_block"]) {
    md.renderer.rules[rule] = (tokens, index, settings, env) =>
      tokens[index].content.replace(/<img\s[^>]*>/gi, (tag) => {
        const attributes = attributesOf(tag);
        const found = "srcset" in attributes ? null : matching(attributes.src, env?.responsive_images, url);
        return found ? picture(found, attributes, url) : tag;
      });
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

function picture(record, attributes, url) {
  const candidates = (srcset) =>
    srcset
      ?.split(", ")
      .map((candidate) => candidate.replace(/^\S+/, url))
      .join(", ");
  const { src, alt, class: name, sizes, loading, width, height, style, ...others } = attributes;
  const sized = width === undefined && height === undefined;
  const blur = record?.blur ? ` url(${record.blur}) center/cover no-repeat` : "";
  const background = record?.colour || blur ? `background:${record.colour ?? ""}${blur}` : undefined;
  const image = tag("img", {
    src: url(record?.src ?? src),
    srcset: candidates(record?.srcset),
    sizes: record?.sizes && (sizes || record.sizes),
    width: sized ? record?.width : width,
    height: sized ? record?.height : height,
    ...(loading ? { loading, fetchpriority: loading === "eager" ? "high" : undefined } : { [MARK]: "" }),
    decoding: "async",
    style: style ?? background,
    class: name,
    ...others,
    alt,
  });
  if (!record?.sources) return image;
  const sources = record.sources.map((source) =>
    tag("source", {
      media: source.media,
      type: source.type,
      srcset: candidates(source.srcset),
      sizes: source.sizes && (sizes || source.sizes),
      width: source.width,
      height: source.height,
    }),
  );
  return `<picture>${sources.join("")}${image}</picture>`;
}

function tag(name, attributes) {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => ` ${key}="${String(value).replace(/[&<>"]/g, (c) => entities[c])}"`);
  return `<${name}${written.join("")}>`;
}
