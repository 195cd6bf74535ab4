// What a bundler with babel-plugin-relay does: a tag stands for its artifact, and an artifact
// is found without its extension.

import { createRequire, registerHooks } from 'node:module';

registerHooks({
  resolve: (name, context, next) => next(name.endsWith('.graphql') ? `${name}.ts` : name, context),
});
const require = createRequire(import.meta.url);

export function graphql([text = '']: TemplateStringsArray): any {
  const name = /(?:query|mutation|subscription|fragment)\s+(\w+)/.exec(text)?.[1];
  return require(`./__generated__/${name}.graphql.ts`).default;
}
