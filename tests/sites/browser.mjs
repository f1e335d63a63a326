// Serves a folder on loopback, opens pages of it in Chromium and prints what the browser made of
// their images.
//
//   node browser.mjs REQUEST.json
//
// { root, base, pages: [path], views: [[width, density]], scheme, axe, shots: [{ page, view, file, … }] }
// gives [{ page, width, density, images, missing, errors, shift, bytes, violations }], one object a page
// and view. `scheme` is the preferred color scheme, light by default. `violations` are what axe-core
// finds, if `axe` is set: rules with the elements.
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";

const request = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { chromium } = createRequire(join(request.tools, "package.json"))("playwright-core");

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".webp": "image/webp",
  ".avif": "image/avif",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".svg": "image/svg+xml",
};
const TIMEOUT = 20_000;

// Every request: whether it was answered, and the bytes of images.
let log = [];
const server = createServer((incoming, response) => {
  const path = decodeURIComponent(new URL(incoming.url, "http://localhost").pathname);
  const below = path.startsWith(request.base) ? path.slice(request.base.length) : null;
  let file = below === null ? null : join(request.root, normalize(`/${below}`));
  if (file && existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
  if (!file || !existsSync(file)) {
    log.push({ path, missing: true, bytes: 0 });
    response.writeHead(404).end();
    return;
  }
  const type = TYPES[extname(file).toLowerCase()] ?? "application/octet-stream";
  log.push({ path, missing: false, bytes: type.startsWith("image/") ? statSync(file).size : 0 });
  response.writeHead(200, { "content-type": type, "content-length": statSync(file).size });
  createReadStream(file).pipe(response);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const origin = `http://127.0.0.1:${server.address().port}`;

const profile = mkdtempSync(join(tmpdir(), "planche-browser-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: request.chromium,
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
}).catch((error) => {
  console.error(String(error));
  process.exit(3);
});

const results = [];
try {
  for (const page of request.pages) {
    for (const [width, density] of request.views) results.push(await look(page, width, density));
  }
} finally {
  await browser.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
}
process.stdout.write(JSON.stringify(results));

async function look(path, width, density) {
  // A context of its own has no cache: a larger image that is there would be taken for a smaller.
  const context = await browser.browser().newContext({
    viewport: { width, height: 900 },
    deviceScaleFactor: density,
    colorScheme: request.scheme ?? "light",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT);
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  log = [];
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(`${origin}${request.base}${path}`, { waitUntil: "load" });
  // Lazy images load when they come near.
  await page.evaluate(async () => {
    const frame = () => new Promise((next) => requestAnimationFrame(() => next()));
    for (let y = 0; y < document.documentElement.scrollHeight; y += 300) {
      window.scrollTo(0, y);
      await frame();
    }
    window.scrollTo(0, 0);
    await frame();
  });
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
  const images = await page.evaluate(async () => {
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(() => next())));
    return [...document.images].map((image) => ({
      src: image.getAttribute("src"),
      srcset: image.getAttribute("srcset"),
      sizes: image.getAttribute("sizes"),
      alt: image.alt,
      loading: image.getAttribute("loading"),
      priority: image.getAttribute("fetchpriority"),
      current: image.currentSrc,
      width: image.getBoundingClientRect().width,
      height: image.getBoundingClientRect().height,
      natural: image.naturalWidth,
      attributes: [image.getAttribute("width"), image.getAttribute("height")],
    }));
  });
  for (const image of images) {
    image.current = image.current.replace(origin, "");
    image.bytes = log.find((entry) => entry.path === decodeURIComponent(image.current))?.bytes ?? null;
  }
  const shift = await page.evaluate(() => window.shift);
  const violations = [];
  if (request.axe) {
    await page.addScriptTag({ path: join(request.tools, "node_modules/axe-core/axe.min.js") });
    const found = await page.evaluate(() => axe.run(document));
    for (const rule of found.violations) for (const node of rule.nodes) violations.push(`${rule.id}: ${node.html}`);
  }
  for (const shot of request.shots ?? []) {
    if (shot.page === path && shot.width === width && shot.density === density) {
      await page.screenshot({ path: shot.file, clip: shot.clip });
    }
  }
  const seen = { images, missing: log.filter((entry) => entry.missing).map((entry) => entry.path) };
  await context.close();
  const bytes = log.reduce((sum, entry) => sum + entry.bytes, 0);
  return { page: path, width, density, ...seen, errors, shift, bytes, violations };
}
