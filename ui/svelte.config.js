// How Svelte compiles: runes everywhere, so that state is always explicit.
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess({ style: false }),
  compilerOptions: {
    runes: true,
  },
};
