// Keyboard shortcuts: single keys and two-key sequences (g q). Single keys can be switched off in the settings (WCAG 2.1.4).
import { settings } from './settings.svelte';

export type Bindings = Record<string, () => void>;

const layers: Bindings[] = [];
let first = '';
let firstAt = 0;
const SEQUENCE_MS = 1_200;

/** Adds shortcuts; the returned function takes them away, so it can be an effect's clean-up. */
export function bindKeys(bindings: Bindings): () => void {
  layers.push(bindings);
  return () => {
    const at = layers.indexOf(bindings);
    if (at >= 0) layers.splice(at, 1);
  };
}

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element?.closest?.('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=dialog], [role=menu]');
}

function find(name: string): (() => void) | undefined {
  for (let i = layers.length - 1; i >= 0; i -= 1) {
    const run = layers[i]?.[name];
    if (run) return run;
  }
  return undefined;
}

/** `Ctrl+K`, `j`, `J` for Shift+j, `?`, `Escape`. */
function nameOf(event: KeyboardEvent): string {
  return (event.ctrlKey || event.metaKey ? 'Ctrl+' : '') + (event.ctrlKey || event.metaKey ? event.key.toUpperCase() : event.key);
}

export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const name = nameOf(event);
  if (name.startsWith('Ctrl+')) {
    const run = find(name);
    if (run) {
      event.preventDefault();
      run();
    }
    return;
  }
  if (isTyping(event.target)) return;
  if (name.length === 1 && !settings.singleKeys) return;
  const pair = first && performance.now() - firstAt < SEQUENCE_MS ? find(`${first} ${name}`) : undefined;
  first = '';
  const run = pair ?? find(name);
  if (run) {
    event.preventDefault();
    run();
    return;
  }
  if (layers.some((layer) => Object.keys(layer).some((key) => key.startsWith(`${name} `)))) {
    first = name;
    firstAt = performance.now();
  }
}
