// The one way to the API: typed by the schema, scoped to the workspace, errors thrown as ApiError.
import createClient from 'openapi-fetch';
import { ApiError } from './errors';
import type { paths } from './schema';

const scope: { workspace: string | null; signedOut: () => void } = { workspace: null, signedOut: () => undefined };

/** Says which workspace every request is for. */
export function useWorkspace(id: string | null) {
  scope.workspace = id;
}
export const currentWorkspace = () => scope.workspace;

/** Says what happens when the API no longer knows who we are. */
export function onSignedOut(run: () => void) {
  scope.signedOut = run;
}

export const api = createClient<paths>({
  baseUrl: typeof location === 'undefined' ? 'http://localhost' : location.origin,
  credentials: 'same-origin',
  querySerializer: { array: { style: 'form', explode: true } },
});

api.use({
  onRequest({ request }) {
    if (scope.workspace) request.headers.set('Relevo-Workspace', scope.workspace);
    return request;
  },
  onError() {
    return new ApiError(0, null);
  },
});

/**
 * Unwraps an answer: `const page = await data(api.GET('/api/v1/tasks'))`.
 *
 * @throws ApiError
 */
export async function data<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data: found, error, response } = await call;
  if (response.ok) return found as T;
  if (response.status === 401) scope.signedOut();
  throw new ApiError(response.status, error, Number(response.headers.get('Retry-After')) || 0);
}
