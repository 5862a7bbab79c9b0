// Builds the inbox into the Python package, which serves it. In development, `/api` goes to a running service.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { loadEnv } from 'vite';
import { defineConfig } from 'vitest/config';

const here = (path: string) => decodeURIComponent(new URL(path, import.meta.url).pathname);

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, here('.'), 'RELEVO_');
  const service = env.RELEVO_DEV_URL ?? 'http://127.0.0.1:8000';
  const token = env.RELEVO_DEV_TOKEN;
  return {
    plugins: [svelte()],
    resolve: { alias: { $lib: here('./src/lib') } },
    build: {
      outDir: here('../src/relevo/web/inbox'),
      emptyOutDir: true,
      // What light-dark(), popover and dialog need anyway; older targets would only add code.
      target: ['chrome123', 'firefox125', 'safari17.5'],
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
    server: {
      proxy: {
        '/api': {
          target: service,
          changeOrigin: true,
          // The service takes a browser's requests from its own origin only.
          headers: { origin: service, ...(token ? { authorization: `Bearer ${token}` } : {}) },
        },
      },
    },
    test: { include: ['src/**/*.test.ts'], environment: 'node' },
  };
});
