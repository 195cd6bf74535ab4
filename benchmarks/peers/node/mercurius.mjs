import Fastify from "fastify";
import mercurius from "mercurius";
import { createLoaders } from "./loaders.mjs";
import { schema } from "./schema.mjs";

// Parsed and validated documents are cached by default. With `jit: 1` they are compiled too.
const app = Fastify({ logger: false });
app.register(mercurius, {
  schema,
  jit: 1,
  context: () => ({ loaders: createLoaders() }),
});
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
