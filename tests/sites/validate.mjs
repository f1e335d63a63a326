// Prints how many errors html-validate finds in the pages of a folder, by rule, as JSON.
//
//   node validate.mjs TOOLS FOLDER
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [, , tools, folder] = process.argv;
const { HtmlValidate } = createRequire(join(tools, "package.json"))("html-validate");
const validator = new HtmlValidate({ root: true, extends: ["html-validate:recommended"] });
const pages = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".html")).sort();
const counts = {};
for (const page of pages) {
  const report = await validator.validateString(readFileSync(join(folder, page), "utf8"), page);
  for (const { messages } of report.results) {
    for (const { ruleId, severity } of messages) if (severity === 2) counts[ruleId] = (counts[ruleId] ?? 0) + 1;
  }
}
process.stdout.write(JSON.stringify({ pages: pages.length, counts }));
