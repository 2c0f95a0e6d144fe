// While developing: hands the page's WebSocket at /api to a running engine's control socket, so
// that the real page works in an ordinary browser. `DEQUEUE_SOCKET=PATH npm run dev`.

import { connect } from "node:net";
import type { Plugin } from "vite";
import { WebSocketServer } from "ws";

/** The control socket's messages: four bytes of length, most significant first, then JSON. */
const HEAD = 4;

export function bridge(): Plugin {
  return {
    name: "dequeue-bridge",
    apply: "serve",
    configureServer(server) {
      const path = process.env.DEQUEUE_SOCKET;
      if (!path) return;
      const pages = new WebSocketServer({ noServer: true });
      server.httpServer?.on("upgrade", (request, socket, head) => {
        if (request.url !== "/api") return;
        pages.handleUpgrade(request, socket, head, (page) => {
          const engine = connect(path);
          let held = Buffer.alloc(0);
          engine.on("data", (bytes) => {
            held = Buffer.concat([held, bytes]);
            while (held.length >= HEAD && held.length >= HEAD + held.readUInt32BE(0)) {
              const end = HEAD + held.readUInt32BE(0);
              page.send(held.subarray(HEAD, end).toString("utf8"));
              held = held.subarray(end);
            }
          });
          engine.on("error", () => page.close());
          engine.on("close", () => page.close());
          page.on("close", () => engine.destroy());
          page.on("message", (data) => {
            const body = Buffer.from(String(data), "utf8");
            const size = Buffer.alloc(HEAD);
            size.writeUInt32BE(body.length);
            engine.write(Buffer.concat([size, body]));
          });
        });
      });
    },
  };
}
