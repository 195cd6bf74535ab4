// Serves the views of ../postgraphile.sql. PostGraphile caches documents and plans by default.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const service = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["peers"],
      poolConfig: { max: Number(process.env.DATABASE_POOL), idleTimeoutMillis: 0 },
    }),
  ],
  grafserv: { graphiql: false, watch: false, websockets: false },
  grafast: { explain: false },
  schema: { defaultBehavior: "+list" },
});
const server = createServer();
await service.createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
