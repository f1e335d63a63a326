// sharp: `node sharp.mjs JOB OUT THREADS clone|plain`.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import sharp from 'sharp';

const [jobFile, out, threads, form] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobFile, 'utf8'));
if (threads === 'one') sharp.concurrency(1);

// AVIF at sharp's own effort.
const webp = { quality: job.quality, effort: job.effort, lossless: job.lossless };
const options = job.format === 'avif' ? { quality: job.quality } : webp;
async function picture({ file, stem, widths }) {
  const input = sharp(file, { autoOrient: true });
  await Promise.all(
    widths.map((width) => {
      const each = form === 'clone' ? input.clone() : sharp(file, { autoOrient: true });
      return each.resize(width).toFormat(job.format, options).toFile(`${out}/${stem}-${width}.${job.format}`);
    }),
  );
}

const waiting = [...job.pictures];
async function worker() {
  for (let next = waiting.shift(); next; next = waiting.shift()) await picture(next);
}
const workers = threads === 'one' ? 1 : availableParallelism();
await Promise.all(Array.from({ length: workers }, worker));
