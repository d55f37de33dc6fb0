// The address bar and the filters say the same thing in both directions.
import { describe, expect, it } from 'vitest';
import { countFilters, deskAddress, type Filters, judge, noFilters, readFilters, serverQuery, writeFilters } from '../src/cases/filters';

const CASES: [string, Partial<Filters>][] = [
  ['nothing', {}],
  ['lists', { state: ['report', 'verify'], office: ['2', '3'], priority: ['P1'], class: ['c01001'], cell: ['7'] }],
  ['flags', { overdue: true, mine: true }],
  ['words with signs', { q: '井盖 & 100% #1,“路”' }],
  ['an area and days', { bbox: '118.1,29.8,118.4,30.05', opened_from: '2026-01-01', opened_to: '2026-02-01' }],
  ['phase and order', { phase: 'all', sort: '-opened' }],
  ['one text each', { channel: 'web', source: 'boston-2011', division: '341000' }],
];

describe('filters and address', () => {
  it.each(CASES)('%s survive the round trip', (_, part) => {
    const filters = { ...noFilters(), ...part };
    expect(readFilters(`?${writeFilters(filters)}`)).toEqual(filters);
    expect(readFilters(new URL(deskAddress(filters), 'http://host').search)).toEqual(filters);
  });
  it('leaves the plain queue without a query', () => {
    expect(deskAddress(noFilters())).toBe('/desk');
    expect(countFilters(noFilters())).toBe(0);
  });
  it('ignores what it does not know and what makes no sense', () => {
    expect(readFilters('?phase=gone&sort=x&bbox=1,2,3&opened_from=soon&utm=1&state=,a,,a')).toEqual({ ...noFilters(), state: ['a'] });
  });
  it('asks the server for one phase, or for all by not naming any', () => {
    expect(serverQuery(noFilters())).toEqual({ phase: 'open' });
    expect(serverQuery({ ...noFilters(), phase: 'all', overdue: true })).toEqual({ overdue: 'true' });
  });
  it('turns days of the node into instants, the last day included', () => {
    expect(serverQuery({ ...noFilters(), opened_from: '2026-03-01', opened_to: '2026-03-31' }, 'Asia/Shanghai')).toEqual({
      phase: 'open', opened_from: '2026-02-28T16:00:00.000Z', opened_to: '2026-03-31T16:00:00.000Z',
    });
  });
  it('keeps how the map is shown', () => {
    expect(deskAddress({ ...noFilters(), mine: true }, new URLSearchParams('map=off&at=4'))).toBe('/desk?mine=true&map=off');
  });
});

describe('judging a live change', () => {
  const event = { phase: 'open', state: 'report', priority: 'P2', office: 3, cell: 9, point: [118.3, 29.9] as [number, number], overdue: false };
  it.each<[string, Partial<Filters>, string]>([
    ['no filter', {}, 'yes'],
    ['its office', { office: ['3'] }, 'yes'],
    ['another office', { office: ['4'] }, 'no'],
    ['another phase', { phase: 'closed' }, 'no'],
    ['only overdue', { overdue: true }, 'no'],
    ['inside the area', { bbox: '118,29,119,30' }, 'yes'],
    ['outside the area', { bbox: '10,10,11,11' }, 'no'],
    ['words, which the event does not carry', { q: '井盖' }, 'unsure'],
    ['class, which the event does not carry', { class: ['c01001'] }, 'unsure'],
  ])('%s', (_, part, verdict) => {
    expect(judge({ ...noFilters(), ...part }, event)).toBe(verdict);
  });
});
