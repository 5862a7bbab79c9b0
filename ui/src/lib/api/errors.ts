// What the API answers when it refuses (RFC 9457), and how a person reads it.
import { errors } from '$lib/i18n/errors';

interface Problem {
  status?: number;
  code?: string;
  detail?: string;
  errors?: { where: string; problem: string; line?: number | null }[];
}

export class ApiError extends Error {
  /** 0: nothing answered. */
  readonly status: number;
  readonly code: string;
  /** By field, where the API says which. */
  readonly fields: Record<string, string>;
  /** Of a playbook's text: what is wrong in which line. */
  readonly lines: { line: number; problem: string }[];
  /** Seconds to wait before the next attempt; 0: none were named. */
  readonly retryAfter: number;

  constructor(status: number, body: unknown, retryAfter = 0) {
    const problem = (typeof body === 'object' && body !== null ? body : {}) as Problem;
    super(problem.detail ?? '');
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? (status === 0 ? 'network' : 'server');
    this.fields = Object.fromEntries((problem.errors ?? []).map((one) => [one.where.replace(/^body\./, ''), one.problem]));
    this.lines = (problem.errors ?? []).flatMap(({ line, problem: words }) => (line ? [{ line, problem: words }] : []));
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed by itself later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Says an error in the reader's language, with what to do. */
export function inWords(error: unknown): string {
  if (!(error instanceof ApiError)) return errors.server;
  if (error.status === 0) return errors.network;
  const known = (errors.codes as Record<string, string>)[error.code];
  if (known) return known;
  return error.status < 500 && error.message ? error.message : errors.server;
}
