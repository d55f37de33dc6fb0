// A screen in every look: width × theme, checked and photographed. Language is the page's own.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { findings, type Language, type Theme } from './browser.ts'

export const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const
export type Size = keyof typeof sizes

const folder = process.env['ANLAN_SHOTS'] ?? resolve(import.meta.dirname, '../../.anlan/shots')

/** Waits until nothing is loading or moving any more. */
export async function settle(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.readyState === 'complete' &&
      !document.querySelector('[aria-busy=true], .skeleton') &&
      document.getAnimations().every((animation) => animation.playState !== 'running' || animation.effect?.getTiming().iterations === Infinity),
    undefined,
    { timeout: 20_000 },
  )
  await page.evaluate(async () => {
    await document.fonts.ready
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  })
}

/** What sticks out of the window sideways. */
async function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const room = document.documentElement.clientWidth
    const wide = [document.documentElement, ...document.querySelectorAll('main')].filter((e) => e.scrollWidth > e.clientWidth + 1)
    if (!wide.length) return []
    const culprits = [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > room + 1).slice(0, 3)
    return [`wider than the window: ${culprits.map((e) => `${e.tagName.toLowerCase()}.${e.className}`).join(', ') || 'page'}`]
  })
}

/** Checks the page as it stands in light and dark, and takes a picture of each. Colours are all that differs in the dark. */
export async function look(page: Page, name: string, language: Language, size: Size): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  const found: string[] = []
  for (const theme of ['light', 'dark'] as Theme[]) {
    await page.emulateMedia({ colorScheme: theme })
    await settle(page)
    const lines = [...(await overflow(page)), ...(await findings(page, theme === 'dark' ? ['color-contrast'] : undefined))]
    found.push(...lines.map((line) => `${name} ${language} ${theme} ${size}: ${line}`))
    await page.screenshot({ path: join(folder, `${name}-${language}-${theme}-${size}.png`) })
  }
  return found
}
