// Makes the images of Markdown texts responsive, from the records that planche writes:
//
//   import planche from "./planche.rehype.mjs";
//   export default defineConfig({ markdown: { rehypePlugins: [planche] } });
//
// base         the site's `base` (default: none). Images that Astro imports (`./a.png`) stay unchanged.
// placeholder  "class": the class planche-336699 for a placeholder of that color, and no `style`
export default function planche({ base = "", placeholder = "style" } = {}) {
  const prefix = base.replace(/\/$/, "");
  const url = (path) => (path.startsWith("/") && !path.startsWith("//") ? prefix + path : path);
  const candidates = (srcset) => srcset?.split(", ").map(url).join(", ");

  return (tree, file) => {
    const data = file.data?.astro?.frontmatter ?? {};
    const records = data.responsive_images ?? [];
    // A front-matter image is shown before the text.
    let seen = JSON.stringify(data).includes('_responsive":');

    // The attributes of an image and of its sources; `own` are those that the author wrote.
    const responsive = (record, own) => {
      const loading = own.loading ?? (seen ? "lazy" : "eager");
      const first = own.loading === undefined && !seen ? { loading, fetchpriority: "high" } : { loading };
      seen = true;
      const isSized = own.width === undefined && own.height === undefined;
      // An image without a width would be as wide as its file.
      const isAuto = loading === "lazy" && (isSized || own.width !== undefined);
      const sizesOf = (list) => list && automatic(limited(list, limit(own)), isAuto);
      const background = backgroundOf(record);
      const classes = [own.class, placeholder === "class" ? record.colour?.replace("#", "planche-") : undefined];
      return {
        image: {
          ...first,
          style: own.style ?? (placeholder === "class" ? undefined : background),
          src: url(record.src),
          srcset: candidates(record.srcset),
          sizes: sizesOf(record.sizes),
          width: isSized ? record.width : own.width,
          height: isSized ? record.height : own.height,
          decoding: "async",
          class: classes.filter(Boolean).join(" ") || undefined,
        },
        sources: record.sources?.map(({ media, type, srcset, sizes, width, height }) => ({
          media,
          type,
          srcset: candidates(srcset),
          sizes: sizesOf(sizes),
          width,
          height,
        })),
      };
    };

    const visit = (node) => {
      (node.children ?? []).forEach((child, index) => {
        if (child.type === "raw") child.value = raw(child.value);
        if (child.tagName !== "img" || child.properties.srcset) return visit(child);
        const record = records.find((record) => is(record, child.properties.src));
        if (!record) return;
        const { className, ...own } = child.properties;
        const { image, sources } = responsive(record, { ...own, class: [className].flat().filter(Boolean).join(" ") });
        const element = { ...child, properties: defined({ ...own, ...image }) };
        node.children[index] = sources ? picture(sources, element) : element;
      });
    };

    // HTML in Markdown is passed as text.
    const raw = (html) =>
      html.replace(/<img\s[^>]*>/gi, (tag) => {
        const own = attributesOf(tag);
        const record = own.src && own.srcset === undefined && records.find((record) => is(record, own.src));
        if (!record) return tag;
        const { image, sources } = responsive(record, own);
        const written = `<img${attributes({ ...own, ...image })}>`;
        if (!sources) return written;
        return `<picture>${sources.map((source) => `<source${attributes(source)}>`).join("")}${written}</picture>`;
      });

    visit(tree);
  };
}

const element = (tagName, properties, children = []) => ({ type: "element", tagName, properties, children });

const picture = (sources, image) =>
  element("picture", {}, [...sources.map((source) => element("source", source)), image]);

const defined = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const automatic = (sizes, isAuto) => (isAuto && !sizes.startsWith("auto") ? `auto, ${sizes}` : sizes);

const backgroundOf = ({ colour, blur }) =>
  colour || blur ? `background:${colour ?? ""}${blur ? ` url(${blur}) center/cover no-repeat` : ""}` : undefined;

// The width that the author set, in whole pixels.
function limit({ width, style }) {
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

const decoded = (src) => {
  try {
    return decodeURI(src);
  } catch {
    return src;
  }
};

const is = (record, src) => src && [src, decoded(src)].includes(record.original);

const attributes = (values) =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${String(value).replace(/&/g, "&amp;").replace(/"/g, "&quot;")}"`)
    .join("");
