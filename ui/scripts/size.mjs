// After the build: leaves a brotli form beside every text file, so that the server need not compress, and prints what the
// first screen costs over the wire, with --json also as one last line of JSON; fails when that exceeds its bar.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const BAR_KB = 130;
const dist = new URL('../dist/', import.meta.url).pathname;
const assets = join(dist, 'assets');
const size = (file) => {
  if (!existsSync(`${file}.br`)) writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)));
  return readFileSync(`${file}.br`).length / 1000;
};
const html = readFileSync(join(dist, 'index.html'), 'utf8');

/** Every script that `file` needs before it can run: its static imports, and theirs. */
function closure(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(join(assets, file), 'utf8');
  for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) closure(name, seen);
  return seen;
}

const entry = [...html.matchAll(/assets\/([^"]+\.js)/g)].map((m) => m[1]);
const scripts = readdirSync(assets).filter((name) => /\.m?js$/.test(name));
const first = new Set();
for (const name of [...entry, ...scripts.filter((s) => s.startsWith('Desk-'))]) closure(name, first);
const sum = (names) => names.reduce((total, name) => total + size(join(assets, name)), 0);
const total = sum([...first]);
const styles = readdirSync(assets).filter((name) => name.endsWith('.css'));

for (const name of ['index.html', 'boot.js', 'favicon.svg']) size(join(dist, name));
const lines = scripts
  .map((name) => [size(join(assets, name)), name])
  .sort((a, b) => b[0] - a[0])
  .map(([kb, name]) => `${kb.toFixed(1).padStart(8)} kB  ${first.has(name) ? '*' : ' '} ${name}`);
process.stdout.write(`${lines.join('\n')}\n`);
process.stdout.write(`styles, all: ${sum(styles).toFixed(1)} kB brotli\n`);
process.stdout.write(`entry: ${sum(entry.flatMap((e) => [...closure(e)])).toFixed(1)} kB; first screen (*, entry + desk, no map): ${total.toFixed(1)} kB brotli, bar ${BAR_KB} kB\n`);
if (process.argv.includes('--json')) {
  const map = sum(scripts.filter((name) => name.startsWith('maplibre')));
  process.stdout.write(`${JSON.stringify({ first_screen: total, styles: sum(styles), map })}\n`);
}
if (total > BAR_KB) {
  process.stderr.write('the first screen is over its bar\n');
  process.exit(1);
}
