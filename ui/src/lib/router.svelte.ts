// Where we are, by the history API. Plain links work: clicks on <a href="/…"> stay in the page.
import { parse, path, type Route } from './routes';

class Router {
  route = $state.raw<Route>(parse(location.pathname));
  query = $state.raw(new URLSearchParams(location.search));

  constructor() {
    addEventListener('popstate', () => this.read());
    addEventListener('click', (event) => this.click(event));
  }

  /** Goes to a route or a path with query. */
  go(to: Route | string, { replace = false } = {}) {
    const url = typeof to === 'string' ? to : path(to);
    if (url !== location.pathname + location.search) history[replace ? 'replaceState' : 'pushState'](null, '', url);
    this.read();
  }

  private read() {
    this.route = parse(location.pathname);
    this.query = new URLSearchParams(location.search);
  }

  private click(event: MouseEvent) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.pathname.startsWith('/api/')) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const router = new Router();
