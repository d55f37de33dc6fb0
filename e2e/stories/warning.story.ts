// A surge becomes a warning: reports are taken in one after another, the warning appears on a desk that is open, is read,
// linked to a case and closed, in both languages.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findings, type Language, open } from '../src/browser.ts'
import { Person } from '../src/desk.ts'
import { type Node, start } from '../src/node.ts'

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

/** Longest time from the report that tips it to its place on the open desk. */
const SHOWN_WITHIN_MS = 10_000
const REPORTS_MAX = 12

interface Line {
  id: number
  group: string
  raised_at: string
  latest: { observed: number; expected: number }
}
const plans = {
  zh: { group: 'gas', class: 'demo/gas-smell', cell: 0.3, text: '楼道里有燃气味，很浓。', name: '燃气异味', words: { look: '开始研判', link: '关联案件', close: '办结', linked: '已关联案件', closed: '已办结', why: '为何没有更早预警', before: '上次如何' } },
  en: { group: 'water-supply', class: 'demo/pipe-burst', cell: 0.6, text: 'Water is shooting out of the ground.', name: 'Water mains', words: { look: 'Look into it', link: 'Link to a case', close: 'Close', linked: 'Linked to a case', closed: 'Closed', why: 'Why not earlier', before: 'What happened last time' } },
} as const

const warningsOf = (page: Page, group: string): Promise<Line[]> =>
  page.evaluate(async (wanted) => ((await (await fetch('/api/warnings?state=raised&limit=200')).json()) as { items: Line[] }).items.filter((line) => line.group === wanted), group)

/** The middle of one of the county's cells, counted by its share of the list. */
const spot = (page: Page, share: number): Promise<[number, number]> =>
  page.evaluate(async (at) => {
    const shapes = (await (await fetch('/api/cells.geojson')).json()) as { features: { geometry: { coordinates: [number, number][][] } }[] }
    const ring = shapes.features[Math.floor(shapes.features.length * at)]?.geometry.coordinates[0] ?? []
    const sum = ring.reduce<[number, number]>((total, [x, y]) => [total[0] + x, total[1] + y], [0, 0])
    return [sum[0] / ring.length, sum[1] / ring.length]
  }, share)

async function report(clerk: Page, plan: (typeof plans)[Language], point: [number, number]): Promise<void> {
  const status = await clerk.evaluate(
    async ([code, text, lon, lat]) => {
      const body = { class: code, title: text, description: text, point: [lon, lat], datum: 'wgs84', error_m: 10, channel: 'hotline' }
      return (await fetch('/api/reports', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).status
    },
    [plan.class, plan.text, ...point] as const,
  )
  expect(status).toBeLessThan(300)
}

const badge = async (desk: Page): Promise<number> => Number((await desk.locator('nav .badge [aria-hidden]').allInnerTexts())[0] ?? '0')

/** Reports until the desk's badge counts one more; how long after the newest report that was. */
async function tip(desk: Page, clerk: Page, plan: (typeof plans)[Language]): Promise<{ line: Line; late: number }> {
  const point = await spot(clerk, plan.cell)
  const known = await warningsOf(clerk, plan.group)
  expect(known).toEqual([])
  const before = await badge(desk)
  for (let sent = 0; sent < REPORTS_MAX; sent++) {
    await report(clerk, plan, point)
    const at = Date.now()
    for (let tries = 0; tries < 25; tries++) {
      const [line] = (await badge(desk)) > before ? await warningsOf(clerk, plan.group) : []
      if (line !== undefined) return { line, late: Date.now() - at }
      await desk.waitForTimeout(100)
    }
  }
  throw new Error(`${REPORTS_MAX} reports in one cell raised no warning`)
}

describe.each(['zh', 'en'] as const)('a surge becomes a warning, in %s', (language) => {
  test('from its reports to its closing', async () => {
    const plan = plans[language]
    const duty = await Person.signIn(browser, node.url, 'duty', language)
    await duty.page.goto(`${node.url}/desk`)
    await duty.page.locator('nav a[href="/warnings"]').waitFor()
    const clerk = await Person.signIn(browser, node.url, 'clerk', language)
    const { line, late } = await tip(duty.page, clerk.page, plan)
    expect(late).toBeLessThan(SHOWN_WITHIN_MS)
    expect(line.latest.observed).toBeGreaterThanOrEqual(4)

    const { page } = duty
    await page.locator('nav a[href="/warnings"]').click()
    const row = page.locator(`a.line[href="/warnings/${line.id}"]`)
    await row.waitFor()
    expect(await row.innerText()).toContain(plan.name)
    expect(await findings(page)).toEqual([])
    await row.click()
    await page.getByRole('heading', { level: 1 }).filter({ hasText: plan.name }).waitFor()
    await page.getByRole('heading', { name: plan.words.why }).waitFor()
    await page.getByRole('heading', { name: plan.words.before }).waitFor()
    await page.locator('figure svg[role=img]').waitFor()
    expect(await page.locator('section a[href^="/cases/AL"]').count()).toBeGreaterThanOrEqual(4)
    expect(await findings(page)).toEqual([])

    await page.getByRole('button', { name: plan.words.look, exact: true }).click()
    await page.getByRole('button', { name: plan.words.link, exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    expect(await dialog.locator('input').inputValue()).toMatch(/^AL\d\d-\d{6}$/)
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: plan.words.link, exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.locator('.chip').filter({ hasText: plan.words.linked }).first().waitFor()
    await page.getByRole('button', { name: plan.words.close, exact: true }).click()
    await dialog.getByRole('button', { name: plan.words.close, exact: true }).last().click()
    await dialog.waitFor({ state: 'detached' })
    await page.locator('.chip').filter({ hasText: plan.words.closed }).first().waitFor()
    await page.goto(`${node.url}/warnings/budget`)
    await page.locator('dl').waitFor()
    expect(await findings(page)).toEqual([])
    expect(await clerk.leave()).toEqual([])
    expect(await duty.leave()).toEqual([])
  })
})
