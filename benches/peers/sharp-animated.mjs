// sharp: `node sharp-animated.mjs FILE STEM WIDTH…` writes STEM-WIDTH.webp, at quality 80 and effort 4.
import sharp from 'sharp';

sharp.concurrency(1);
const [file, stem, ...widths] = process.argv.slice(2);
for (const width of widths) {
  const resized = sharp(file, { animated: true }).resize(Number(width));
  await resized.webp({ quality: 80, effort: 4 }).toFile(`${stem}-${width}.webp`);
}
