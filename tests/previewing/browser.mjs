// Opens a preview in Chromium and does what an editor does.
//
//   node browser.mjs REQUEST.json
//
// { tools, chromium, url, steps: [[action, …]], width, scheme, locale, refused } runs the steps in order, and
// prints { results, errors, violations }: what each step has returned, what went wrong in the page
// (console, failed requests), and what axe-core finds after each step `axe`.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const request = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { chromium } = createRequire(join(request.tools, "package.json"))("playwright-core");
const TIMEOUT = 60_000;

const profile = mkdtempSync(join(tmpdir(), "planche-preview-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: request.chromium,
  headless: true,
  bypassCSP: false,
  viewport: { width: request.width ?? 1280, height: 900 },
  colorScheme: request.scheme ?? "light",
  locale: request.locale ?? "en-US",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
}).catch((error) => {
  console.error(String(error));
  process.exit(3);
});

const errors = [];
const violations = [];
const page = await browser.newPage();
page.setDefaultTimeout(TIMEOUT);
// A refusal that is part of the test has this status.
const isWanted = (text) => request.refused && text.includes(request.refused);
page.on("console", (message) => message.type() === "error" && !isWanted(message.text()) && errors.push(message.text()));
page.on("pageerror", (error) => errors.push(String(error)));
page.on("response", (response) => response.status() >= 400 && !isWanted(String(response.status())) && errors.push(`${response.status()} ${response.url()}`));
let loads = 0;
page.on("load", () => loads++);

// What the element with the focus is, for a reader of the screen.
const focused = () => page.evaluate(() => {
  const element = document.activeElement;
  return element?.dataset?.focus ?? element?.id ?? element?.className ?? "";
});

const actions = {
  open: async () => {
    await page.goto(request.url, { waitUntil: "load" });
    await page.waitForSelector("#list .frame");
  },
  wait: (selector) => page.waitForSelector(selector).then(() => null),
  gone: (selector) => page.waitForSelector(selector, { state: "detached" }).then(() => null),
  text: (selector) => page.locator(selector).first().textContent(),
  waitText: async (selector, text) => {
    await page.waitForFunction(([selector, text]) =>
      [...document.querySelectorAll(selector)].some((element) => element.textContent.includes(text)), [selector, text]);
  },
  value: (selector) => page.locator(selector).first().inputValue(),
  attribute: (selector, name) => page.locator(selector).first().getAttribute(name),
  count: (selector) => page.locator(selector).count(),
  click: (selector) => page.locator(selector).first().click().then(() => null),
  fill: (selector, text) => page.locator(selector).fill(text).then(() => null),
  focus: (selector) => page.locator(selector).first().focus().then(() => null),
  focused,
  press: (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve()).then(() => null),
  type: (text) => page.keyboard.type(text).then(() => null),
  // Presses Tab until the element has the focus.
  tabTo: async (selector) => {
    for (let count = 0; count < 200; count++) {
      if (await page.locator(selector).first().evaluate((element) => element === document.activeElement)) return null;
      await page.keyboard.press("Tab");
    }
    throw new Error(`${selector} cannot be reached by Tab`);
  },
  // Drags from the middle of an element to a point of another, in parts of its size.
  drag: async (selector, to, x, y) => {
    await page.locator(to).scrollIntoViewIfNeeded();
    const [from, box] = [await page.locator(selector).boundingBox(), await page.locator(to).boundingBox()];
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
    await page.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps: 4 });
    await page.mouse.up();
    return null;
  },
  // `object-position` of the crops, by preset.
  crops: async () => {
    await page.waitForFunction(() => [...document.querySelectorAll(".edit-crops img")].every((image) => image.complete));
    return page.evaluate(() => Object.fromEntries([...document.querySelectorAll(".edit-crops img")]
    .map((image) => [image.dataset.preset, [getComputedStyle(image).objectPosition, image.naturalWidth > 0]])));
  },
  position: async (points) => page.evaluate(async ([query, points]) => {
    const { positionOf } = await import(`./edit.js${query}`);
    return points.map(([x, y, width, height, aspect]) => positionOf({ x, y }, { width, height }, aspect));
  }, [new URL(request.url).search, points]),
  images: () => page.evaluate(() => [...document.images].filter((image) => image.complete && image.naturalWidth === 0).map((image) => image.src)),
  loads: () => loads,
  axe: async () => {
    const script = readFileSync(join(request.tools, "node_modules/axe-core/axe.min.js"), "utf8");
    // As an extension would: the policy of the page stays as it is.
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(script);
    const found = await page.evaluate(() => axe.run(document));
    for (const rule of found.violations) for (const node of rule.nodes) violations.push(`${rule.id}: ${node.html}`);
    return found.passes.length;
  },
  shot: (file) => page.screenshot({ path: file }).then(() => null),
  read: (file) => readFileSync(file, "utf8"),
  // Waits until a file has another text than before.
  changed: async (file, before) => {
    const deadline = Date.now() + TIMEOUT;
    for (;;) {
      const text = readFileSync(file, "utf8");
      if (text !== before) return text;
      if (Date.now() > deadline) throw new Error(`${file} did not change`);
      await new Promise((next) => setTimeout(next, 20));
    }
  },
  write: async (file, text) => {
    const { writeFileSync } = await import("node:fs");
    writeFileSync(file, text);
    return null;
  },
};

const results = [];
let failure = null;
try {
  for (const [action, ...values] of request.steps) {
    try {
      results.push((await actions[action](...values)) ?? null);
    } catch (error) {
      failure = `${action} ${JSON.stringify(values)}: ${error}`;
      break;
    }
  }
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
process.stdout.write(JSON.stringify({ results, errors, violations, failure }));
