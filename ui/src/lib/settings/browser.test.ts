import { expect, test } from 'vitest';
import { browserOf } from './browser';

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const EDGE = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0';
const PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

test.each([
  [CHROME, 'Chrome', 'Linux', false],
  [EDGE, 'Edge', 'Windows', false],
  [PHONE, 'Safari', 'iOS', true],
  ['curl/8.5', null, null, false],
])('%s', (agent, browser, system, phone) => {
  expect(browserOf(agent)).toEqual({ browser, system, phone });
});
