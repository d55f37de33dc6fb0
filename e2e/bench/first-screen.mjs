// How soon the desk is usable: seconds from asking for it until its first case shows, five times, each in a browser context
// without cache. `node bench/first-screen.mjs URL ACCOUNT PASSWORD` prints one line of JSON.
import { chromium } from 'playwright-core';

const [url, name, password] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.ANLAN_CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const signing = await browser.newContext();
  const answer = await signing.request.post(`${url}/api/session`, { data: { name, password }, headers: { origin: url } });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()}`);
  const storageState = await signing.storageState();
  await signing.close();
  const seconds = [];
  for (let round = 0; round < 5; round++) {
    const context = await browser.newContext({ storageState, locale: 'zh-CN', viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const started = performance.now();
    await page.goto(`${url}/`, { waitUntil: 'commit' });
    await page.locator('.queue [role=option]').first().waitFor();
    seconds.push((performance.now() - started) / 1000);
    await context.close();
  }
  process.stdout.write(`${JSON.stringify({ seconds })}\n`);
} finally {
  await browser.close();
}
