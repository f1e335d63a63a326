// The images of a list as figures of the DSFR, the design system of the French state. Several images
// become a carousel that is scrolled sideways, without JavaScript. Add it after the other plugin:
//
//   eleventyConfig.addPlugin(planche);
//   eleventyConfig.addPlugin(dsfr);
//
//   {% planche_dsfr slides, { alt: "alternative-textuelle", caption: "legende" } %}
//
// key      the key of the image (default: image); its record is beside it
// alt      the key of the alt text (default: alt)
// caption  the key of the caption (default: caption)
// label    the name of the carousel (default: Diaporama)
// All other options are those of the shortcode `planche`.
//
// A figure with a caption has the role and the caption as its name (RGAA 1.9.1), and the carousel can
// be reached and scrolled by keyboard. The style sheet is in the guide.
module.exports = function (eleventyConfig) {
  eleventyConfig.addShortcode("planche_dsfr", function (slides, options = {}) {
    const { key = "image", alt = "alt", caption = "caption", label = "Diaporama", ...more } = options;
    const show = eleventyConfig.getShortcode("planche");
    const shown = (slides ?? []).filter((slide) => String(slide?.[key] ?? "").trim());
    const figures = shown.map((slide) => {
      const text = String(slide[caption] ?? "").replace(/<[^>]*>/g, "").trim();
      const image = show.call(this, slide[key], slide[`${key}_responsive`], slide[alt], { class: "fr-responsive-img", ...more });
      const group = text ? ` role="figure" aria-label="${escaped(text)}"` : "";
      const bound = text ? `<figcaption class="fr-content-media__caption">${escaped(text)}</figcaption>` : "";
      return `<figure class="fr-content-media"${group}><div class="fr-content-media__img">${image}</div>${bound}</figure>`;
    });
    if (figures.length < 2) return figures.join("");
    const name = escaped(`${label}, ${figures.length} images`);
    return `<div class="planche-carousel" role="group" aria-roledescription="diaporama" aria-label="${name}" tabindex="0">${figures.join("")}</div>`;
  });
};

const escaped = (text) => {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (c) => entities[c]);
};
