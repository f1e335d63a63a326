// Opens contact sheets in Chromium.
//
//   node browser.mjs REQUEST.json
//
// { tools, chromium, task, … } gives JSON. The task `choose` returns what Chromium loads for each of
// `combinations`, [{ srcset, sizes, style, width, density }]; `style` is for `auto`. The task `page` uses the page at `file` as
// its readers do, and returns { failures, errors, violations }, all of which should be empty. The
// task `open` returns the texts of a page. The task `preview` serves `page` with the first of `sheets` and
// then the second.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const request = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { chromium } = createRequire(join(request.tools, "package.json"))("playwright-core");
const browser = await chromium.launch({
  executablePath: request.chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
}).catch((error) => {
  console.error(String(error));
  process.exit(3);
});
const errors = [];
const failures = [];
const violations = [];

async function open(options, hash = "") {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-US", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("dialog", (dialog) => (errors.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  await page.goto(pathToFileURL(request.file).href + hash, { waitUntil: "load" });
  await page.waitForSelector("#count:not(:empty)");
  return page;
}

function check(what, seen, expected) {
  const [a, b] = [seen, expected].map((value) => JSON.stringify(value));
  if (a !== b) failures.push(`${what}: ${a}, expected ${b}`);
}

async function axe(page, where) {
  // The page's policy keeps scripts out; axe comes in through the debugger.
  await page.evaluate(readFileSync(join(request.tools, "node_modules/axe-core/axe.min.js"), "utf8"));
  const found = await page.evaluate(() => axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  for (const rule of found.violations) for (const node of rule.nodes) violations.push(`${where}: ${rule.id}: ${node.html} ${node.failureSummary}`);
}

const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.dataset?.focus || document.activeElement?.closest("[data-image]")?.dataset.image || document.activeElement?.tagName);
const settled = (page) => page.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(() => next()))));

// What Chromium chooses. Every image has URLs of its own: one that is in the cache would be taken
// for another.
async function choose() {
  const chosen = [];
  for (const { srcset, sizes, style, width, density } of request.combinations) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, deviceScaleFactor: density });
    const page = await context.newPage();
    await page.route("**/*", (route) => route.fulfill({ contentType: "image/svg+xml", body: '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>' }));
    const isAuto = sizes?.startsWith("auto");
    await page.setContent(`<!doctype html><meta name=viewport content="width=device-width"><title>t</title>
      <style>body { margin: 0 } ${isAuto ? style : ""}</style><body></body>`);
    chosen.push(await page.evaluate(async ({ srcset, sizes, isAuto }) => {
      const image = new Image();
      // The browser knows the box of a lazy image before it chooses.
      if (isAuto) image.loading = "lazy";
      if (sizes) image.sizes = sizes;
      image.srcset = srcset;
      const loaded = new Promise((done) => (image.onload = image.onerror = done));
      document.body.append(image);
      await loaded;
      return image.currentSrc;
    }, { srcset, sizes, isAuto }));
    await context.close();
  }
  return chosen;
}

async function usePage() {
  for (const locale of ["en-US", "fr-FR"]) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await open({ locale, colorScheme });
      check("language", await page.getAttribute("html", "lang"), locale.slice(0, 2));
      await page.evaluate(() => document.querySelectorAll("details").forEach((part) => (part.open = true)));
      await axe(page, `${locale} ${colorScheme} list`);
      await page.locator("#list a.open").first().click();
      await page.waitForSelector("dialog[open] .viewer");
      await axe(page, `${locale} ${colorScheme} panel`);
      await page.context().close();
    }
  }
  for (const width of [360, 768, 1920]) {
    const page = await open({ viewport: { width, height: 900 } });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    check(`${width}: overflow of the list`, (await overflow()) > 0, false);
    await page.locator("#list a.open").first().click();
    await page.waitForSelector("dialog[open]");
    check(`${width}: overflow of the panel`, await page.evaluate(() => {
      const panel = document.querySelector("dialog");
      return panel.scrollWidth > panel.clientWidth;
    }), false);
    await page.context().close();
  }

  const page = await open({});
  const names = () => page.locator("#list a.open").allTextContents();
  const titles = () => page.locator("#list h2").allTextContents();
  check("all images", (await names()).length, request.images);
  for (const [sort, expected] of Object.entries(request.sorted)) {
    await page.selectOption("#sort", sort);
    await settled(page);
    check(`sort by ${sort}`, await titles(), expected);
  }
  await page.selectOption("#sort", "site");
  await page.fill("#search", request.search.text);
  await settled(page);
  check("search", await names(), request.search.found);
  await page.fill("#search", "");
  for (const [state, expected] of Object.entries(request.states)) {
    await page.selectOption("#show", state);
    await settled(page);
    check(`show ${state}`, await names(), expected);
  }
  await page.selectOption("#show", "all");
  await page.focus("#language");
  await page.selectOption("#language", "fr");
  check("French", await page.locator("h1").textContent(), `Planche-contact – ${request.site}`);
  check("focus after a change of language", await focused(page), "language");
  await page.selectOption("#language", "en");
  await page.selectOption("#theme", "dark");
  check("dark", await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(22, 22, 19)");
  await page.selectOption("#theme", "auto");

  // With the keyboard alone.
  await page.locator("#list a.open").nth(request.compared.place).focus();
  const id = await focused(page);
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog[open] .compare");
  check("focus in the panel", await focused(page), "panel-title");
  check("permalink", new URL(page.url()).hash, `#${id}`);
  const slider = page.getByRole("slider");
  await slider.focus();
  check("slider", await slider.getAttribute("aria-valuetext"), "50% original");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  check("slider moved", await slider.getAttribute("aria-valuetext"), "53% original");
  const clip = () => page.evaluate(() => getComputedStyle(document.querySelector(".compare .before")).clipPath);
  check("clip", await clip(), "inset(0px 47% 0px 0px)");
  await page.keyboard.press("Home");
  check("slider at its start", await clip(), "inset(0px 100% 0px 0px)");
  await page.waitForFunction(() => [...document.querySelectorAll(".compare img")].every((image) => image.complete && image.naturalWidth > 0));
  await page.keyboard.press("Tab");
  check("focus after the slider", await focused(page), "zoom");
  await page.keyboard.press("Enter");
  check("1:1", await page.evaluate(() => document.querySelector(".compare").getBoundingClientRect().width), request.compared.width);
  await page.keyboard.press("Enter");
  const radios = page.locator("dialog input[type=radio]");
  await radios.last().focus();
  await page.keyboard.press("ArrowUp");
  await settled(page);
  check("focus on the variant", (await focused(page)).startsWith("variant-"), true);
  check("variant", await page.evaluate(() => decodeURIComponent(document.querySelector(".compare .after").src).split("/").pop().split(".")[0]), request.compared.smaller);
  check("devices", await page.locator("table.devices tbody tr").first().locator("td").evaluateAll((cells) => cells.map((cell) => cell.firstChild.textContent)), request.compared.phone);
  check("nothing behind the panel has the focus", await page.evaluate(() => document.querySelector("dialog").contains(document.activeElement)), true);
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog:not([open])", { state: "attached" });
  check("focus after the panel", await focused(page), id);
  check("no permalink", new URL(page.url()).hash, "");
  await page.context().close();

  const direct = await open({}, `#${id}`);
  await direct.waitForSelector("dialog[open] .compare");
  check("opened by its permalink", await direct.locator("#panel-title").textContent(), request.compared.name);
  await direct.context().close();

  return { failures, errors, violations };
}

// A server as a preview has it: the page, its sheet, its images, events, and the script for editing.
async function previewPage() {
  const requests = [];
  const streams = [];
  let sheet = request.sheets[0];
  const server = createServer((incoming, response) => {
    const target = new URL(incoming.url, "http://localhost");
    requests.push(target.pathname + target.search);
    const answer = (type, body) => response.writeHead(200, { "content-type": type }).end(body);
    if (target.pathname === "/") return answer("text/html; charset=utf-8", request.page);
    if (target.pathname === "/sheet.json") return answer("application/json", JSON.stringify(sheet));
    if (target.pathname === "/edit.js") {
      return answer("text/javascript", `
        globalThis.seen = [];
        for (const name of ["planche:image-open", "planche:sheet"]) document.addEventListener(name, ({ detail }) => {
          seen.push(name);
          if (detail.element) detail.element.append(Object.assign(document.createElement("input"), { value: detail.image.value, ariaLabel: "edit" }));
        });`);
    }
    if (target.pathname === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      streams.push(response);
      return;
    }
    if (target.pathname.startsWith("/image/")) {
      return answer("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="600"/>');
    }
    response.writeHead(404).end();
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const context = await browser.newContext({ viewport: { width: 1280, height: 700 }, locale: "en-US" });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(`http://127.0.0.1:${server.address().port}/?token=secret#${request.open}`);
  await page.waitForSelector("dialog[open] .compare");
  const slider = page.getByRole("slider");
  await slider.focus();
  await page.keyboard.press("End");
  const state = () => page.evaluate(() => ({
    top: document.querySelector("dialog").scrollTop,
    list: scrollY,
    focus: document.activeElement.dataset.focus,
    edit: document.querySelector("[data-slot=edit] input")?.value,
    seen,
  }));
  await page.evaluate(() => { document.querySelector("dialog").scrollTop = 120; });
  await page.getByLabel("edit").fill("half typed");
  await slider.focus({ preventScroll: true });
  await page.evaluate(() => { document.querySelector("dialog").scrollTop = 120; });
  const before = await state();
  check("before", before, { top: 120, list: 0, focus: "divider", edit: "half typed", seen: request.events });
  sheet = request.sheets[1];
  streams.forEach((stream) => stream.write("event: sheet\ndata: \n\n"));
  await page.getByText(request.text).first().waitFor({ state: "attached" });
  await settled(page);
  check("after", await state(), { ...before, seen: [...before.seen, "planche:sheet"] });
  check("slider", await slider.getAttribute("aria-valuetext"), "100% original");
  await page.keyboard.press("Escape");
  check("the list is up to date", (await page.locator("#list").textContent()).includes(request.text), true);
  check("requests without the token", requests.filter((path) => !path.includes("token=secret")), []);
  check("images by their paths", requests.some((path) => path === request.image), true);
  await context.close();
  server.close();
  streams.forEach((stream) => stream.end());
  return { failures, errors };
}

async function openOnly() {
  const page = await open({}, request.hash ?? "");
  const result = await page.evaluate(() => ({
    text: document.body.innerText,
    headings: [...document.querySelectorAll("h2")].map((heading) => heading.textContent),
    foreign: document.querySelectorAll("[onerror], iframe, body script:not([type])").length,
    hacked: globalThis.hacked ?? null,
  }));
  return { ...result, errors };
}

const tasks = { choose, page: usePage, open: openOnly, preview: previewPage };
try {
  process.stdout.write(JSON.stringify(await tasks[request.task]()));
} finally {
  await browser.close();
}
