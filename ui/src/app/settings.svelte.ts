// How this person wants the console: language, theme, density, size, shortcuts. Kept on this device only.

export type Lang = 'zh' | 'en';
export type Theme = 'auto' | 'light' | 'dark';
export type Density = 'compact' | 'normal' | 'roomy';
export type Size = 'small' | 'normal' | 'large' | 'huge';

interface Kept {
  lang: Lang;
  theme: Theme;
  density: Density;
  size: Size;
  singleKeys: boolean;
}

const KEY = 'anlan.settings';
const one = <T extends string>(value: unknown, of: readonly T[], otherwise: T): T => (of.includes(value as T) ? (value as T) : otherwise);

function browserLang(): Lang {
  return typeof navigator !== 'undefined' && !navigator.language.toLowerCase().startsWith('zh') ? 'en' : 'zh';
}

function read(): Kept {
  let kept: Partial<Record<keyof Kept, unknown>> = {};
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as typeof kept;
  } catch {
    kept = {};
  }
  return {
    lang: one(kept.lang, ['zh', 'en'] as const, browserLang()),
    theme: one(kept.theme, ['auto', 'light', 'dark'] as const, 'auto'),
    density: one(kept.density, ['compact', 'normal', 'roomy'] as const, 'normal'),
    size: one(kept.size, ['small', 'normal', 'large', 'huge'] as const, 'normal'),
    singleKeys: kept.singleKeys !== false,
  };
}

export const settings: Kept = $state(read());

const night = typeof matchMedia === 'undefined' ? undefined : matchMedia('(prefers-color-scheme: dark)');
const screenState = $state({ night: night?.matches ?? false });
night?.addEventListener('change', (event) => {
  screenState.night = event.matches;
});

/** Whether the page is dark now, by choice or by the system. */
export function isDark(): boolean {
  return settings.theme === 'dark' || (settings.theme === 'auto' && screenState.night);
}

/** Puts the settings on the page and keeps them; call inside an effect. */
export function applySettings(): void {
  const root = document.documentElement;
  root.lang = settings.lang === 'en' ? 'en' : 'zh-CN';
  if (settings.theme === 'auto') delete root.dataset.theme;
  else root.dataset.theme = settings.theme;
  root.dataset.dark = String(isDark());
  root.dataset.density = settings.density;
  root.dataset.size = settings.size;
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // A full or forbidden storage only means the choice is forgotten on reload.
  }
}
