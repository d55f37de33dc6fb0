// The server's live stream. One connection for the whole console; screens subscribe to what they need.
import { postEnded, sessionEnded } from '../api/client';
import type { CaseMoved, Import } from '../api/nouns';
import type { Alert } from '../alerts/calls';
import type { Warning } from '../warnings/calls';

interface Events {
  case: CaseMoved;
  import: Import;
  warning: Warning;
  alert: Alert;
}
type Listeners = { [K in keyof Events]: Set<(data: Events[K]) => void> };

const listeners: Listeners = { case: new Set(), import: new Set(), warning: new Set(), alert: new Set() };
const state = $state({ isOn: false, wasOn: false });
let source: EventSource | undefined;
let again: ReturnType<typeof setTimeout> | undefined;

function deliver<K extends keyof Events>(kind: K, event: MessageEvent<string>): void {
  let data: Events[K];
  try {
    data = JSON.parse(event.data) as Events[K];
  } catch {
    return;
  }
  for (const run of listeners[kind]) run(data);
}

function retry(): void {
  live.stop();
  again = setTimeout(() => live.start(), 10_000);
}

export const live = {
  get isOn(): boolean {
    return state.isOn;
  },
  /** It worked once and is down now: worth telling. */
  get isBroken(): boolean {
    return state.wasOn && !state.isOn;
  },
  start(): void {
    if (source) return;
    source = new EventSource('/api/live');
    source.addEventListener('open', () => {
      state.isOn = true;
      state.wasOn = true;
    });
    source.addEventListener('error', () => {
      state.isOn = false;
      // A stream that was refused outright is not retried by the browser.
      if (source?.readyState === EventSource.CLOSED) {
        retry();
        // Whoever's post has ended is refused it too; the session knows.
        postEnded();
      }
    });
    source.addEventListener('case', (event) => deliver('case', event as MessageEvent<string>));
    source.addEventListener('warning', (event) => deliver('warning', event as MessageEvent<string>));
    source.addEventListener('alert', (event) => deliver('alert', event as MessageEvent<string>));
    source.addEventListener('ended', () => {
      live.stop();
      sessionEnded();
    });
    source.addEventListener('post_ended', () => {
      // The session stops it if that is so; a next shift may have begun meanwhile.
      retry();
      postEnded();
    });
    source.addEventListener('import', (event) => deliver('import', event as MessageEvent<string>));
  },
  stop(): void {
    clearTimeout(again);
    source?.close();
    source = undefined;
    state.isOn = false;
  },
  /** Subscribes; the returned function ends it, so it can be an effect's clean-up. */
  on<K extends keyof Events>(kind: K, run: (data: Events[K]) => void): () => void {
    listeners[kind].add(run);
    return () => listeners[kind].delete(run);
  },
};
