// Prices in millionths of a currency, as people write them: `0.0125` or `0,0125`. Pure.
const MILLION = 1_000_000;

export const shown = (micros: number): string => (micros === 0 ? '' : String(micros / MILLION));

/** Null: not a price. Nothing written is nothing charged. */
export function parsed(text: string): number | null {
  const clean = text.trim().replace(',', '.');
  if (clean === '') return 0;
  if (!/^\d+(\.\d+)?$/.test(clean)) return null;
  return Math.round(Number(clean) * MILLION);
}
