// How the console is built: one page, screens and the map in chunks of their own, nothing inlined that the
// content security policy would refuse.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [svelte()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // Scripts and styles stay files: the policy allows 'self' only, and data: URLs only for images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1500,
  },
  server: {
    proxy: { '/api': 'http://127.0.0.1:8080', '/t': 'http://127.0.0.1:8080', '/report': 'http://127.0.0.1:8080' },
  },
});
