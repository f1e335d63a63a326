import planche from "./planche.eleventy.cjs";

export default function (eleventyConfig) {
  eleventyConfig.addPassthroughCopy("img");
  eleventyConfig.addPassthroughCopy("uploads");
  eleventyConfig.addPlugin(planche);
}

export const config = { pathPrefix: "/base/", markdownTemplateEngine: "liquid" };
