import js from "@eslint/js";
import tseslint from "typescript-eslint";

// Every line counts, blank ones and comments too: a reader has to see them all.
const sizes = {
  "max-lines": ["error", 250],
  "max-lines-per-function": ["error", 40],
  "max-depth": ["error", 3],
};

const globalsOfNode = [
  "AbortController",
  "Buffer",
  "URL",
  "URLSearchParams",
  "clearTimeout",
  "console",
  "fetch",
  "performance",
  "process",
  "setInterval",
  "setTimeout",
];

export default tseslint.config(
  { ignores: ["**/dist/", "coverage/", "**/node_modules/", ".tools/", ".demo/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["provider/**/*.{ts,mts}", "sandbox/**/*.ts", "test/**/*.ts", "bench/**/*.ts", "tools/**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // One import statement for a module: `import type` where all of it is types, else `type` before each name.
      "no-duplicate-imports": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true } }],
      eqeqeq: "error",
      ...sizes,
    },
  },
  {
    // Mocha's describe and it return objects that nobody awaits, and a suite is one function.
    files: ["test/**/*.ts", "sandbox/test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "max-lines": "off",
      "max-lines-per-function": "off",
    },
  },
  {
    // One table, a row for each code.
    files: ["tools/docs/errorAdvice.ts"],
    rules: { "max-lines": "off" },
  },
  {
    files: ["tools/**/*.{mjs,cjs}", "eslint.config.mjs"],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: Object.fromEntries(globalsOfNode.map((name) => [name, "readonly"])),
    },
    rules: { "no-unused-vars": ["error", { ignoreRestSiblings: true }], eqeqeq: "error", ...sizes },
  },
);
