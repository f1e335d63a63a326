// srcset's generator: `node srcset.mjs JOB OUT THREADS`.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import srcset from '@flexis/srcset';
import Vinyl from 'vinyl';

const [jobFile, out, threads] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobFile, 'utf8'));
const workers = threads === 'one' ? 1 : availableParallelism();

const generator = new srcset.default({
  processing: { webp: { quality: job.quality, effort: job.effort, lossless: job.lossless } },
  // Its optimisation encodes files a second time.
  skipOptimization: true,
  concurrency: workers,
});
const waiting = [...job.pictures];
async function worker() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const picture = new Vinyl({ path: next.file, contents: readFileSync(next.file) });
    const variants = generator.generate(picture, { format: 'webp', width: next.widths });
    for await (const variant of variants) {
      writeFileSync(`${out}/${next.stem}-${variant.metadata.width}.webp`, variant.contents);
    }
  }
}
await Promise.all(Array.from({ length: workers }, worker));
