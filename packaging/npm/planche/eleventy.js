// The Eleventy plugin: eleventyConfig.addPlugin(require("planche/eleventy"), { build: true });
//
// It takes the options of planche.eleventy.cjs, and:
// html  makes the generated pages load the variants (default: true)
"use strict";

const { spawnSync } = require("node:child_process");
const snippet = require("./planche.eleventy.cjs");
const program = require("./program.js");

module.exports = function planche(eleventyConfig, options = {}) {
  const { html = true, ...others } = options;
  const command = program();
  snippet(eleventyConfig, { command, ...others });
  if (!html) return;
  eleventyConfig.on("eleventy.after", ({ dir }) => {
    const { status } = spawnSync(command, ["html", "--quiet", dir.output], { stdio: "inherit" });
    if (status !== 0) console.error("planche: some pages were not changed, see above");
  });
};
