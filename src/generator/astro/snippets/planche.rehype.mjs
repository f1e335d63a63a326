// Makes the images of Markdown texts responsive, from the records that planche writes:
//
//   import planche from "./planche.rehype.mjs";
//   export default defineConfig({ markdown: { rehypePlugins: [planche] } });
//
// base  the site's `base` (default: none). Images that Astro imports (`./a.png`) stay unchanged.
export default function planche({ base = "" } = {}) {
  const prefix = base.replace(/\/$/, "");
  const url = (path) => (path.startsWith("/") && !path.startsWith("//") ? prefix + path : path);
  const candidates = (srcset) => srcset?.split(", ").map(url).join(", ");

  return (tree, file) => {
    const data = file.data?.astro?.frontmatter ?? {};
    const records = data.responsive_images ?? [];
    // An image of the front matter is shown before the text.
    let seen = JSON.stringify(data).includes('_responsive":');
    const properties = (record) => ({
      src: url(record.src),
      srcset: candidates(record.srcset),
      sizes: record.sizes,
      width: record.width,
      height: record.height,
      decoding: "async",
    });

    const visit = (node) => {
      (node.children ?? []).forEach((child, index) => {
        if (child.type === "raw") child.value = raw(child.value);
        if (child.tagName !== "img" || child.properties.srcset) return visit(child);
        const record = records.find((record) => is(record, child.properties.src));
        if (!record) return;
        const first = seen ? { loading: "lazy" } : { loading: "eager", fetchpriority: "high" };
        seen = true;
        const blur = record.blur ? ` url(${record.blur}) center/cover no-repeat` : "";
        const style = record.colour || blur ? { style: `background:${record.colour ?? ""}${blur}` } : {};
        const image = { ...child, properties: { ...first, ...style, ...child.properties, ...properties(record) } };
        node.children[index] = record.sources ? pictureOf(record.sources, image) : image;
      });
    };

    // HTML in Markdown is passed as text.
    const raw = (html) =>
      html.replace(/<img\s[^>]*>/gi, (tag) => {
        const [quoted, , value] = tag.match(/\ssrc\s*=\s*(["'])(.*?)\1/i) ?? [];
        const record = value && !/\ssrcset\s*=/i.test(tag) && records.find((record) => is(record, value.replaceAll("&amp;", "&")));
        if (!record) return tag;
        const sized = !/\s(width|height)\s*=/i.test(tag);
        const { width, height, ...others } = properties(record);
        const first = seen ? { loading: "lazy" } : { loading: "eager", fetchpriority: "high" };
        seen = true;
        const added = { ...others, ...(sized ? { width, height } : {}), ...(/\sloading\s*=/i.test(tag) ? {} : first) };
        const image = tag.replace(quoted, () => attributes(added));
        if (!record.sources) return image;
        const sources = record.sources.map((source) => `<source${attributes(sourceOf(source))}>`);
        return `<picture>${sources.join("")}${image}</picture>`;
      });

    const sourceOf = ({ media, type, srcset, sizes, width, height }) => ({
      media,
      type,
      srcset: candidates(srcset),
      sizes,
      width,
      height,
    });
    const element = (tagName, properties, children = []) => ({ type: "element", tagName, properties, children });
    const pictureOf = (sources, image) =>
      element("picture", {}, [...sources.map((source) => element("source", sourceOf(source))), image]);
    visit(tree);
  };
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
