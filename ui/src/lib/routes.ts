// The addresses of the inbox. Pure: reading and writing paths.
export type Route =
  | { name: 'inbox'; id: string | null }
  | { name: 'tasks' }
  | { name: 'insights' }
  | { name: 'settings'; section: string | null }
  | { name: 'sign-in' }
  | { name: 'set-up' }
  | { name: 'invitation'; token: string }
  | { name: 'reset'; token: string }
  | { name: 'not-found' };

/** Pages anybody may see. */
export const OPEN = new Set<Route['name']>(['sign-in', 'set-up', 'invitation', 'reset']);

export function parse(pathname: string): Route {
  const [first = '', second, ...more] = pathname.split('/').filter(Boolean).map(decode);
  if (more.length) return { name: 'not-found' };
  if (first === '') return { name: 'inbox', id: null };
  if (first === 'settings') return { name: 'settings', section: second ?? null };
  if (second === undefined) {
    if (first === 'tasks' || first === 'insights' || first === 'sign-in' || first === 'set-up') return { name: first };
    return { name: 'not-found' };
  }
  if (first === 'c') return { name: 'inbox', id: second };
  if (first === 'invitations' || first === 'invitation') return { name: 'invitation', token: second };
  if (first === 'password-resets' || first === 'reset') return { name: 'reset', token: second };
  return { name: 'not-found' };
}

export function path(route: Route): string {
  switch (route.name) {
    case 'inbox':
      return route.id ? `/c/${encodeURIComponent(route.id)}` : '/';
    case 'settings':
      return route.section ? `/settings/${encodeURIComponent(route.section)}` : '/settings';
    case 'invitation':
      return `/invitations/${encodeURIComponent(route.token)}`;
    case 'reset':
      return `/password-resets/${encodeURIComponent(route.token)}`;
    case 'not-found':
      return '/';
    default:
      return `/${route.name}`;
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
