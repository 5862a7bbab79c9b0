// Tells a browser and its system by what it calls itself; roughly, for people to recognise theirs. Pure.
const BROWSERS = [
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/HeadlessChrome\/|Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
] as const;
const SYSTEMS = [
  [/Android/, 'Android'],
  [/iPhone|iPad|iPod/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
] as const;

export function browserOf(agent: string): { browser: string | null; system: string | null; phone: boolean } {
  const find = (list: typeof BROWSERS | typeof SYSTEMS) => list.find(([mark]) => mark.test(agent))?.[1] ?? null;
  return { browser: find(BROWSERS), system: find(SYSTEMS), phone: /Mobi|Android|iPhone/.test(agent) };
}
