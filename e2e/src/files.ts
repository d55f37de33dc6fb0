// Files people hand in: a backlog with every common fault, pictures, and what only pretends to be one.
import type { Buffer as Bytes } from 'node:buffer'

/** A file as a browser's file field takes it. */
export interface Given {
  name: string
  mimeType: string
  buffer: Bytes
}

const good = (n: number): string => `B-${String(n).padStart(4, '0')},2026-03-${String(1 + (n % 28)).padStart(2, '0')} 08:${String(n % 60).padStart(2, '0')}:00,路灯不亮 ${n},${n} 号路灯整夜不亮,示范路 ${n} 号,${(113.2 + n / 5000).toFixed(5)},${(27.9 + n / 7000).toFixed(5)}`

/** 60 good rows, one default point with 12 more, and five rows that have to be kept back. */
export function backlog(name: string): Given {
  const rows = [
    '编号,上报时间,标题,描述,地址,经度,纬度',
    ...Array.from({ length: 60 }, (_, n) => good(n)),
    ...Array.from({ length: 12 }, (_, n) => `D-${n},2026-03-05 09:00:00,咨询 ${n},市民咨询,县政府,113.25,27.95`),
    'X-1,2026-13-45 08:00:00,日期有误,月份不存在,示范路,113.2,27.9',
    'X-2,2026-03-02 08:00:00,坐标颠倒,经纬度写反,,27.9,113.2',
    ',2026-03-02 08:00:00,没有编号,缺少编号,示范路,113.2,27.9',
    'X-4,,没有时间,缺少时间,示范路,113.2,27.9',
    'X-5,2026-03-02 08:00:00,坐标为零,坐标没有填写,,0,0',
    good(3),
  ]
  return { name, mimeType: 'text/csv', buffer: Buffer.from(`${rows.join('\n')}\n`) }
}

/** A backlog in which two rows have to be kept back, both of which can be mended by hand. */
export function twoFaults(name: string, mark: string): Given {
  const rows = ['编号,上报时间,标题,描述,地址,经度,纬度', good(1), good(2), `${good(3).replace(/^B-/, 'Z-').replace('2026-03-04', '2026-13-45')}`, good(4).replace(/^B-/, 'Z-').replace(/,113[^,]*,/, ',27.9,').replace(/27\.90057$/, '113.2')]
  const own = rows.map((row, n) => (n === 0 ? row : `${mark}-${row}`))
  return { name, mimeType: 'text/csv', buffer: Buffer.from(`${own.join('\n')}\n`) }
}

/** Named like a picture, and none. */
export const zipNamedJpg: Given = {
  name: 'photo.jpg',
  mimeType: 'image/jpeg',
  buffer: Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 0, 0]), Buffer.alloc(600, 7)]),
}
