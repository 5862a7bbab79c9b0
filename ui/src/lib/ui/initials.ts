// What an avatar shows: at most two letters, and a hue that stays with the name.
export function initials(name: string): string {
  const words = name.replace(/[^\p{L}\p{N}\s]/gu, ' ').trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...(word ?? '')][0] ?? '').join('').toUpperCase();
}

export function hue(seed: string): number {
  let sum = 0;
  for (let at = 0; at < seed.length; at += 1) sum = (sum * 31 + seed.charCodeAt(at)) >>> 0;
  return (sum % 24) * 15;
}
