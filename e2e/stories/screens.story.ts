// Every screen in its main conditions, in both languages, light and dark, at a desk and on a phone: nothing for axe to
// find, nothing wider than the window, no request to elsewhere, no policy report, no error. A picture of each is kept.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Language, open, visit, type Watched } from '../src/browser.ts'
import { type County, prepare } from '../src/county.ts'
import { password, Person } from '../src/desk.ts'
import { actFor, endMember, member } from '../src/posts.ts'
import { backlog, twoFaults } from '../src/files.ts'
import { look, type Size, sizes } from '../src/looks.ts'
import { type Node, start } from '../src/node.ts'
import { type Key, say } from '../src/words.ts'

let node: Node
let browser: Browser
let county: County

beforeAll(async () => {
  node = await start('demo')
  browser = await open()
  county = await prepare(node.url)
})
afterAll(async () => {
  await browser?.close()
  await node?.stop()
})

/** A page in one language, and how its buttons are called. */
class Stage {
  constructor(
    readonly page: Page,
    readonly language: Language,
    readonly size: Size,
  ) {}

  get isPhone(): boolean {
    return this.size === 'phone'
  }

  word(key: Key, values: Record<string, string | number> = {}): string {
    return say(this.language, key, values)
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(`${node.url}${path}`)
  }

  async press(key: Key, values: Record<string, string | number> = {}): Promise<void> {
    await this.page.getByRole('button', { name: this.word(key, values), exact: true }).first().click()
  }

  async dialog(): Promise<void> {
    await this.page.getByRole('dialog').first().waitFor()
  }
}

interface Scene {
  name: string
  /** Who is signed in; nobody on the public pages. */
  who?: string
  show: (stage: Stage) => Promise<void>
}

const desk = async (stage: Stage, query = ''): Promise<void> => {
  await stage.goto(`/desk${query}`)
  await stage.page.locator('.queue [role=option], .maplibregl-canvas').first().waitFor()
}
const theCase = async (stage: Stage, number: string): Promise<void> => {
  await stage.goto(`/cases/${number}`)
  await stage.page.getByRole('heading', { name: stage.word('case.timeline') }).waitFor()
}

const theWarning = async (stage: Stage): Promise<void> => {
  await stage.goto(`/warnings/${county.warning}`)
  await stage.page.locator('figure svg[role=img]').waitFor()
}

const theAlert = async (stage: Stage): Promise<void> => {
  await stage.goto('/alerts')
  await stage.page.locator('a.line').first().click()
  await stage.page.getByRole('heading', { name: stage.word('alert.where'), exact: true }).waitFor()
  await stage.page.locator('.maplibregl-canvas').waitFor()
}

const thePost = async (stage: Stage): Promise<void> => {
  await stage.goto('/posts')
  await stage.page.getByRole('link', { name: '派出所值班岗' }).first().click()
  await stage.page.locator('button.shift').first().waitFor()
}

const scenes: Scene[] = [
  { name: 'sign-in', show: async (stage) => {
    await stage.goto('/sign-in')
    await stage.page.getByLabel(stage.word('signin.password')).waitFor()
  } },
  { name: 'sign-in-wrong', show: async (stage) => {
    await stage.goto('/sign-in')
    await stage.page.getByLabel(stage.word('signin.name')).first().fill(`nobody-${stage.language}-${stage.size}`)
    await stage.page.getByLabel(stage.word('signin.password')).fill(`not ${password}`)
    await stage.press('signin.enter')
    await stage.page.getByRole('alert').first().waitFor()
  } },
  { name: 'desk', who: 'duty', show: async (stage) => desk(stage) },
  { name: 'desk-list', who: 'duty', show: async (stage) => desk(stage, '?map=off') },
  { name: 'desk-map', who: 'duty', show: async (stage) => desk(stage, '?map=full') },
  { name: 'desk-picked', who: 'duty', show: async (stage) => {
    await desk(stage)
    const rows = stage.page.locator('.queue [role=option] [data-pick]')
    for (const at of [0, 1, 2]) await rows.nth(at).click({ force: true })
    await stage.page.getByRole('toolbar').waitFor()
  } },
  { name: 'desk-filters', who: 'duty', show: async (stage) => {
    await desk(stage, '?priority=P1,P2')
    if (stage.isPhone) await stage.page.getByRole('button', { name: stage.word('filter.title') }).first().click()
    else await stage.page.getByRole('button', { name: stage.word('filter.state') }).first().click()
    await stage.dialog()
  } },
  { name: 'desk-empty', who: 'duty', show: async (stage) => {
    await stage.goto('/desk?q=nothing-is-called-this')
    await stage.page.getByText(stage.word('queue.none.filtered'), { exact: true }).waitFor()
  } },
  { name: 'desk-closed', who: 'duty', show: async (stage) => desk(stage, '?phase=closed&sort=-updated') },
  { name: 'command-bar', who: 'duty', show: async (stage) => {
    await desk(stage)
    await stage.page.keyboard.press('Control+k')
    await stage.page.getByRole('combobox', { name: stage.word('command.title') }).fill(stage.language === 'zh' ? '井盖' : 'manhole')
    await stage.page.locator('#command-results .chip').first().waitFor()
  } },
  { name: 'key-help', who: 'duty', show: async (stage) => {
    await desk(stage)
    await stage.page.keyboard.press('?')
    await stage.dialog()
  } },
  { name: 'case', who: 'duty', show: async (stage) => theCase(stage, county.pictured) },
  { name: 'case-below', who: 'duty', show: async (stage) => {
    await theCase(stage, county.pictured)
    await stage.page.getByRole('heading', { name: stage.word('case.timeline') }).scrollIntoViewIfNeeded()
    await stage.page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight))
  } },
  { name: 'case-move', who: 'duty', show: async (stage) => {
    await theCase(stage, county.pictured)
    await stage.page.locator('.moves .button').first().click()
    await stage.dialog()
  } },
  { name: 'case-edit', who: 'duty', show: async (stage) => {
    await theCase(stage, county.doubled)
    await stage.press('do.correct')
    await stage.dialog()
  } },
  { name: 'case-duplicates', who: 'duty', show: async (stage) => {
    await theCase(stage, county.doubled)
    await stage.page.getByRole('button', { name: stage.word('merge.into'), exact: true }).first().scrollIntoViewIfNeeded()
  } },
  { name: 'case-merge', who: 'duty', show: async (stage) => {
    await theCase(stage, county.doubled)
    await stage.press('merge.into')
    await stage.dialog()
  } },
  { name: 'case-photo', who: 'duty', show: async (stage) => {
    await theCase(stage, county.pictured)
    await stage.page.locator('button.thumb').first().click()
    await stage.dialog()
  } },
  { name: 'case-closed', who: 'duty', show: async (stage) => theCase(stage, county.closed) },
  { name: 'case-refused', who: 'officer-water', show: async (stage) => {
    await stage.goto(`/cases/${county.hidden}`)
    await stage.page.getByRole('alert').first().waitFor()
  } },
  { name: 'new-report', who: 'clerk', show: async (stage) => {
    await stage.goto('/new')
    await stage.page.getByRole('heading', { name: stage.word('new.title') }).waitFor()
  } },
  { name: 'new-report-filled', who: 'clerk', show: async (stage) => {
    await stage.goto('/new')
    await stage.page.getByLabel(stage.word('new.description')).fill('井盖松动 / loose manhole cover')
    await stage.press('place.numbers')
    await stage.page.getByLabel(stage.word('place.lat')).fill('27.9')
    await stage.page.getByLabel(stage.word('place.lon')).fill('113.2')
    await stage.page.getByLabel(stage.word('place.lon')).blur()
    await stage.press('place.onmap')
    await stage.page.getByRole('heading', { name: stage.word('possible.title') }).scrollIntoViewIfNeeded()
  } },
  { name: 'imports', who: 'steward', show: async (stage) => {
    await stage.goto('/imports')
    await stage.page.getByRole('heading', { name: stage.word('imports.past') }).waitFor()
  } },
  { name: 'import-profile', who: 'steward', show: async (stage) => {
    await stage.goto('/imports')
    await stage.page.locator('input[type=file]').setInputFiles(backlog('backlog.csv'))
    await stage.page.getByLabel(stage.word('imports.mapping')).selectOption('anlan')
    await stage.page.getByLabel(stage.word('place.datum')).selectOption('wgs84')
    await stage.page.getByRole('region', { name: stage.word('trial.title') }).waitFor()
  } },
  { name: 'import-done', who: 'steward', show: async (stage) => {
    await stage.goto('/imports')
    await stage.page.locator('input[type=file]').setInputFiles(twoFaults(`backlog-${stage.language}.csv`, `${stage.language}-${stage.size}`))
    await stage.page.getByLabel(stage.word('imports.mapping')).selectOption('anlan')
    await stage.page.getByLabel(stage.word('place.datum')).selectOption('wgs84')
    await stage.press('imports.start')
    await stage.page.waitForURL(/\/imports\/\d+/)
    await stage.page.getByText(stage.word('import.done'), { exact: true }).first().waitFor()
    await stage.press('quarantine.mend')
  } },
  { name: 'rules', who: 'steward', show: async (stage) => {
    await stage.goto('/rules')
    await stage.page.locator('.fallback').waitFor()
  } },
  { name: 'rules-tried', who: 'steward', show: async (stage) => {
    await stage.goto('/rules')
    await stage.page.locator('.fallback').waitFor()
    await stage.page.getByRole('button', { name: /上移|up/i }).nth(2).click()
    await stage.press('rules.try')
    await stage.page.getByText(stage.word('rules.hits'), { exact: true }).first().waitFor()
  } },
  { name: 'rules-edit', who: 'steward', show: async (stage) => {
    await stage.goto('/rules')
    await stage.page.locator('.fallback').waitFor()
    await stage.press('rules.add')
    await stage.dialog()
  } },
  { name: 'alerts', who: 'duty', show: async (stage) => {
    await stage.goto('/alerts')
    await stage.press('alert.all')
    await stage.page.locator('a.line').nth(3).waitFor()
  } },
  { name: 'alert', who: 'duty', show: async (stage) => theAlert(stage) },
  { name: 'alert-below', who: 'duty', show: async (stage) => {
    await theAlert(stage)
    await stage.page.getByRole('heading', { name: stage.word('alert.trust') }).scrollIntoViewIfNeeded()
  } },
  { name: 'alert-link', who: 'duty', show: async (stage) => {
    await theAlert(stage)
    await stage.press('alert.do.link')
    await stage.dialog()
  } },
  { name: 'warnings', who: 'duty', show: async (stage) => {
    await stage.goto('/warnings')
    await stage.press('warning.all')
    await stage.page.locator('a.line').first().waitFor()
  } },
  { name: 'warning', who: 'duty', show: async (stage) => theWarning(stage) },
  { name: 'warning-below', who: 'duty', show: async (stage) => {
    await theWarning(stage)
    await stage.page.getByRole('heading', { name: stage.word('warning.why') }).scrollIntoViewIfNeeded()
  } },
  { name: 'warning-dismiss', who: 'duty', show: async (stage) => {
    await theWarning(stage)
    await stage.press('warning.do.dismiss')
    await stage.dialog()
  } },
  { name: 'reviews', who: 'privacy', show: async (stage) => {
    await stage.goto('/reviews')
    await stage.page.locator('a.line').first().waitFor()
  } },
  { name: 'review', who: 'privacy', show: async (stage) => {
    await stage.goto('/reviews')
    await stage.page.locator('a.line').first().click()
    await stage.page.locator('figure svg[role=img]').waitFor()
  } },
  { name: 'review-decide', who: 'privacy', show: async (stage) => {
    await stage.goto('/reviews')
    await stage.page.locator('a.line').first().click()
    await stage.press('review.do.clear')
    await stage.dialog()
  } },
  { name: 'warning-budget', who: 'steward', show: async (stage) => {
    await stage.goto('/warnings/budget')
    await stage.page.locator('dl').first().waitFor()
  } },
  { name: 'settings', who: 'duty', show: async (stage) => {
    await stage.goto('/settings')
    await stage.page.getByRole('heading', { name: stage.word('settings.keys') }).waitFor()
  } },
  { name: 'security', who: 'duty', show: async (stage) => {
    await stage.goto('/security')
    await stage.page.getByRole('heading', { name: stage.word('totp.title') }).waitFor()
  } },
  { name: 'accounts', who: 'admin', show: async (stage) => {
    await stage.goto('/accounts')
    await stage.page.locator('tbody tr').first().waitFor()
  } },
  { name: 'account-new', who: 'admin', show: async (stage) => {
    await stage.goto('/accounts')
    await stage.press('accounts.new')
    await stage.dialog()
  } },
  { name: 'account', who: 'admin', show: async (stage) => {
    await stage.goto('/accounts')
    await stage.page.locator('tbody a').first().click()
    await stage.page.getByRole('heading', { name: stage.word('account.about') }).waitFor()
  } },
  { name: 'account-roles', who: 'security', show: async (stage) => {
    await stage.goto('/accounts')
    await stage.page.locator('tbody a').first().click()
    await stage.page.getByRole('heading', { name: stage.word('security.sessions') }).waitFor()
  } },
  { name: 'posts', who: 'security', show: async (stage) => {
    await stage.goto('/posts')
    await stage.page.getByRole('link', { name: '派出所值班岗' }).first().waitFor()
  } },
  { name: 'post', who: 'security', show: async (stage) => thePost(stage) },
  { name: 'post-shifts', who: 'security', show: async (stage) => {
    await thePost(stage)
    await stage.press('week.forward')
    const free = stage.page.locator('button.add')
    for (const at of [0, 2, 4]) await free.nth(at).click()
    await stage.page.getByRole('button', { name: stage.word('week.save'), exact: true }).scrollIntoViewIfNeeded()
  } },
  { name: 'post-shift', who: 'security', show: async (stage) => {
    await thePost(stage)
    await stage.page.locator('button.shift').last().click()
    await stage.dialog()
  } },
  { name: 'post-new', who: 'security', show: async (stage) => {
    await stage.goto('/posts')
    await stage.press('post.new')
    await stage.dialog()
  } },
  { name: 'post-deputy', who: 'security', show: async (stage) => {
    await thePost(stage)
    await stage.press('post.deputy.add')
    await stage.dialog()
  } },
  { name: 'acting', who: 'duty-3', show: async (stage) => {
    await stage.goto('/settings')
    const own = await stage.page.evaluate(async () => ((await (await fetch('/api/session/posts')).json()) as { id: number; name: string }[]).find((post) => post.name === '综治中心值班席')?.id)
    await actFor(stage.page, own)
    await desk(stage)
    await stage.page.getByText(stage.word('acting.as', { post: '综治中心值班席' })).first().waitFor()
    await stage.page.locator('header .me').click()
    await stage.page.getByRole('menuitem', { name: '综治中心值班席' }).waitFor()
  } },
  { name: 'post-ended', who: 'duty-3', show: async (stage) => {
    await stage.goto('/settings')
    const { post, row } = await member(node.url, 'duty-3', `轮值联络岗 ${stage.language} ${stage.size}`)
    await actFor(stage.page, post)
    await stage.goto('/desk')
    await stage.page.getByText(stage.word('acting.as', { post: `轮值联络岗 ${stage.language} ${stage.size}` })).waitFor()
    if (!stage.isPhone) await stage.page.getByText(stage.word('live.on'), { exact: true }).waitFor()
    await endMember(node.url, row)
    await stage.page.getByRole('dialog').getByRole('button', { name: stage.word('ended.self'), exact: true }).waitFor()
  } },
  { name: 'own-deputy', who: 'clinic-1', show: async (stage) => {
    await stage.goto('/settings')
    await stage.page.getByRole('heading', { name: stage.word('own.title') }).waitFor()
    await stage.press('own.deputy')
    await stage.dialog()
  } },
  { name: 'lost', who: 'duty', show: async (stage) => {
    await stage.goto('/no-such-page')
    await stage.page.getByText(stage.word('app.lost.hint')).waitFor()
  } },
  { name: 'public-report', show: async (stage) => {
    await stage.goto(`/report?lang=${stage.language}`)
    await stage.page.locator('#description').waitFor()
  } },
  { name: 'public-report-near', show: async (stage) => {
    await stage.goto(`/report?lang=${stage.language}`)
    await stage.page.locator('#class').selectOption('c01001')
    await stage.page.locator('#point summary').click()
    await stage.page.locator('#lat').fill('27.9')
    await stage.page.locator('#lon').fill('113.2')
    await stage.page.locator('#near').waitFor({ state: 'visible' })
    await stage.page.locator('#near').scrollIntoViewIfNeeded()
  } },
  { name: 'public-report-faults', show: async (stage) => {
    await stage.goto(`/report?lang=${stage.language}`)
    await stage.page.locator('#description').fill('…')
    await stage.page.locator('#point summary').click()
    await stage.page.locator('#lat').fill('north')
    await stage.page.locator('button[type=submit]').last().click()
    await stage.page.locator('#errors').waitFor()
  } },
  { name: 'public-thanks', show: async (stage) => {
    await stage.goto(`/t/${county.freshCode}?said=thanks&lang=${stage.language}`)
    await stage.page.locator('.over').waitFor()
  } },
  { name: 'public-track', show: async (stage) => {
    await stage.goto(`/t/${county.freshCode}?lang=${stage.language}`)
    await stage.page.locator('.over').waitFor()
  } },
  { name: 'public-closed', show: async (stage) => {
    await stage.goto(`/t/${county.closedCode}?lang=${stage.language}`)
    await stage.page.locator('form[action$="/rate"]').waitFor()
  } },
  { name: 'public-rate', show: async (stage) => {
    await stage.goto(`/t/${county.closedCode}?lang=${stage.language}`)
    await stage.page.locator('form[action$="/rate"]').scrollIntoViewIfNeeded()
    await stage.page.locator('form[action$="/reopen"]').scrollIntoViewIfNeeded()
  } },
  { name: 'public-ask', show: async (stage) => {
    await stage.goto(`/track?lang=${stage.language}`)
    await stage.page.locator('main form').waitFor()
  } },
  { name: 'public-unknown', show: async (stage) => {
    await stage.goto(`/t/0000-0000-0000-0000?lang=${stage.language}`)
    await stage.page.locator('h1').waitFor()
  } },
]

/** Each run looks at these; `cargo xtask test --long` at every scene, ANLAN_SCENES=name,name at those named. */
const daily = ['sign-in', 'desk', 'desk-filters', 'command-bar', 'case', 'public-report', 'public-track']
const only = process.env['ANLAN_SCENES']?.split(',') ?? (process.env['ANLAN_LONG'] === '1' ? undefined : daily)

describe.each(['zh', 'en'] as const)('every screen, in %s', (language) => {
  const pages = new Map<string, Watched>()
  afterAll(async () => {
    for (const watched of pages.values()) await watched.context.close()
  })

  async function pageOf(who: string | undefined): Promise<Watched> {
    const key = who ?? ''
    const known = pages.get(key)
    if (known) return known
    const fresh = who === undefined ? await visit(browser, node.url, { language }) : (await Person.signIn(browser, node.url, who, language)).watched
    pages.set(key, fresh)
    return fresh
  }

  test.each(scenes.filter((scene) => !only || only.includes(scene.name)))('$name', async ({ name, who, show }) => {
    const { page, faults } = await pageOf(who)
    const found: string[] = []
    for (const size of Object.keys(sizes) as Size[]) {
      await page.emulateMedia({ colorScheme: 'light' })
      await page.setViewportSize(sizes[size])
      await show(new Stage(page, language, size))
      found.push(...(await look(page, name, language, size)))
    }
    found.push(...faults.splice(0))
    expect(found).toEqual([])
  })
})
