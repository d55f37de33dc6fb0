// How a rule names its office: by code, or by what kind of office serves the place.
import { nameOf, reference } from '../app/reference.svelte';
import { t } from '../words/words';

export const OF_PLACE = ['street-of-place', 'station-of-place', 'department-of-place', 'centre-of-place'] as const;

export function officeText(code: string): string {
  const kind = OF_PLACE.find((k) => k === code);
  if (kind) return t(`rules.${kind}`);
  return nameOf(reference.offices.find((office) => office.code === code), code);
}
