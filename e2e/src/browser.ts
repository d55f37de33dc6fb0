// One Chromium for all stories, and pages that fail a story when anything leaves the host, breaks the content security
// policy, or throws.
import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export type Language = 'zh' | 'en'
export type Theme = 'light' | 'dark'
export interface Look {
  language?: Language
  theme?: Theme
  width?: number
  height?: number
  javaScript?: boolean
}

export async function open(): Promise<Browser> {
  const path = ['/usr/bin/chromium', '/usr/bin/chromium-browser', process.env['ANLAN_CHROMIUM']].find((p) => p !== undefined && existsSync(p))
  if (path === undefined) throw new Error('Chromium is missing: install the Debian package "chromium"')
  return chromium.launch({ executablePath: path, args: flags })
}

export interface Watched {
  context: BrowserContext
  page: Page
  faults: string[]
}

/** A fresh context whose page notes every request to elsewhere, every policy report and every error. */
export async function visit(browser: Browser, url: string, look: Look = {}): Promise<Watched> {
  const context = await browser.newContext({
    locale: look.language === 'en' ? 'en-GB' : 'zh-CN',
    colorScheme: look.theme ?? 'light',
    viewport: { width: look.width ?? 1440, height: look.height ?? 900 },
    timezoneId: 'Asia/Shanghai',
    javaScriptEnabled: look.javaScript ?? true,
  })
  const faults: string[] = []
  const host = new URL(url).host
  context.on('request', (request) => {
    const to = new URL(request.url())
    if (!['data:', 'blob:'].includes(to.protocol) && to.host !== host) faults.push(`request to ${request.url()}`)
  })
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  // A refusal (4xx) is an answer like any other, but the browser writes every one of them to the console.
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(`console: ${message.text()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 500) faults.push(`${response.status()} from ${response.url()}`)
  })
  return { context, page, faults }
}

/** What axe finds on the page as it stands, as short lines; `rules` narrows it to those named. */
export async function findings(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  const narrowed = rules ? axe.withRules(rules) : axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
  const result = await narrowed.analyze()
  return result.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`))
}
