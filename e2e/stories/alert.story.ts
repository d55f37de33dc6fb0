// An alert comes: a document is handed in at one desk, appears at another that is open, is looked at, its area watched, linked to
// a case, and called off by its sender. In both languages.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findings, type Language, open } from '../src/browser.ts'
import { Person } from '../src/desk.ts'
import type { Given } from '../src/files.ts'
import { type Node, start } from '../src/node.ts'
import { say } from '../src/words.ts'

let node: Node
let browser: Browser

beforeAll(async () => {
  node = await start('demo')
  browser = await open()
})
afterAll(async () => {
  await browser?.close()
  await node?.stop()
})

const MIDDLE = [113.2, 27.9] as const
const events = { zh: ['冰雹', '冰雹橙色警报'], en: ['Hail', 'Hail of two centimetres'] } as const
const sentAt = new Date(Date.now() - 60_000).toISOString().replace(/\.\d+Z$/, '-00:00')
const over = new Date(Date.now() + 6 * 3_600_000).toISOString().replace(/\.\d+Z$/, '-00:00')

function cap(language: Language, kind: 'Alert' | 'Cancel'): Given {
  const [event, headline] = events[language]
  const references = kind === 'Cancel' ? `<references>story.example,hail-${language},${sentAt}</references>` : ''
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>hail-${language}${kind === 'Cancel' ? '-off' : ''}</identifier><sender>story.example</sender>
<sent>${sentAt}</sent><status>Actual</status><msgType>${kind}</msgType><scope>Public</scope>${references}
<info><language>${language === 'zh' ? 'zh-CN' : 'en'}</language><category>Met</category><event>${event}</event><urgency>Immediate</urgency><severity>Severe</severity>
<certainty>Observed</certainty><expires>${over}</expires><headline>${headline}</headline><description>&lt;b&gt;${headline}&lt;/b&gt;</description>
<area><areaDesc>${language === 'zh' ? '城区' : 'Town'}</areaDesc><circle>${MIDDLE[1]},${MIDDLE[0]} 3</circle></area></info></alert>`
  return { name: `${kind}.xml`, mimeType: 'text/xml', buffer: Buffer.from(text) }
}

const handIn = async (page: Page, file: Given): Promise<void> => page.locator('input[type=file]').setInputFiles(file)

async function report(page: Page): Promise<string> {
  return page.evaluate(async ([lon, lat]) => {
    const body = { class: 'demo/pipe-burst', title: 'hail', description: 'hail', point: [lon, lat], datum: 'wgs84', error_m: 10, channel: 'hotline' }
    const told = await fetch('/api/reports', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    return ((await told.json()) as { number: string }).number
  }, MIDDLE)
}

describe.each(['zh', 'en'] as const)('an alert comes, in %s', (language) => {
  test('from its coming to its end', async () => {
    const [event, headline] = events[language]
    const duty = await Person.signIn(browser, node.url, 'duty', language)
    const { page } = duty
    await page.goto(`${node.url}/alerts`)
    await page.getByRole('button', { name: say(language, 'alert.current'), exact: true }).waitFor()
    const clerk = await Person.signIn(browser, node.url, 'clerk', language)
    await clerk.page.goto(`${node.url}/alerts`)

    // What is no alert is refused with its line, and nothing is kept.
    await handIn(clerk.page, { name: 'wrong.xml', mimeType: 'text/xml', buffer: Buffer.from(cap(language, 'Alert').buffer.toString().replace('Actual', 'Real')) })
    await clerk.page.getByText('alert/status').waitFor()
    await handIn(clerk.page, cap(language, 'Alert'))
    await clerk.page.getByRole('link', { name: say(language, 'alert.taken') }).waitFor()
    expect(await findings(clerk.page)).toEqual([])

    // It appears at the open desk by itself.
    const row = page.locator('a.line').filter({ hasText: headline })
    await row.waitFor()
    expect(await row.innerText()).toContain(event)
    expect(await findings(page)).toEqual([])
    await row.click()
    await page.getByRole('heading', { level: 1, name: headline }).waitFor()
    // What its sender wrote is shown as text.
    await page.getByText(`<b>${headline}</b>`).waitFor()
    await page.locator('.maplibregl-canvas').waitFor()

    await page.getByRole('button', { name: say(language, 'alert.do.look'), exact: true }).click()
    await page.getByRole('button', { name: say(language, 'alert.do.watch'), exact: true }).click()
    await page.locator('.chip').filter({ hasText: say(language, 'alert.watched') }).waitFor()
    const number = await report(clerk.page)
    await page.getByRole('link', { name: number }).waitFor()
    expect(await page.locator('main').innerText()).toContain(say(language, 'alert.around.since', { n: 1 }))
    expect(await findings(page)).toEqual([])

    await page.getByRole('button', { name: say(language, 'alert.do.link'), exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('input').fill(number)
    await dialog.getByRole('button', { name: say(language, 'alert.do.link'), exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.locator('ol.plain li').filter({ hasText: say(language, 'alert.event.linked') }).waitFor()

    await handIn(clerk.page, cap(language, 'Cancel'))
    await page.getByRole('link', { name: say(language, 'alert.cancelled_by') }).waitFor()
    expect(await findings(page)).toEqual([])
    await page.goto(`${node.url}/alerts`)
    await page.locator('a.line').first().waitFor()
    expect(await page.locator('a.line').filter({ hasText: headline }).count()).toBe(0)
    expect(await clerk.leave()).toEqual([])
    expect(await duty.leave()).toEqual([])
  })
})
