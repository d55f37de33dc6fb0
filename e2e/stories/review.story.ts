// The access review: the privacy officer opens the queue, sees why an account's day stands out and which looks nothing
// explains, asks the office, clears it with a reason; an auditor sees what was decided and decides nothing.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findings, type Language, open } from '../src/browser.ts'
import { Person } from '../src/desk.ts'
import { type Node, start } from '../src/node.ts'
import { type Key, say } from '../src/words.ts'

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

interface Part {
  kind: string
  points: number
}
interface Line {
  id: number
  state: string
  score: number
  account: { display_name: string; roles: string[] }
  parts: Part[]
}

const queue = (person: Person, state: string): Promise<Line[]> =>
  person.page.evaluate(async (wanted) => ((await (await fetch(`/api/reviews?state=${wanted}`)).json()) as { items: Line[] }).items, state)

/** Whose day each language decides on, and what in it stands out. */
const plans = {
  zh: { role: 'clerk', part: 'contacts' },
  en: { role: 'duty', part: 'repeated' },
} as const

describe.each(['zh', 'en'] as const)('what nothing explains is decided on, in %s', (language: Language) => {
  const word = (key: Key, values: Record<string, string | number> = {}): string => say(language, key, values)

  test('from the queue to the decision', async () => {
    const plan = plans[language]
    const officer = await Person.signIn(browser, node.url, 'privacy', language)
    const { page } = officer
    const waiting = await queue(officer, 'open')
    const found = waiting.find((line) => line.account.roles.includes(plan.role) && line.parts.some((part) => part.kind === plan.part))
    expect(waiting.map((line) => line.score)).toEqual(waiting.map((line) => line.score).sort((one, other) => other - one))
    if (found === undefined) throw new Error(`no ${plan.role} in ${JSON.stringify(waiting)}`)

    await page.goto(`${node.url}/reviews`)
    await page.locator(`a[href="/reviews/${found.id}"]`).click()
    await page.getByRole('heading', { name: word('review.why') }).waitFor()
    await page.getByText(word('review.nothing')).or(page.getByText(word('review.unexplained'))).first().waitFor()
    expect(await findings(page)).toEqual([])

    await page.getByRole('button', { name: word('review.do.ask'), exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(word('review.note')).fill('请说明查看事由')
    await dialog.getByRole('button', { name: word('review.do.ask'), exact: true }).click()
    await page.getByText(word('review.state.asked')).first().waitFor()

    await page.getByRole('button', { name: word('review.do.clear'), exact: true }).click()
    await dialog.getByLabel(word('review.reason.training')).check()
    await dialog.getByLabel(word('review.note')).fill('新人培训，单位已书面说明')
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: word('review.do.clear'), exact: true }).click()
    await page.getByText(word('review.state.cleared')).first().waitFor()
    expect((await queue(officer, 'cleared')).map((line) => line.id)).toContain(found.id)
    expect(await officer.leave()).toEqual([])

    const auditor = await Person.signIn(browser, node.url, 'auditor', language)
    await auditor.page.goto(`${node.url}/reviews/${found.id}`)
    await auditor.page.getByText('新人培训，单位已书面说明').first().waitFor()
    expect(await auditor.page.getByRole('button', { name: word('review.do.clear'), exact: true }).count()).toBe(0)
    expect(await auditor.leave()).toEqual([])
  })
})
