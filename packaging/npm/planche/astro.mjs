// The Astro integration: import planche from "planche/astro"; integrations: [planche()]
//
// build  updates variants and front matter before each build (default: true)
// html   makes the generated pages load the variants (default: true)
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import rehype from "./planche.rehype.mjs";
import program from "./program.js";

export default function planche({ build = true, html = true } = {}) {
  const run = (logger, ...args) => {
    const { status } = spawnSync(program(), args, { stdio: "inherit" });
    if (status !== 0) logger.error("there were errors, see above");
  };
  let root;
  return {
    name: "planche",
    hooks: {
      "astro:config:setup": ({ config, updateConfig, logger }) => {
        root = fileURLToPath(config.root);
        if (build) run(logger, "build", "--quiet", root);
        updateConfig({ markdown: { rehypePlugins: [[rehype, { base: config.base }]] } });
      },
      "astro:build:done": ({ dir, logger }) => {
        if (html) run(logger, "html", "--quiet", fileURLToPath(dir), root);
      },
    },
  };
}
