// One story after another: each has a node of its own, and two cores are few for browser and program.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['stories/**/*.story.ts'],
    testTimeout: 400_000,
    hookTimeout: 360_000,
    fileParallelism: false,
    retry: 0,
  },
})
