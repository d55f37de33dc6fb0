// Both dictionaries say the same things: same keys, same parameters, nothing empty.
import { describe, expect, it } from 'vitest';
import { en } from '../src/words/en';
import { fill } from '../src/words/words';
import { zh } from '../src/words/zh';

const params = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)/g)].map((m) => m[1] ?? ''))].sort();
const keys = Object.keys(zh) as (keyof typeof zh)[];

describe('dictionaries', () => {
  it('have the same keys', () => {
    expect(Object.keys(en).sort()).toEqual([...keys].sort());
  });
  it('have words for every key, with the same parameters', () => {
    const faults = keys.filter((key) => !zh[key].trim() || !en[key].trim() || params(en[key]).join() !== params(zh[key]).join());
    expect(faults).toEqual([]);
  });
  it('writes Chinese in the Chinese one and none in the English one', () => {
    const han = /\p{Script=Han}/u;
    expect(keys.filter((key) => han.test(en[key]))).toEqual([]);
    const latinOnly = keys.filter((key) => !han.test(zh[key]) && !key.startsWith('datum.'));
    expect(latinOnly).toEqual([]);
  });
});

describe('fill', () => {
  it('groups digits and picks the word that fits the number', () => {
    expect(fill('{n} {n|case|cases}', { n: 1 })).toBe('1 case');
    expect(fill('{n} {n|case|cases}', { n: 12345 })).toBe('12,345 cases');
    expect(fill('{n} {n|case|cases}', { n: 0 })).toBe('0 cases');
  });
  it('puts texts in as they are', () => {
    expect(fill('关于“{name}”', { name: '<b>{n}</b>' })).toBe('关于“<b>{n}</b>”');
  });
});
