// Opens a page several times in Chromium and prints medians: node sheet.mjs TOOLS PAGE
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , tools, file] = process.argv;
const { chromium } = createRequire(join(tools, "package.json"))("playwright-core");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const median = (times) => times.sort((one, other) => one - other)[times.length >> 1];
const [first, all, found] = [[], [], []];
for (let run = 0; run < 7; run++) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  // Observed in the page, so that the time of this program does not count.
  await page.addInitScript(() => {
    const seen = (of) => document.querySelectorAll("#list .frame").length >= of;
    const painted = (name) => requestAnimationFrame(() => setTimeout(() => (globalThis[name] ??= performance.now())));
    new MutationObserver(() => {
      if (seen(1)) painted("first");
      if (seen(2000)) painted("all");
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForFunction(() => globalThis.all, null, { timeout: 60_000 });
  first.push(await page.evaluate(() => globalThis.first));
  all.push(await page.evaluate(() => globalThis.all));
  found.push(await page.evaluate(() => new Promise((done) => {
    const search = document.getElementById("search");
    const start = performance.now();
    search.value = "photograph-1234";
    search.dispatchEvent(new Event("input"));
    const look = () => (document.querySelectorAll("#list .frame").length === 1 ? setTimeout(() => done(performance.now() - start)) : requestAnimationFrame(look));
    requestAnimationFrame(look);
  })));
  await page.close();
}
console.log(`first image ${median(first).toFixed(0)} ms, all images in the list ${median(all).toFixed(0)} ms, result of a search ${median(found).toFixed(0)} ms (medians of ${first.length}, ${browser.version()})`);
await browser.close();
