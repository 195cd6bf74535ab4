import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { createLoaders } from "./loaders.mjs";
import { schema } from "./schema.mjs";

// Parsed and validated documents are cached by default.
const server = new ApolloServer({ schema, introspection: false });
await startStandaloneServer(server, {
  context: async () => ({ loaders: createLoaders() }),
  listen: { port: Number(process.env.PORT), host: "127.0.0.1" },
});
