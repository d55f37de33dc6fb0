// The console's own words, so that a story names buttons as the screen does and breaks only when behaviour does.
import { en } from '../../ui/src/words/en.ts'
import { zh } from '../../ui/src/words/zh.ts'
import type { Language } from './browser.ts'

export type Key = keyof typeof zh

/** The words for a key, `{n}` filled in, in one language. */
export function say(language: Language, key: Key, values: Record<string, string | number> = {}): string {
  const text: string = language === 'en' ? en[key] : zh[key]
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, name: string, one?: string, many?: string) => {
    const value = values[name] ?? ''
    if (one === undefined) return typeof value === 'number' ? value.toLocaleString('en-US') : value
    return (Number(value) === 1 ? one : many) ?? ''
  })
}
