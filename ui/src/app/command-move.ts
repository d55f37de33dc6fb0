// Carries out a move said in the command line; where it needs more words, says what to ask.
import type { CaseDetail, MoveOffer } from '../api/nouns';
import { OpenCase } from '../cases/case.svelte';
import { inLang, t } from '../words/words';
import type { Command } from './commands';
import { nameOf, reference } from './reference.svelte';

export interface Ask {
  case: OpenCase;
  offer: MoveOffer;
  about: string;
  office: string;
  note: string;
}
export type Said = { kind: 'done'; number: string } | { kind: 'wrong'; text: string } | { kind: 'ask'; ask: Ask };
type Move = Extract<Command, { kind: 'move' }>;

function isComplete(offer: MoveOffer, said: Move): boolean {
  const { needs } = offer;
  return !offer.grave && !needs.reason && !needs.rule && !needs.until && (!needs.office || !!said.office) && (!needs.note || !!said.note);
}

function refusal(said: Move, detail: CaseDetail, offer: MoveOffer | undefined): string {
  const why = offer?.why_not ? inLang(offer.why_not) : '';
  return `${t('command.refused', { move: nameOf(said.move), state: reference.stateName(detail.state) })} ${why}`.trim();
}

export async function sayMove(said: Move, number: string): Promise<Said> {
  const opened = new OpenCase();
  await opened.loadOnce(number);
  const { detail } = opened;
  if (!detail) return { kind: 'wrong', text: t('command.nocase', { number }) };
  const offer = detail.moves.find((m) => m.code === said.move.code);
  if (!offer?.allowed) return { kind: 'wrong', text: refusal(said, detail, offer) };
  const office = said.office ? String(said.office.id) : '';
  if (!isComplete(offer, said)) return { kind: 'ask', ask: { case: opened, offer, about: `${detail.number} · ${detail.title}`, office, note: said.note } };
  try {
    await opened.move({ move: offer.code, ...(said.note ? { note: said.note } : {}), ...(said.office ? { office: said.office.id } : {}) });
    return { kind: 'done', number: detail.number };
  } catch (error) {
    return { kind: 'wrong', text: error instanceof Error ? error.message : String(error) };
  }
}
