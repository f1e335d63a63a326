module.exports = {
  layout: "page.njk",
  permalink: "/{{ page.fileSlug }}/",
  // Nunjucks has no word for a name with hyphens.
  eleventyComputed: { page_pictures: (data) => data["une-ou-diaporama"] },
};
