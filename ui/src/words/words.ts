// The console's own words in two languages, checked by the compiler: a missing key or parameter does not build.
import { settings } from '../app/settings.svelte';
import { en } from './en';
import { zh } from './zh';

export type Key = keyof typeof zh;
type Name<P extends string> = P extends `${infer N}|${string}` ? N : P;
type Params<S extends string> = S extends `${string}{${infer P}}${infer Rest}` ? Name<P> | Params<Rest> : never;
type Args<K extends Key> = [Params<(typeof zh)[K]>] extends [never] ? [] : [Record<Params<(typeof zh)[K]>, string | number>];

/** Keys whose words need no value; what tables of titles may hold. */
export type PlainKey = { [K in Key]: [Params<(typeof zh)[K]>] extends [never] ? K : never }[Key];

/** Fills `{n}` with a value and `{n|case|cases}` with the word that fits it. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, name: string, single?: string, many?: string) => {
    const value = values[name] ?? '';
    if (single === undefined) return typeof value === 'number' ? value.toLocaleString('en-US') : value;
    return (Number(String(value).replaceAll(',', '')) === 1 ? single : many) ?? '';
  });
}

/** The words for a key in the person's language. */
export function t<K extends Key>(key: K, ...args: Args<K>): string {
  const text: string = settings.lang === 'en' ? en[key] : zh[key];
  return args[0] ? fill(text, args[0] as Record<string, string | number>) : text;
}

/** For keys built from the server's codes: the words if we have them. */
export function tMaybe(key: string): string | undefined {
  return key in zh ? t(key as 'app.name') : undefined;
}

/** A list as the language writes it. */
export function listed(items: readonly string[]): string {
  return items.join(settings.lang === 'en' ? ', ' : '、');
}

/** Of two texts the server sent, the one in the person's language. */
export function inLang(text: { zh: string; en: string }): string {
  return settings.lang === 'en' ? text.en || text.zh : text.zh || text.en;
}
