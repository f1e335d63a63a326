// Draws docs/images/phone.jpg: a page of the sample site's images on a phone with a slow connection,
// three seconds after the start, as it was and after `planche html`. Prints the bytes of the images.
//
//   bash .ci/setup && cargo build --release && node docs/images/phone.mjs
//
// PLANCHE_PROGRAM is the program (default: target/release/planche), CHROMIUM the browser.
import { execFileSync } from "node:child_process";
import { cpSync, createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { chromium } = createRequire(join(root, "target/sites/package.json"))("playwright-core");
const program = process.env.PLANCHE_PROGRAM ?? join(root, "target/release/planche");

/** Megabits per second and milliseconds: "slow 4G" of Lighthouse. */
const SPEED = 1.6;
const LATENCY = 150;
/** When the picture is taken. */
const SECONDS = 3;
const PHONE = { width: 390, height: 760 };

const PAGE = `<!doctype html>
<html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Rencontre à Prague</title>
<style>
body { margin: 0; font: 17px/1.45 system-ui, sans-serif; color: #161616; background: #fff; }
header { padding: 12px 16px; border-bottom: 1px solid #ddd; font-weight: 700; color: #000091; }
main { padding: 0 16px; }
h1 { font-size: 24px; line-height: 1.2; margin: 16px 0 12px; }
p { margin: 12px 0; }
img { display: block; width: 100%; height: auto; background: #eee; }
figure { margin: 0; aspect-ratio: 16 / 9; overflow: hidden; background: #eee; }
</style>
<header>Transformation numérique</header>
<main>
<h1>Rencontre à Prague</h1>
<figure><img src="/uploads/prague_schaer_CIO_une800.png" alt="Les toits de Prague"></figure>
<p>Les directeurs du numérique de neuf pays se sont retrouvés pour comparer leurs méthodes.</p>
<figure><img src="/uploads/Été%20à%20la%20mairie.jpg" alt="La mairie en été"></figure>
<p>Un atelier a réuni les équipes des collectivités.</p>
<figure><img src="/uploads/2023/atelier.jpg" alt="L'atelier"></figure>
</main></html>
`;

const work = mkdtempSync(join(tmpdir(), "planche-phone-"));
const site = (name) => join(work, name);
for (const name of ["before", "after"]) {
  mkdirSync(site(name));
  writeFileSync(join(site(name), "index.html"), PAGE);
  cpSync(join(root, "uploads"), join(site(name), "uploads"), { recursive: true });
  rmSync(join(site(name), "uploads/variants"), { recursive: true, force: true });
}
execFileSync(program, ["html", site("after")], { stdio: "inherit" });

const TYPES = { ".html": "text/html", ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp" };
let sent = 0;
const server = createServer((incoming, response) => {
  const path = decodeURIComponent(new URL(incoming.url, "http://localhost").pathname);
  const file = join(work, path.endsWith("/") ? `${path}index.html` : path);
  const type = TYPES[extname(file).toLowerCase()];
  try {
    const { size } = statSync(file);
    if (type?.startsWith("image/")) sent += size;
    response.writeHead(200, { "content-type": type ?? "text/plain", "content-length": size });
    createReadStream(file).pipe(response);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});

/** The screenshot after SECONDS, the bytes of all images, and the seconds until all are there. */
async function load(name) {
  // Pages are at the root of their host, as they will be published.
  const page = await browser.newPage({ viewport: PHONE, deviceScaleFactor: 2 });
  const rewritten = (route) => {
    const url = new URL(route.request().url());
    return route.continue({ url: `${url.origin}/${name}${url.pathname}` });
  };
  await page.route("**/*", rewritten);
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const throughput = (SPEED * 1e6) / 8;
  await session.send("Network.emulateNetworkConditions", {
    offline: false, latency: LATENCY, downloadThroughput: throughput, uploadThroughput: throughput,
  });
  sent = 0;
  const start = performance.now();
  const loaded = page
    .goto(`http://127.0.0.1:${server.address().port}/`, { waitUntil: "load" })
    .then(() => (performance.now() - start) / 1000);
  await new Promise((done) => setTimeout(done, SECONDS * 1000));
  const shot = await session.send("Page.captureScreenshot", { format: "png" });
  const seconds = await loaded;
  await page.close();
  return { shot: shot.data, bytes: sent, seconds };
}

const kilobytes = (bytes) => bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e3)} kB`;
const columns = [];
for (const [name, title] of [["before", "as uploaded"], ["after", "after planche html"]]) {
  const { shot, bytes, seconds } = await load(name);
  console.log(`${title}: ${bytes} bytes of images, loaded after ${seconds.toFixed(1)} s`);
  columns.push(`<figure><img src="data:image/png;base64,${shot}"><figcaption><b>${title}</b><br>
    ${kilobytes(bytes)} of images, loaded after ${seconds.toFixed(1)} s</figcaption></figure>`);
}
const page = await browser.newPage({ viewport: { width: 760, height: 800 }, deviceScaleFactor: 1.5 });
await page.setContent(`<!doctype html><style>
  body { margin: 0; padding: 24px; display: flex; gap: 40px; justify-content: center; width: max-content;
    background: #f6f6f6; font: 16px/1.4 system-ui, sans-serif; color: #161616; }
  figure { margin: 0; width: 312px; }
  img { width: 300px; display: block; border: 6px solid #161616; border-radius: 28px; }
  figcaption { margin-top: 12px; text-align: center; }
</style>${columns.join("")}`);
await page.locator("body").screenshot({ path: join(root, "docs/images/phone.jpg"), type: "jpeg", quality: 85 });
await browser.close();
server.close();
rmSync(work, { recursive: true, force: true });
