// One clock for every countdown on the page, so that rows age together and cheaply.

const STEP_MS = 5_000;
const clock = $state({ ms: Date.now() });
setInterval(() => {
  clock.ms = Date.now();
}, STEP_MS);

/** Now, to five seconds; reading it in markup makes that markup age. */
export function now(): number {
  return clock.ms;
}
