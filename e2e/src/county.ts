// What the screens are shown with: cases of every main condition, found or made on the demo node.
import { setTimeout } from 'node:timers/promises'
import { Account, type CaseLine } from './api.ts'

/** Cases by what they show. */
export interface County {
  /** With photos and with moves offered to the duty desk. */
  pictured: string
  /** With a likely duplicate beside it. */
  doubled: string
  /** Closed, by number, and its reporter's link. */
  closed: string
  closedCode: string
  /** Just handed in, and its reporter's link. */
  freshCode: string
  /** One that the water office may not see. */
  hidden: string
  /** A warning that nobody has decided about. */
  warning: number
}

const place = { class: 'c01001', address: '示范路 12 号 / 12 Demo Road', point: [113.2, 27.9], datum: 'wgs84', error_m: 15 }

/** Reports in one place until they stand out. */
async function surge(duty: Account, clerk: Account): Promise<number> {
  for (let sent = 1; sent <= 12; sent++) {
    await clerk.report({ ...place, class: 'demo/gas-smell', description: `楼道里有燃气味，很浓。Strong smell of gas, call ${sent}.`, point: [113.215, 27.915] })
    for (let tries = 0; sent > 3 && tries < 15; tries++) {
      const [found] = (await duty.get<{ items: { id: number; group: string }[] }>('/api/warnings?state=raised&limit=50')).items.filter((one) => one.group === 'gas')
      if (found) return found.id
      await setTimeout(200)
    }
  }
  throw new Error('twelve reports of gas in one place raised no warning')
}

export async function prepare(url: string): Promise<County> {
  const [duty, clerk, supervisor] = await Promise.all(['duty', 'clerk', 'supervisor'].map(async (name) => Account.signIn(url, name)))
  if (!duty || !clerk || !supervisor) throw new Error('nobody signed in')
  const open = await duty.get<{ items: CaseLine[] }>('/api/cases?phase=open&sort=due&limit=60')
  let pictured: string | undefined
  for (const line of open.items) {
    const found = await duty.case(line.id)
    if (found.photos.length > 0 && found.moves.some((move) => move.allowed && move.code !== 'urge') && found.timeline.length > 2) {
      pictured = found.number
      break
    }
  }
  if (pictured === undefined) throw new Error('no open case has photos and moves')
  const words = (n: number): object => ({ ...place, description: `路口井盖松动，车辆经过时发出响声，夜间尤其明显，请尽快派人查看。Loose manhole cover, call ${n}.`, contact: { name: '王女士', phone: '13800000000' } })
  const fresh = await clerk.report(words(1))
  const doubled = await clerk.report(words(2))
  const done = await clerk.report({ ...words(3), point: [113.21, 27.91] })
  await supervisor.move(done.case, 'force_close', { reason: 'cannot_fix', note: '管线改造期间统一更换。' })
  return { pictured, doubled: doubled.number, closed: done.number, closedCode: done.tracking_code, freshCode: fresh.tracking_code, hidden: doubled.number, warning: await surge(duty, clerk) }
}
