import { defineConfig } from "astro/config";
import planche from "./planche.rehype.mjs";

export default defineConfig({
  site: "https://www.example.org",
  base: "/base",
  // Not in the packages, which several sites share.
  cacheDir: "./.cache",
  markdown: { rehypePlugins: [[planche, { base: "/base" }]] },
});
