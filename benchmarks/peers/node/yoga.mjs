import { createServer } from "node:http";
import { createYoga } from "graphql-yoga";
import { createLoaders } from "./loaders.mjs";
import { schema } from "./schema.mjs";

// Parsed and validated documents are cached by default.
const yoga = createYoga({
  schema,
  context: () => ({ loaders: createLoaders() }),
  graphiql: false,
  landingPage: false,
  logging: false,
});
createServer(yoga).listen(Number(process.env.PORT), "127.0.0.1");
