// How fast an import runs and how long it will take, from its last few reports. Pure: the time is passed in.

export interface Sample {
  atMs: number;
  rows: number;
  bytes: number;
}
const WINDOW_MS = 10_000;

export function addSample(samples: readonly Sample[], next: Sample): Sample[] {
  return [...samples.filter((s) => next.atMs - s.atMs <= WINDOW_MS && s.bytes <= next.bytes), next];
}

/** Rows per second and milliseconds left; `undefined` until two samples are apart. */
export function paceOf(samples: readonly Sample[], bytesTotal: number): { rowsPerS: number; leftMs: number } | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.atMs - first.atMs < 500 || last.bytes <= first.bytes) return undefined;
  const ms = last.atMs - first.atMs;
  return { rowsPerS: ((last.rows - first.rows) / ms) * 1000, leftMs: ((bytesTotal - last.bytes) / (last.bytes - first.bytes)) * ms };
}
