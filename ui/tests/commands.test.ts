// What the command line understands, and what it says when it does not.
import { describe, expect, it } from 'vitest';
import { caseNumber, parseCommand, type Words } from '../src/app/commands';

const office = (id: number, name_zh: string, name_en: string) => ({ id, code: `O${id}`, name_zh, name_en, kind: 'department' as const, division: '', is_active: true });
const words: Words = {
  moves: [
    { code: 'dispatch', name_zh: '派遣', name_en: 'Dispatch' },
    { code: 'urge', name_zh: '督办', name_en: 'Urge' },
    { code: 'extend', name_zh: '延期', name_en: 'Extend' },
    { code: 'force_close', name_zh: '强制结案', name_en: 'Force close' },
  ],
  offices: [office(2, '水务局', 'Water bureau'), office(3, '城管局', 'City management bureau'), office(4, '水务局东站', 'Water bureau east station')],
  ways: [{ href: '/imports', words: ['导入', 'Imports'] }],
};
const parse = (text: string) => parseCommand(text, words);

describe('case numbers', () => {
  it.each([
    ['AL26-000123', 'AL26-000123'], ['al26000123', 'AL26-000123'], ['AL26-123', 'AL26-000123'], ['#42', '42'], ['42', '42'],
    ['AL2-1', undefined], ['hello', undefined], ['AL26-1234567', undefined],
  ])('%s', (text, number) => {
    expect(caseNumber(text)).toBe(number);
  });
});

describe('commands', () => {
  it('knows nothing, a case, a place and a search', () => {
    expect(parse('  ')).toEqual({ kind: 'empty' });
    expect(parse('AL26-000123')).toEqual({ kind: 'case', number: 'AL26-000123' });
    expect(parse('导入')).toEqual({ kind: 'go', href: '/imports' });
    expect(parse('imports')).toEqual({ kind: 'go', href: '/imports' });
    expect(parse('井盖 缺失')).toEqual({ kind: 'search', text: '井盖 缺失' });
  });
  it.each([
    ['派 AL26-000123 水务局', 'dispatch', 2],
    ['派遣 AL26-000123 城管', 'dispatch', 3],
    ['dispatch AL26-000123 Water', 'dispatch', 2],
    ['DISPATCH al26000123 city management bureau', 'dispatch', 3],
    ['AL26-000123 派 水务局东站', 'dispatch', 4],
    ['assign AL26-123 O3', 'dispatch', 3],
  ])('reads “%s”', (text, move, id) => {
    const command = parse(text);
    expect(command).toMatchObject({ kind: 'move', number: 'AL26-000123', wrong: 'none', move: { code: move }, office: { id } });
  });
  it('takes what is left as the note', () => {
    expect(parse('派 AL26-000123 水务局 请 今晚 处理')).toMatchObject({ office: { id: 2 }, note: '请 今晚 处理' });
    expect(parse('urge 123 third time today')).toMatchObject({ move: { code: 'urge' }, number: '123', note: 'third time today' });
  });
  it('says which part it could not read', () => {
    expect(parse('派')).toMatchObject({ kind: 'move', number: undefined, wrong: 'none' });
    expect(parse('派 xyz')).toMatchObject({ kind: 'move', wrong: 'number' });
    expect(parse('派 AL26-000123 教育局')).toMatchObject({ kind: 'move', wrong: 'office' });
  });
});
