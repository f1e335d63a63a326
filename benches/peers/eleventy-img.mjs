// eleventy-img without Eleventy around it: `node eleventy-img.mjs JOB OUT THREADS`.
import { readFileSync } from 'node:fs';
import Image from '@11ty/eleventy-img';

const [jobFile, out, threads] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobFile, 'utf8'));
if (threads === 'one') Image.concurrency = 1;

await Promise.all(
  job.pictures.map(({ file, stem, widths }) =>
    Image(file, {
      widths,
      formats: ['webp'],
      outputDir: out,
      fixOrientation: true,
      sharpWebpOptions: { quality: job.quality, effort: job.effort, lossless: job.lossless },
      // The digest stays in the name: it identifies files that already exist.
      filenameFormat: (digest, _file, width) => `${stem}-${width}.${digest}.webp`,
    }),
  ),
);
